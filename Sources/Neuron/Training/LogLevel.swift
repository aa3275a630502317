internal import Communication
internal import Reports

/// How much is told on standard output.
public enum LogLevel: Int, Comparable, Sendable {
  /// Nothing.
  case none
  /// What has been done.
  case low
  /// And what is going on, with a line for each epoch.
  case medium
  /// Everything.
  case high

  /// Whether a level tells less than another.
  public static func < (a: LogLevel, b: LogLevel) -> Bool { a.rawValue < b.rawValue }
}

/// Whoever tells what is going on.
public protocol Logger: AnyObject {
  /// How much is told.
  var logLevel: LogLevel { get set }
}

extension Logger {
  /// Writes a line, on one rank of all.
  func log(_ level: LogLevel, _ line: @autoclosure () -> String) {
    guard logLevel >= level, Group.isFirst else { return }
    Console.standardOutput.print(line())
  }
}
