/// A location in user input: a line and column of a file, or a command-line option.
package struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
  package let source: String
  /// Lines and columns count from 1; 0 means that the source has no lines (an option).
  package let line: Int
  package let column: Int

  package init(source: String, line: Int = 0, column: Int = 0) {
    self.source = source
    self.line = line
    self.column = column
  }

  package var description: String {
    line > 0 ? "\(source):\(line):\(column)" : source
  }
}
