package import Diagnostics

/// A problem of the environment, and the shell command that solves it.
package struct EnvironmentIssue: Equatable, Sendable {
  package enum Severity: Equatable, Sendable {
    /// Only some ways to launch a run are affected.
    case note
    case warning
    /// A run would end with this exit code.
    case error(ExitCode)
  }

  package let severity: Severity
  package let message: String
  /// A shell command.
  package let remedy: String

  init(_ severity: Severity, _ message: String, remedy: String) {
    self.severity = severity
    self.message = message
    self.remedy = remedy
  }
}

extension EnvironmentIssue.Severity: CustomStringConvertible {
  package var description: String {
    switch self {
    case .note: "note"
    case .warning: "warning"
    case .error: "error"
    }
  }
}
