extension Span where Element == UInt8 {
  /// The Unicode scalar at a place and the number of its bytes; nil where they are not UTF-8.
  func scalar(at place: Int) -> (scalar: Unicode.Scalar, length: Int)? {
    let first = self[place]
    if first < 0x80 { return (Unicode.Scalar(first), 1) }
    let length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0
    guard length > 0, place + length <= count else { return nil }
    var value = UInt32(first) & (0x7f >> UInt32(length))
    for byte in place + 1..<place + length {
      guard self[byte] & 0xc0 == 0x80 else { return nil }
      value = value << 6 | UInt32(self[byte] & 0x3f)
    }
    // A scalar has one encoding, the shortest.
    let least: UInt32 = length == 2 ? 0x80 : length == 3 ? 0x800 : 0x1_0000
    guard value >= least, let scalar = Unicode.Scalar(value) else { return nil }
    return (scalar, length)
  }

  /// The place of the first byte that is not UTF-8.
  ///
  /// A character that the end of the bytes cuts is none unless it is the end of the text.
  func invalidUTF8(isEnd: Bool) -> Int? {
    var place = 0
    while place < count {
      guard let length = scalar(at: place)?.length else {
        return isEnd || count - place >= 4 ? place : nil
      }
      place += length
    }
    return nil
  }
}
