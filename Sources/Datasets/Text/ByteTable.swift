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
  @inline(__always)
  private func slot(of key: Span<UInt8>, hash: UInt64) -> Int {
    var place = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[place] >= 0, !has(key, hash, at: Int(slots[place])) {
      place = (place + 1) & (slots.count - 1)
    }
    return place
  }

  @inline(__always)
  private func has(_ key: Span<UInt8>, _ hash: UInt64, at index: Int) -> Bool {
    let start = ends[index]
    guard hashes[index] == hash, ends[index + 1] - start == key.count else { return false }
    return unsafe key.withUnsafeBytes { key in
      unsafe bytes.withUnsafeBytes { bytes in
        unsafe Words(key).areEqual(
          to: Words(UnsafeRawBufferPointer(rebasing: bytes[start..<start + key.count])))
      }
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

  @inline(__always)
  private static func hash(_ key: Span<UInt8>) -> UInt64 {
    unsafe key.withUnsafeBytes { unsafe Words($0).hash }
  }
}

/// Bytes as words of eight, the last of which overlaps the one before it, or is shorter.
@safe private struct Words {
  private let start: UnsafeRawPointer?
  private let count: Int

  @inline(__always)
  init(_ bytes: UnsafeRawBufferPointer) { unsafe (start, count) = (bytes.baseAddress, bytes.count) }

  /// Each word is multiplied to 128 bits, whose halves are joined.
  @inline(__always)
  var hash: UInt64 {
    var hash = UInt64(truncatingIfNeeded: count)
    var place = 0
    repeat {
      let (high, low) = (hash ^ self[place]).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
      hash = high ^ low
      place += 8
    } while place < count
    return hash
  }

  /// Whether the bytes are those of others, which are as many.
  @inline(__always)
  func areEqual(to other: Self) -> Bool {
    var place = 0
    repeat {
      guard self[place] == other[place] else { return false }
      place += 8
    } while place < count
    return true
  }

  /// The word at a multiple of eight.
  @inline(__always)
  private subscript(place: Int) -> UInt64 {
    guard let start = unsafe start, count > 0 else { return 0 }
    if count >= 8 {
      return unsafe start.loadUnaligned(fromByteOffset: min(place, count - 8), as: UInt64.self)
    }
    if count >= 4 {
      let low = unsafe start.loadUnaligned(as: UInt32.self)
      let high = unsafe start.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
      return UInt64(high) << 32 | UInt64(low)
    }
    // All of one, two or three bytes.
    let first = unsafe start.load(as: UInt8.self)
    let middle = unsafe start.load(fromByteOffset: count >> 1, as: UInt8.self)
    let last = unsafe start.load(fromByteOffset: count - 1, as: UInt8.self)
    return UInt64(last) << 16 | UInt64(middle) << 8 | UInt64(first)
  }
}
