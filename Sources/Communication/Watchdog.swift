internal import Diagnostics
internal import Glibc
internal import Processes
internal import Synchronization

/// Ends the process when a call that blocks does not return in time.
final class Watchdog: Sendable {
  /// When the call that is under way is late; nil between calls.
  private let end = Mutex<ContinuousClock.Instant?>(nil)
  private let pause = Pause()
  private let thread = Mutex<JoinableThread?>(nil)

  /// Begins to watch, until it is called off; a late call makes the process leave with the line and
  /// the code.
  init(endingWith code: ExitCode = .internalError, saying line: String? = nil) throws(Failure) {
    let started = try JoinableThread("a thread", stop: { [pause] in pause.end() }) { [self] in
      watch(code, line)
    }
    thread.withLock { $0 = started }
  }

  /// Runs a body on this thread, which has so long.
  func guarding<Value>(
    _ limit: Duration, _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let late = ContinuousClock.now + limit
    end.withLock { $0 = late }
    defer { end.withLock { $0 = nil } }
    return try body()
  }

  /// Ends the watch and its thread.
  func callOff() {
    pause.end()
    thread.withLock(\.self)?.join()
  }

  private func watch(_ code: ExitCode, _ line: String?) {
    while pause.wait(milliseconds: 20) {
      if let end = end.withLock(\.self), ContinuousClock.now >= end {
        if let line { printError(line) }
        _exit(code.rawValue)
      }
    }
  }

  /// Watches over one body.
  static func guarding<Value>(
    _ limit: Duration, endingWith code: ExitCode = .internalError, saying line: String? = nil,
    _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let watchdog = try Watchdog(endingWith: code, saying: line)
    defer { watchdog.callOff() }
    return try watchdog.guarding(limit, body)
  }
}
