internal import Diagnostics
internal import Processes

/// The numbers of a column whose median or most frequent number is asked for.
///
/// Each takes eight bytes: they stand in pieces, as an array that grows is copied, and are sorted
/// where they are. An answer uses them up.
struct ColumnNumbers {
  private var pieces: [[UInt64]] = []

  private static let pieceSize = 1 << 17

  mutating func append(_ number: Double) throws(Failure) {
    if pieces.last?.count ?? Self.pieceSize == Self.pieceSize {
      try MemoryLimits.require(8 * Self.pieceSize, for: "the numbers of a column")
      pieces.append([])
    }
    pieces[pieces.count - 1].append(Self.key(of: number))
  }

  /// The mean of the two middle numbers, of an odd count the middle one; at least one is needed.
  mutating func median() -> Double {
    let keys = sorted()
    let (lower, upper) = (keys[(keys.count - 1) / 2], keys[keys.count / 2])
    return lower == upper
      ? Self.number(of: lower) : (Self.number(of: lower) + Self.number(of: upper)) / 2
  }

  /// The smallest of the most frequent numbers; at least one is needed.
  mutating func mostFrequent() -> Double {
    let keys = sorted()
    var (best, most, start) = (keys[0], 0, 0)
    for place in keys.indices where place + 1 == keys.count || keys[place + 1] != keys[place] {
      if place + 1 - start > most { (best, most) = (keys[place], place + 1 - start) }
      start = place + 1
    }
    return Self.number(of: best)
  }

  private mutating func sorted() -> [UInt64] {
    var keys: [UInt64] = []
    keys.reserveCapacity(pieces.reduce(0) { $0 + $1.count })
    pieces.reverse()
    while let piece = pieces.popLast() { keys += piece }
    unsafe keys.withUnsafeMutableBufferPointer { unsafe Self.sort($0) }
    return keys
  }

  /// Sorts by the highest bit in which the keys differ, then each half.
  private static func sort(_ part: UnsafeMutableBufferPointer<UInt64>) {
    var keys = unsafe part
    guard keys.count > 1 << 12 else { return unsafe keys.sort() }
    let first = unsafe keys[0]
    let differing = unsafe keys.reduce(0) { $0 | ($1 ^ first) }
    guard differing != 0 else { return }
    let bit = UInt64(1) << UInt64(63 - differing.leadingZeroBitCount)
    let middle = unsafe keys.partition { $0 & bit != 0 }
    unsafe sort(UnsafeMutableBufferPointer(rebasing: keys[..<middle]))
    unsafe sort(UnsafeMutableBufferPointer(rebasing: keys[middle...]))
  }

  /// A whole number in the order of the numbers; -0 counts as 0.
  private static func key(of number: Double) -> UInt64 {
    let bits = (number + 0).bitPattern
    return bits >> 63 == 0 ? bits | 1 << 63 : ~bits
  }

  private static func number(of key: UInt64) -> Double {
    Double(bitPattern: key >> 63 == 0 ? ~key : key & ~(1 << 63))
  }
}
