/// An error that ends a command: a one-line message and an exit code.
///
/// The message states what was expected, what was found, where, and what to do. Control
/// characters in it are escaped, so that it stays on one line.
package struct Failure: Error, Equatable, CustomStringConvertible, Sendable {
  package let code: ExitCode
  package let message: String

  package init(_ code: ExitCode, _ message: String) {
    self.code = code
    self.message = message.printable
  }

  /// Creates a failure at a location in a text file: `conv.yaml:7:3: message`.
  package init(_ code: ExitCode, at location: SourceLocation, _ message: String) {
    self.init(code, "\(location): \(message)")
  }

  package var description: String { message }
}
