internal import CCrypto
package import Diagnostics
internal import Glibc

/// Computes a SHA-256 digest.
///
/// The corresponding OpenSSL functions are `EVP_Digest...`.
@safe package struct SHA256: ~Copyable {
  private let context: OpaquePointer

  package init() {
    guard let context = unsafe EVP_MD_CTX_new() else { fatalError("No memory for a digest") }
    unsafe self.context = context
    require(unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil))
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    require(unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count))
  }

  package mutating func update(_ text: String) {
    var text = text
    text.withUTF8 { unsafe update(UnsafeRawBufferPointer($0)) }
  }

  /// Returns the 32 bytes of the digest.
  package consuming func bytes() -> [UInt8] {
    var digest = Array(repeating: UInt8(0), count: 32)
    require(unsafe EVP_DigestFinal_ex(context, &digest, nil))
    return digest
  }

  /// Returns the digest as 64 hexadecimal digits.
  package consuming func finish() -> String {
    bytes().map { byte in
      let digits = String(byte, radix: 16)
      return byte < 16 ? "0" + digits : digits
    }.joined()
  }

  /// Returns the digest of a text.
  package static func of(_ text: String) -> String {
    var digest = SHA256()
    digest.update(text)
    return digest.finish()
  }

  /// Returns the digest of a file.
  package static func of(file path: String) throws(Failure) -> String {
    var digest = SHA256()
    try unsafe readFile(path) { unsafe digest.update($0) }
    return digest.finish()
  }

  /// OpenSSL's SHA-256 fails only if the library was built without it.
  private borrowing func require(_ status: Int32) {
    precondition(status == 1, "The crypto library computes no SHA-256")
  }
}
