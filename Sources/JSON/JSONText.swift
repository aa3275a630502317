package import Diagnostics

/// The bytes of a JSON text, and failures with a place in it.
package final class JSONText: Sendable {
  package let path: String
  package let bytes: [UInt8]

  package init(_ bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
  }

  /// A failure at a byte, counted from 0.
  package func failure(at offset: Int, _ message: String) -> Failure {
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
