/// What a command line asks for.
package enum Invocation: Equatable, Sendable {
  case run(Command, Arguments)
  /// A text to print.
  case help(String)
  case version
}
