/// Numbers sequences of bytes from 0, in the order in which they are inserted: a hash table.
struct ByteTable: Sendable {
  private var bytes: [UInt8] = []
  /// The end of each sequence in `bytes`, after a 0.
  private var ends = [0]
  private var hashes: [UInt64] = []
  /// Numbers of sequences, -1 in a free slot; at most half are taken.
  private var slots = Self.free

  /// Shared by empty tables, of which there may be a million.
  private static let free = [Int32](repeating: -1, count: 64)

  var count: Int { hashes.count }
  var byteCount: Int { bytes.count }

  subscript(index: Int) -> ArraySlice<UInt8> { bytes[ends[index]..<ends[index + 1]] }

  /// The number of a sequence.
  func index(of key: [UInt8]) -> Int? { index(of: key.span) }

  func index(of key: Span<UInt8>) -> Int? {
    let found = slots[slot(of: key, hash: Self.hash(key))]
    return found < 0 ? nil : Int(found)
  }

  /// The number of a sequence, the next one if it is new.
  mutating func insert(_ key: [UInt8]) -> Int { insert(key.span) }

  mutating func insert(_ key: Span<UInt8>) -> Int {
    let hash = Self.hash(key)
    let place = slot(of: key, hash: hash)
    guard slots[place] < 0 else { return Int(slots[place]) }
    slots[place] = Int32(count)
    hashes.append(hash)
    for index in key.indices { bytes.append(key[index]) }
    ends.append(bytes.count)
    if 2 * count > slots.count { grow() }
    return count - 1
  }

  /// The slot that has a sequence, or the free one where it belongs.
  private func slot(of key: Span<UInt8>, hash: UInt64) -> Int {
    var place = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[place] >= 0, !has(key, hash, at: Int(slots[place])) {
      place = (place + 1) & (slots.count - 1)
    }
    return place
  }

  private func has(_ key: Span<UInt8>, _ hash: UInt64, at index: Int) -> Bool {
    let start = ends[index]
    guard hashes[index] == hash, ends[index + 1] - start == key.count else { return false }
    for offset in key.indices where bytes[start + offset] != key[offset] { return false }
    return true
  }

  private mutating func grow() {
    slots = [Int32](repeating: -1, count: 2 * slots.count)
    for (index, hash) in hashes.enumerated() {
      var place = Int(truncatingIfNeeded: hash) & (slots.count - 1)
      while slots[place] >= 0 { place = (place + 1) & (slots.count - 1) }
      slots[place] = Int32(index)
    }
  }

  /// FNV-1a (Fowler, Noll and Vo), whose high bits are then mixed into the low ones.
  private static func hash(_ key: Span<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in key.indices { hash = (hash ^ UInt64(key[index])) &* 0x100_0000_01b3 }
    return hash ^ hash >> 32
  }
}
