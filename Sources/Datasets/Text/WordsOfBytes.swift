/// Bytes as words of eight; behind the last byte are zeros.
@safe struct WordsOfBytes {
  let bytes: UnsafeBufferPointer<UInt8>
  /// Whether eight more bytes can be read behind these, so that no length costs a branch.
  private let areFollowed: Bool

  @inline(__always)
  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    unsafe self.bytes = bytes
    areFollowed = false
  }

  @inline(__always)
  init(followed bytes: UnsafeBufferPointer<UInt8>) {
    unsafe self.bytes = bytes
    areFollowed = true
  }

  /// Each word is multiplied to 128 bits, whose halves are joined.
  @inline(__always)
  var hash: UInt64 {
    var hash = unsafe UInt64(truncatingIfNeeded: bytes.count)
    var place = 0
    repeat {
      let (high, low) = (hash ^ self[place]).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
      hash = high ^ low
      place &+= 8
    } while unsafe place < bytes.count
    return hash
  }

  /// Whether the bytes are those of others, which are as many.
  @inline(__always)
  func areEqual(to other: Self) -> Bool {
    var place = 0
    repeat {
      guard self[place] == other[place] else { return false }
      place &+= 8
    } while unsafe place < bytes.count
    return true
  }

  /// The word at a multiple of eight.
  @inline(__always)
  private subscript(place: Int) -> UInt64 {
    guard let start = unsafe UnsafeRawPointer(bytes.baseAddress) else { return 0 }
    let count = unsafe bytes.count
    let rest = count &- place
    if areFollowed || rest >= 8 {
      let word = unsafe start.loadUnaligned(fromByteOffset: place, as: UInt64.self).littleEndian
      return rest >= 8 ? word : word & ((1 &<< UInt64(truncatingIfNeeded: 8 &* rest)) &- 1)
    }
    if count >= 8 {
      let word = unsafe start.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
      return word.littleEndian >> UInt64(truncatingIfNeeded: 64 - 8 * rest)
    }
    return unsafe bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
