internal import CLinux
package import Diagnostics
internal import Glibc
internal import Synchronization

/// A thread that is joined before the process exits.
///
/// Its owner, the start of a later thread, or `endProcess` joins it. A thread that ends during
/// `exit` would run destructors after libraries have freed the memory they use.
package final class JoinableThread: @unchecked Sendable {
  private var thread = pthread_t()
  /// The kernel's thread ID; 0 before the thread runs.
  private let number = Atomic<pid_t>(0)
  private let stop: @Sendable () -> Void

  /// The address space that the stack of a thread occupies.
  package static let stackBytes = linux_stack_bytes()

  /// The threads that are not joined yet, in the order of their start.
  private static let unjoined = Mutex<[JoinableThread]>([])

  /// Starts a thread that runs `body`; failures refer to it as `name`.
  ///
  /// `stop` makes `body` return soon. It may be called on any thread and more than once.
  /// The corresponding C function is `pthread_create`.
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

  /// Waits until the thread has ended; returns at once if it is already joined.
  ///
  /// The corresponding C function is `pthread_join`.
  package func join() {
    let isOurs = Self.unjoined.withLock { threads in
      guard let place = threads.firstIndex(where: { $0 === self }) else { return false }
      threads.remove(at: place)
      return true
    }
    if isOurs { pthread_join(thread, nil) }
  }

  /// Stops and joins all threads; returns false if one does not end in time.
  static func joinAll(within seconds: Int) -> Bool {
    let threads = unjoined.withLock { threads in
      defer { threads = [] }
      return threads
    }
    for thread in threads { thread.stop() }
    let end = linux_milliseconds() + 1000 * seconds
    return threads.allSatisfy { linux_join_until($0.thread, end) == 0 }
  }

  /// Calls a body with the kernel's ID of the first thread and of each thread that is not joined.
  static func forEach(_ body: (pid_t) -> Void) {
    body(getpid())
    unjoined.withLock { threads in
      for thread in threads { body(thread.number.load(ordering: .relaxed)) }
    }
  }

  /// The argument of a new thread.
  private final class Start {
    let thread: JoinableThread
    let body: () -> Void

    init(thread: JoinableThread, body: @escaping () -> Void) {
      self.thread = thread
      self.body = body
    }
  }
}

/// Exits after all threads have ended.
///
/// If a thread is still busy after two seconds, for example because a file server is dead, only the
/// standard streams are flushed before `_exit`.
package func endProcess(_ code: ExitCode) -> Never {
  if JoinableThread.joinAll(within: 2) { exit(code.rawValue) }
  linux_flush_standard_streams()
  _exit(code.rawValue)
}

/// Writes a line to standard error with one call, so that lines of several ranks do not mix.
package func printError(_ line: String) {
  let bytes = Array("\(line.printable)\n".utf8)
  _ = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
