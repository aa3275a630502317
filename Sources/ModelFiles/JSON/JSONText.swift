internal import Diagnostics
internal import Files
internal import Glibc
internal import Processes

/// The bytes of a JSON file, and failures with a place in it.
package final class JSONText: Sendable {
  let path: String
  let bytes: [UInt8]

  /// The greatest size of a file.
  static let sizeLimit = 1 << 28

  package init(_ bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
  }

  convenience init(reading path: String) throws(Failure) {
    guard let status = fileStatus(path) else {
      throw Failure(.noInput, "model '\(path)' does not exist")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Failure(.noInput, "cannot read '\(path)': it is not a regular file")
    }
    guard status.st_size <= Self.sizeLimit else {
      throw Failure(
        .badData,
        "'\(path)': expected a model of at most \(Self.sizeLimit.asBytes), found "
          + Int(status.st_size).asBytes)
    }
    // The text, and at most the same for its numbers.
    try MemoryLimits.require(2 * Int(status.st_size), for: "the model '\(path)'")
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(status.st_size))
    try unsafe readFile(path) { piece in
      if bytes.count <= Self.sizeLimit { unsafe bytes.append(contentsOf: piece) }
    }
    self.init(bytes, path: path)
  }

  /// A failure at a byte, counted from 0.
  func failure(at offset: Int, _ message: String) -> Failure {
    Failure(.badData, "'\(path)', byte \(offset): \(message)")
  }

  /// The byte at a place as a message shows it.
  func shown(at offset: Int) -> String {
    guard offset < bytes.count else { return "the end of the file" }
    let byte = bytes[offset]
    return (0x21...0x7e).contains(byte)
      ? "'\(Character(UnicodeScalar(byte)))'" : "the byte \(byte)"
  }
}

/// A text from a file as a message shows it: in quotes, escaped, and not too long.
func quoted(_ text: String) -> String {
  let shown = text.unicodeScalars.prefix(40).map { $0.escaped(asASCII: true) }.joined()
  return "'\(shown)\(text.unicodeScalars.count > 40 ? "..." : "")'"
}
