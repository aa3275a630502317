internal import CLinux
package import Diagnostics
internal import Glibc
internal import Synchronization

/// Ends the process when a file operation blocks longer than the timeout.
///
/// It watches all threads, and the processes that read files for this one. `/proc` shows the system
/// call in which a thread blocks, so this covers every library that opens files. A call makes
/// progress while its thread is scheduled now and then, as a long `fsync` is while the disk writes.
/// Without `/proc` nothing is watched.
package final class FileWatchdog: @unchecked Sendable {
  /// The prefix of the message: `rank 0: `, empty without a launcher.
  private let prefix: String
  private let timeout: Duration
  private let limit: Duration
  private let pause = Pause()
  private var waits: [Wait] = []

  /// When the first thread last received messages of other ranks, in milliseconds of the monotonic
  /// clock; 0 if there is no other rank.
  private static let contact = Atomic<Int>(0)

  /// Processes that read files for this one.
  private static let readers = Mutex<Set<pid_t>>([])
  private static let isRunning = Atomic<Bool>(false)

  /// Starts to watch a process that reads files for this one.
  package static func watch(_ process: Int32) { _ = readers.withLock { $0.insert(process) } }

  /// Stops watching a process that reads files for this one.
  package static func forget(_ process: Int32) { _ = readers.withLock { $0.remove(process) } }

  /// Returns whether a process blocks in a file operation and the watchdog runs.
  package static func isWaitingForFile(_ process: Int32) -> Bool {
    var call = linux_wait()
    guard isRunning.load(ordering: .relaxed), unsafe linux_current_wait(process, &call) == 0 else {
      return false
    }
    return Wait(thread: process, call: call).fileOperation != nil
  }

  /// Records that the first thread has just received messages of other ranks.
  package static func recordContact() { contact.store(linux_milliseconds(), ordering: .relaxed) }

  /// Starts to watch, until the process ends.
  ///
  /// Higher ranks wait a little longer, so that the lowest of those that block on the same file
  /// prints the message.
  package static func start(_ timeout: Duration, rank: Int?) throws(Failure) {
    let watch = FileWatchdog(timeout, rank)
    _ = try JoinableThread("the thread that watches files", stop: { watch.pause.end() }) {
      watch.run()
    }
    isRunning.store(true, ordering: .relaxed)
  }

  private init(_ timeout: Duration, _ rank: Int?) {
    self.timeout = timeout
    limit = timeout + .milliseconds(300 * min(rank ?? 0, 10))
    prefix = rank.map { "rank \($0): " } ?? ""
    // A training step must not allocate.
    waits.reserveCapacity(64)
  }

  private func run() {
    let tick = max(50, min(1000, Int(limit / .milliseconds(20))))
    while pause.wait(milliseconds: tick) {
      look(tick)
      let silence = Self.contact.load(ordering: .relaxed)
      let isAwaited = silence > 0 && linux_milliseconds() - silence >= Int(limit / .milliseconds(1))
      for wait in waits where wait.age >= min(limit, .seconds(1)) {
        // Other ranks wait for the first thread and would end it with a message that names no file.
        guard wait.age >= limit || (isAwaited && isOfFirstThread(wait)) else { continue }
        if let operation = wait.fileOperation { end(operation) }
      }
    }
  }

  /// Returns whether the first thread blocks, or a process that reads for it.
  private func isOfFirstThread(_ wait: Wait) -> Bool {
    wait.thread == getpid() || Self.readers.withLock { $0.contains(wait.thread) }
  }

  /// Updates `waits` for all threads and readers; allocates only if their number grows.
  private func look(_ tick: Int) {
    var count = 0
    JoinableThread.forEach { look(at: $0, &count, tick) }
    Self.readers.withLock { readers in
      for reader in readers { look(at: reader, &count, tick) }
    }
    waits.removeLast(waits.count - count)
  }

  private func look(at thread: pid_t, _ count: inout Int, _ tick: Int) {
    var call = linux_wait()
    let isWaiting = unsafe linux_current_wait(thread, &call) == 0
    if count == waits.count { waits.append(Wait(thread: thread, call: call)) }
    if isWaiting, waits[count].thread == thread, waits[count].isIn(call) {
      // Time in which the whole process was stopped does not count.
      waits[count].age += .milliseconds(tick)
    } else {
      waits[count] = Wait(thread: thread, call: call)
    }
    count += 1
  }

  private func end(_ operation: String) -> Never {
    printError(
      "\(prefix)\(operation) has not returned for \(timeout.components.seconds) s: the file system "
        + "does not respond; check its server, or raise --timeout if it is only slow")
    _exit(ExitCode.internalError.rawValue)
  }
}

/// A system call in which a thread blocks.
private struct Wait {
  let thread: pid_t
  let call: linux_wait
  /// How long the call has made no progress.
  var age = Duration.zero

  init(thread: pid_t, call: linux_wait) {
    self.thread = thread
    self.call = call
  }

  /// Returns whether a later observation is of the same call without progress.
  func isIn(_ other: linux_wait) -> Bool {
    (call.number, call.first, call.second, call.switches)
      == (other.number, other.first, other.second, other.switches)
  }

  /// The operation and its file (`fsync of '/runs/a.h5'`); nil if the call is not on a file.
  var fileOperation: String? {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let name = unsafe withUnsafePointer(to: call) {
      unsafe linux_file_operation(thread, $0, &path, path.count).map { unsafe String(cString: $0) }
    }
    let bytes = path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return name.map { "\($0) of '\(String(path: bytes))'" }
  }
}
