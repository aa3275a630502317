internal import CLinux
package import Diagnostics
internal import Glibc
internal import Synchronization

/// Ends the process when a file operation of one of its threads, or of a process that reads files for it,
/// does not return in time.
///
/// The kernel says in which call a thread waits, so this covers every library that opens files. A
/// call makes progress while its thread runs now and then: a long `fsync` does as long as its disk
/// writes. Without `/proc` nothing is watched.
package final class FileWatch: @unchecked Sendable {
  /// What begins the line that ends a process: `rank 0: `, empty without a launcher.
  private let prefix: String
  private let timeout: Duration
  private let limit: Duration
  private let pause = Pause()
  private var waits: [Wait] = []

  /// The time at which the first thread last heard of another rank, in milliseconds of the
  /// monotonic clock; 0 where there is no other rank.
  private static let contact = Atomic<Int>(0)

  /// The processes that read files for this one.
  private static let readers = Mutex<Set<pid_t>>([])
  private static let isRunning = Atomic<Bool>(false)

  /// Watches a process that reads files for this one, until it is forgotten.
  package static func watch(_ process: Int32) { _ = readers.withLock { $0.insert(process) } }

  package static func forget(_ process: Int32) { _ = readers.withLock { $0.remove(process) } }

  /// Whether a process waits for a file, and this one is ended if that takes too long.
  package static func sees(_ process: Int32) -> Bool {
    var call = linux_wait()
    guard isRunning.load(ordering: .relaxed), unsafe linux_current_wait(process, &call) == 0 else {
      return false
    }
    return Wait(thread: process, call: call).fileOperation != nil
  }

  /// Notes that all ranks have met just now; the first thread calls it.
  package static func noteContact() { contact.store(linux_milliseconds(), ordering: .relaxed) }

  /// Watches until the process ends.
  ///
  /// Of ranks that wait for the same file the lowest speaks.
  package static func start(_ timeout: Duration, rank: Int?) throws(Failure) {
    let watch = FileWatch(timeout, rank)
    _ = try JoinableThread("the thread that watches files", stop: { watch.pause.end() }) {
      watch.run()
    }
    isRunning.store(true, ordering: .relaxed)
  }

  private init(_ timeout: Duration, _ rank: Int?) {
    self.timeout = timeout
    limit = timeout + .milliseconds(300 * min(rank ?? 0, 10))
    prefix = rank.map { "rank \($0): " } ?? ""
    // A step of training is to find the memory as it left it.
    waits.reserveCapacity(64)
  }

  private func run() {
    let tick = max(50, min(1000, Int(limit / .milliseconds(20))))
    while pause.wait(milliseconds: tick) {
      look(tick)
      let silence = Self.contact.load(ordering: .relaxed)
      let isAwaited = silence > 0 && linux_milliseconds() - silence >= Int(limit / .milliseconds(1))
      for wait in waits where wait.age >= min(limit, .seconds(1)) {
        // Others wait for the first thread, and would end it for something that they cannot name.
        guard wait.age >= limit || (isAwaited && isOfFirstThread(wait)) else { continue }
        if let operation = wait.fileOperation { end(operation) }
      }
    }
  }

  /// Whether the first thread waits, itself or for a process that reads for it.
  private func isOfFirstThread(_ wait: Wait) -> Bool {
    wait.thread == getpid() || Self.readers.withLock { $0.contains(wait.thread) }
  }

  /// Looks at all threads and readers; nothing is allocated while their number stays.
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
      // Time that the whole process spent stopped does not count.
      waits[count].age += .milliseconds(tick)
    } else {
      waits[count] = Wait(thread: thread, call: call)
    }
    count += 1
  }

  private func end(_ operation: String) -> Never {
    printError(
      "\(prefix)\(operation) has not returned for \(timeout.components.seconds) s: the file system does "
        + "not answer; look at its server, and allow more with --timeout if it is only slow")
    _exit(ExitCode.internalError.rawValue)
  }
}

/// A call of the system that a thread is waiting in.
private struct Wait {
  let thread: pid_t
  let call: linux_wait
  /// How long it has made no progress.
  var age = Duration.zero

  init(thread: pid_t, call: linux_wait) {
    self.thread = thread
    self.call = call
  }

  /// Whether another look at the thread has found no progress.
  func isIn(_ other: linux_wait) -> Bool {
    (call.number, call.first, call.second, call.switches)
      == (other.number, other.first, other.second, other.switches)
  }

  /// The operation and its file, as `fsync of '/runs/a.h5'`; nil if it waits for something else.
  var fileOperation: String? {
    var path = [CChar](repeating: 0, count: Int(PATH_MAX))
    let name = unsafe withUnsafePointer(to: call) {
      unsafe linux_file_operation(thread, $0, &path, path.count).map { unsafe String(cString: $0) }
    }
    let bytes = path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return name.map { "\($0) of '\(String(path: bytes))'" }
  }
}
