package import Diagnostics

/// Something that will hurt, and the line that helps.
package struct Finding: Equatable, Sendable {
  package enum Severity: Equatable, Sendable {
    /// It hurts some ways to launch a run.
    case note
    case warning
    /// A run would end with this status.
    case error(ExitCode)
  }

  package let severity: Severity
  package let problem: String
  /// To be pasted into a shell.
  package let remedy: String

  init(_ severity: Severity, _ problem: String, remedy: String) {
    self.severity = severity
    self.problem = problem
    self.remedy = remedy
  }
}

extension Finding.Severity: CustomStringConvertible {
  package var description: String {
    switch self {
    case .note: "note"
    case .warning: "warning"
    case .error: "error"
    }
  }
}
