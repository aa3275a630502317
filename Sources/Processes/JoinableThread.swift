internal import CLinux
package import Diagnostics
internal import Glibc
internal import Synchronization

/// A thread that is joined before the process ends: by its owner, by a thread that starts after it has
/// ended, or by `endProcess`.
///
/// A thread that ends beside `exit` would meet libraries that have already freed what its destructors
/// need.
package final class JoinableThread: @unchecked Sendable {
  private var thread = pthread_t()
  /// The number by which the kernel knows the thread; 0 before it runs.
  private let number = Atomic<pid_t>(0)
  private let stop: @Sendable () -> Void

  /// The addresses that a thread takes for its stack.
  package static let stackBytes = linux_stack_bytes()

  /// The threads that nobody has joined yet, in the order of their start.
  private static let unjoined = Mutex<[JoinableThread]>([])

  /// Starts a thread that runs `body`; `name` is what a failure calls it.
  ///
  /// `stop` makes `body` return soon. It may be called on any thread and more than once.
  package init(
    _ name: @autoclosure () -> String, stop: @escaping @Sendable () -> Void = {},
    _ body: @escaping @Sendable () -> Void
  ) throws(Failure) {
    self.stop = stop
    try MemoryLimits.require(Self.stackBytes, for: "the stack of \(name())")
    let start = unsafe Unmanaged.passRetained(Start(thread: self, body: body))
    let status = unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        let start = unsafe Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
        start.thread.number.store(gettid(), ordering: .relaxed)
        start.body()
        return nil
      }, unsafe start.toOpaque())
    guard status == 0 else {
      unsafe start.release()
      throw Failure(
        .outOfMemory, "\(name()) cannot start: \(unsafe String(cString: strerror(status)))")
    }
    Self.unjoined.withLock { threads in
      threads.removeAll { linux_join_until($0.thread, 0) == 0 }
      threads.append(self)
    }
  }

  /// Waits until the thread has ended; returns at once if it was joined before.
  package func join() {
    let isOurs = Self.unjoined.withLock { threads in
      guard let place = threads.firstIndex(where: { $0 === self }) else { return false }
      threads.remove(at: place)
      return true
    }
    if isOurs { pthread_join(thread, nil) }
  }

  /// Stops and joins all threads; false if one of them has not ended in time.
  static func joinAll(within seconds: Int) -> Bool {
    let threads = unjoined.withLock { threads in
      defer { threads = [] }
      return threads
    }
    for thread in threads { thread.stop() }
    let end = linux_milliseconds() + 1000 * seconds
    return threads.allSatisfy { linux_join_until($0.thread, end) == 0 }
  }

  /// Calls a body with the kernel's number of each thread that was not joined, and of the first.
  static func forEach(_ body: (pid_t) -> Void) {
    body(getpid())
    unjoined.withLock { threads in
      for thread in threads { body(thread.number.load(ordering: .relaxed)) }
    }
  }

  /// What a new thread is given.
  private final class Start {
    let thread: JoinableThread
    let body: () -> Void

    init(thread: JoinableThread, body: @escaping () -> Void) {
      self.thread = thread
      self.body = body
    }
  }
}

/// Ends the process once all its threads have ended.
///
/// A thread that is still busy after two seconds, as one that waits for a dead file server, is left
/// behind: then nothing but the standard streams is tidied up.
package func endProcess(_ code: ExitCode) -> Never {
  if JoinableThread.joinAll(within: 2) { exit(code.rawValue) }
  linux_flush_standard_streams()
  _exit(code.rawValue)
}

/// Writes a line to standard error in one piece, so that lines of several ranks stay whole.
package func printError(_ line: String) {
  let bytes = Array("\(line.printable)\n".utf8)
  _ = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
