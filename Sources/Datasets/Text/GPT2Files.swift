package import Diagnostics
internal import Files
internal import Glibc

/// Byte pairs in the two files of GPT-2, `vocab.json` and `merges.txt`, as the Python package
/// `tokenizers` writes them too.
extension Tokeniser {
  private static let header = "#version: 0.2"

  /// Reads the two files.
  package init(vocabulary: String, merges: String) throws(Failure) {
    let names = try Self.names(in: vocabulary)
    var pairs: [(String, String)] = []
    let text = try Self.bytes(of: merges)
    try TextUnit.characters.check(text.span, at: 0, isEnd: true, of: merges)
    let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    func failure(at line: Int, _ problem: String) -> Failure {
      Failure(.badData, at: SourceLocation(source: merges, line: line + 1, column: 1), problem)
    }
    let first = lines[0].starts(with: "#version".utf8) ? 1 : 0
    for (number, line) in lines.enumerated().dropFirst(first) {
      if line.isEmpty, number == lines.count - 1 { break }
      let parts = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
      guard parts.count == 2, !parts.contains("") else {
        throw failure(
          at: number,
          "expected two tokens with a space between them, found "
            + quoted(String(decoding: line, as: UTF8.self)))
      }
      pairs.append((parts[0], parts[1]))
    }
    try self.init(names: names, merges: pairs) { merge, problem in
      guard let merge else { return Failure(.badData, "'\(vocabulary)': \(problem)") }
      return failure(
        at: first + merge, "\(problem) ('\(vocabulary)'); give the two files of one tokeniser")
    }
  }

  /// The names of tokens in the order of their numbers.
  private static func names(in path: String) throws(Failure) -> [String] {
    var reader = NumberedNames(try bytes(of: path), source: path)
    let entries = try reader.entries()
    guard 256...sizeLimit ~= entries.count else {
      throw Failure(
        .badData,
        "'\(path)': expected 256 to \(sizeLimit.grouped) tokens, found \(entries.count.grouped)")
    }
    var names = [String?](repeating: nil, count: entries.count)
    for (name, number) in entries {
      guard names.indices.contains(number), names[number] == nil else {
        throw Failure(
          .badData,
          "'\(path)': the number \(number) of \(quoted(name)) is "
            + (names.indices.contains(number)
              ? "that of another token too"
              : "not among 0 to \(entries.count - 1), those of \(entries.count) tokens"))
      }
      names[number] = name
    }
    return names.compactMap(\.self)
  }

  private static func bytes(of path: String) throws(Failure) -> [UInt8] {
    let size = Int(fileStatus(path)?.st_size ?? 0)
    guard size <= 1 << 28 else {
      throw Failure(.badData, "'\(path)': expected at most 268 MB, found \(size.asBytes)")
    }
    var bytes: [UInt8] = []
    try unsafe readFile(path) { unsafe bytes.append(contentsOf: $0) }
    return bytes
  }

  /// The two files, byte for byte as `tokenizers` writes them; nil for other units.
  package var gpt2Files: (vocabulary: String, merges: String)? {
    guard let pairs else { return nil }
    let names = names
    let entries = names.enumerated().map { number, name in
      let escaped = name.unicodeScalars.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : "\($0)" }
        .joined()
      return "\"\(escaped)\":\(number)"
    }
    let lines = pairs.merges.map {
      "\(names[Int($0.pair.left)]) \(names[Int($0.pair.right)])\n"
    }
    return (
      "{\(entries.joined(separator: ","))}", "\(Self.header)\n" + lines.joined()
    )
  }
}
