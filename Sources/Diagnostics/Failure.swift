/// What a user is told when a command cannot go on: one line and the status to leave with.
///
/// The line says what was expected, what was found, where, and what to do. Names from files and
/// paths are escaped, so that it stays one line.
package struct Failure: Error, Equatable, CustomStringConvertible, Sendable {
  package let code: ExitCode
  package let message: String

  package init(_ code: ExitCode, _ message: String) {
    self.code = code
    self.message = message.printable
  }

  /// A failure at a place in a text file: `conv.yaml:7:3: message`.
  package init(_ code: ExitCode, at location: SourceLocation, _ message: String) {
    self.init(code, "\(location): \(message)")
  }

  package var description: String { message }
}
