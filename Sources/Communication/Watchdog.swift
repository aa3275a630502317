internal import Diagnostics
internal import Glibc
internal import Synchronization

/// Ends the process when a call that blocks does not return in time.
final class Watchdog: Sendable {
  private let isCalledOff = Atomic<Bool>(false)

  /// Runs a body on this thread, which has so long; then the process leaves with the line and the code.
  static func guarding<Value>(
    _ limit: Duration, endingWith code: ExitCode = .internalError, saying line: String? = nil,
    _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let watchdog = Watchdog()
    _ = try BackgroundTask { watchdog.watch(until: .now + limit, code, line) }
    defer { watchdog.isCalledOff.store(true, ordering: .relaxed) }
    return try body()
  }

  private func watch(until end: ContinuousClock.Instant, _ code: ExitCode, _ line: String?) {
    while !isCalledOff.load(ordering: .relaxed) {
      guard ContinuousClock.now < end else {
        if let line { printError(line) }
        _exit(code.rawValue)
      }
      usleep(20_000)
    }
  }
}
