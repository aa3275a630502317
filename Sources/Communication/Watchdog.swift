internal import Diagnostics
internal import Glibc
internal import Processes
internal import Synchronization

/// Ends the process when a blocking call does not return in time.
final class Watchdog: Sendable {
  /// The deadline of the current call; nil between calls.
  private let deadline = Mutex<ContinuousClock.Instant?>(nil)
  private let pause = Pause()
  private let thread = Mutex<JoinableThread?>(nil)

  /// Starts the thread that watches; if a call is late, it prints the message and exits with the
  /// code.
  init(exitCode: ExitCode = .internalError, message: String? = nil) throws(Failure) {
    let started = try JoinableThread("a thread", stop: { [pause] in pause.end() }) { [self] in
      watch(exitCode, message)
    }
    thread.withLock { $0 = started }
  }

  /// Runs a body on this thread; ends the process if it takes longer than the limit.
  func run<Value>(
    within limit: Duration, _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let end = ContinuousClock.now + limit
    deadline.withLock { $0 = end }
    defer { deadline.withLock { $0 = nil } }
    return try body()
  }

  /// Stops and joins the thread.
  func stop() {
    pause.end()
    thread.withLock(\.self)?.join()
  }

  private func watch(_ exitCode: ExitCode, _ message: String?) {
    while pause.wait(milliseconds: 20) {
      if let end = deadline.withLock(\.self), ContinuousClock.now >= end {
        if let message { printError(message) }
        _exit(exitCode.rawValue)
      }
    }
  }

  /// Runs one body with a watchdog of its own.
  static func run<Value>(
    within limit: Duration, exitCode: ExitCode = .internalError, message: String? = nil,
    _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let watchdog = try Watchdog(exitCode: exitCode, message: message)
    defer { watchdog.stop() }
    return try watchdog.run(within: limit, body)
  }
}
