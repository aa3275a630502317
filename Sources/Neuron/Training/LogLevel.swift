internal import Communication
internal import Reports

/// How much is printed to standard output.
public enum LogLevel: Int, Comparable, Sendable {
  /// Nothing.
  case none
  /// Results.
  case low
  /// Also a line for each epoch.
  case medium
  /// Everything.
  case high

  /// Whether a level prints less than another.
  public static func < (a: LogLevel, b: LogLevel) -> Bool { a.rawValue < b.rawValue }
}

/// A type that prints its progress.
public protocol Logger: AnyObject {
  /// How much it prints.
  var logLevel: LogLevel { get set }
}

extension Logger {
  /// Prints a line on rank 0.
  func log(_ level: LogLevel, _ line: @autoclosure () -> String) {
    guard logLevel >= level, Group.isFirst else { return }
    Console.standardOutput.print(line())
  }
}
