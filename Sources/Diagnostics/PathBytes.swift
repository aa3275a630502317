/// A path is a sequence of bytes, but a `String` holds Unicode. A byte that is not valid UTF-8 is
/// stored as the private-use character U+10FE00 + byte. So a path keeps its bytes between the
/// command line, the environment or a directory and a system call.
extension String {
  /// Creates a string from the bytes of a path.
  package init(path bytes: some Collection<UInt8>) {
    if let text = String(validating: bytes, as: UTF8.self), !text.holdsBytes {
      self = text
      return
    }
    self = ""
    var rest = Array(bytes)[...]
    while let first = rest.first {
      let count = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
      let part = rest.prefix(count)
      if let character = String(validating: part, as: UTF8.self), !character.holdsBytes {
        self += character
        rest = rest.dropFirst(count)
      } else {
        unicodeScalars.append(Unicode.Scalar(byte: first))
        rest = rest.dropFirst()
      }
    }
  }

  /// Creates a string from a zero-terminated path.
  @unsafe package init(path: UnsafePointer<CChar>) {
    var bytes: [UInt8] = []
    var next = unsafe path
    while unsafe next.pointee != 0 {
      bytes.append(UInt8(bitPattern: unsafe next.pointee))
      unsafe next += 1
    }
    self.init(path: bytes)
  }

  /// The bytes of the path with a terminating zero, for a C function.
  package var cPath: [CChar] { pathBytes.map { CChar(bitPattern: $0) } + [0] }

  /// The bytes of the path.
  package var pathBytes: [UInt8] {
    guard holdsBytes else { return Array(utf8) }
    return unicodeScalars.flatMap { scalar -> [UInt8] in
      scalar.byte.map { [$0] } ?? Array(String(scalar).utf8)
    }
  }

  private var holdsBytes: Bool {
    // In UTF-8 all of these characters begin with 0xf4.
    utf8.contains(0xf4) && unicodeScalars.contains { $0.byte != nil }
  }
}

extension Unicode.Scalar {
  fileprivate init(byte: UInt8) {
    self = Unicode.Scalar(0x10_fe00 + UInt32(byte)) ?? "\u{fffd}"
  }

  /// The byte that the character represents; nil for any other character.
  var byte: UInt8? {
    0x10_fe80...0x10_feff ~= value ? UInt8(truncatingIfNeeded: value) : nil
  }
}
