/// The result of parsing a command line.
package enum Invocation: Equatable, Sendable {
  case run(Command, Arguments)
  /// A text to print.
  case help(String)
  case version
}
