/// Numbers sequences of bytes from 0, in the order in which they are inserted: a hash table.
struct ByteTable: Sendable {
  /// One sequence behind the other, then eight zeros.
  private var bytes = Self.end
  /// The end of each sequence in `bytes`, after a 0.
  private var ends = [0]
  private var hashes: [UInt64] = []
  /// Numbers of sequences, -1 in a free slot; at most half are taken.
  private var slots = Self.free

  /// Shared by empty tables, of which there may be a million.
  private static let free = [Int32](repeating: -1, count: 64)
  private static let end = [UInt8](repeating: 0, count: 8)

  var count: Int { hashes.count }
  var byteCount: Int { ends[count] }

  subscript(index: Int) -> ArraySlice<UInt8> { bytes[ends[index]..<ends[index + 1]] }

  /// The number of a sequence.
  func index(of key: [UInt8]) -> Int? { index(of: key.span) }

  func index(of key: Span<UInt8>) -> Int? {
    unsafe key.withUnsafeBufferPointer { unsafe index(of: WordsOfBytes($0)) }
  }

  @inline(__always)
  func index(of key: WordsOfBytes) -> Int? {
    let found = slots[slot(of: key, hash: key.hash)]
    return found < 0 ? nil : Int(found)
  }

  /// The number of a sequence, the next one if it is new.
  mutating func insert(_ key: [UInt8]) -> Int { insert(key.span) }

  mutating func insert(_ key: Span<UInt8>) -> Int {
    unsafe key.withUnsafeBufferPointer { unsafe insert(WordsOfBytes($0)) }
  }

  @inline(__always)
  mutating func insert(_ key: WordsOfBytes) -> Int {
    let hash = key.hash
    let place = slot(of: key, hash: hash)
    let found = slots[place]
    return found < 0 ? append(key, hash, at: place) : Int(found)
  }

  private mutating func append(_ key: WordsOfBytes, _ hash: UInt64, at place: Int) -> Int {
    slots[place] = Int32(count)
    unsafe bytes.insert(contentsOf: key.bytes, at: byteCount)
    hashes.append(hash)
    ends.append(bytes.count - Self.end.count)
    if 2 * count > slots.count { grow() }
    return count - 1
  }

  /// The slot that has a sequence, or the free one where it belongs.
  @inline(__always)
  private func slot(of key: WordsOfBytes, hash: UInt64) -> Int {
    var place = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[place] >= 0, !has(key, hash, at: Int(slots[place])) {
      place = (place + 1) & (slots.count - 1)
    }
    return place
  }

  @inline(__always)
  private func has(_ key: WordsOfBytes, _ hash: UInt64, at index: Int) -> Bool {
    let start = ends[index]
    let end = ends[index + 1]
    guard hashes[index] == hash, unsafe end - start == key.bytes.count else { return false }
    return unsafe bytes.withUnsafeBufferPointer { bytes in
      unsafe key.areEqual(
        to: WordsOfBytes(followed: UnsafeBufferPointer(rebasing: bytes[start..<end])))
    }
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: 2 * slots.count)
    for (index, hash) in hashes.enumerated() {
      var place = Int(truncatingIfNeeded: hash) & (slots.count - 1)
      while slots[place] >= 0 { place = (place + 1) & (slots.count - 1) }
      slots[place] = Int32(index)
    }
  }
}
