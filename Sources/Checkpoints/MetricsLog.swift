package import Diagnostics
internal import Files
internal import Glibc

/// Appends to `metrics.jsonl` or another file that has one JSON object per line in the order of
/// steps.
package struct MetricsLog: ~Copyable {
  private let file: FileDescriptor

  /// Opens a log to continue after `step`; removes lines of later steps and an incomplete last
  /// line.
  package init(_ path: String, after step: Int) throws(Failure) {
    if fileStatus(path) != nil {
      let text = try readText(path)
      let kept = Self.cut(text, after: step)
      if kept != text { try writeAtomically(kept, to: path) }
    }
    file = try FileDescriptor(
      path, O_WRONLY | O_CREAT | O_APPEND, "create", otherwise: .cannotCreate)
  }

  /// Appends a line; it stays if the process is killed afterwards.
  package func append(_ line: String) throws(Failure) {
    try file.write(line + "\n")
  }

  private static func cut(_ text: String, after step: Int) -> String {
    let newline = UInt8(ascii: "\n")
    let lines = text.utf8.split(separator: newline, omittingEmptySubsequences: false).dropLast()
    var kept = ""
    for line in lines.map(Substring.init) where Self.step(of: line).map({ $0 <= step }) ?? true {
      kept += line + "\n"
    }
    return kept
  }

  /// Returns the number after `"step":`, or nil if the line has none.
  private static func step(of line: Substring) -> Int? {
    guard let key = line.firstRange(of: "\"step\"") else { return nil }
    let rest = line[key.upperBound...].drop { $0 == " " }
    guard rest.first == ":" else { return nil }
    return Int(rest.dropFirst().drop { $0 == " " }.prefix { $0.isNumber })
  }
}
