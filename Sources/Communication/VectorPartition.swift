extension Range<Int> {
  /// Returns part `index` of `count` parts whose sizes differ by at most one.
  ///
  /// It divides the shards of a batch among ranks, and those of a rank among workers.
  package func part(_ index: Int, of count: Int) -> Range<Int> {
    lowerBound + index * self.count / count..<lowerBound + (index + 1) * self.count / count
  }
}

/// Divides a vector among ranks into slices of whole chunks.
package enum VectorPartition {
  /// The number of elements of a chunk.
  ///
  /// Sums of squares are taken chunk by chunk, so no slice divides a chunk.
  package static let chunk = 4096

  /// Returns the slice of each rank; a slice may be empty if the vector is short.
  package static func ranges(elements: Int, ranks: Int) -> [Range<Int>] {
    let chunks = 0..<(elements + chunk - 1) / chunk
    return (0..<ranks).map { rank in
      guard ranks.isPowerOfTwo else { return elementRange(chunks.part(rank, of: ranks), elements) }
      return halvings(elements: elements, rank: rank, ranks: ranks).last?.kept ?? 0..<elements
    }
  }

  /// What each rank owns of a sum: its slice, or all of a vector that is too short to share.
  ///
  /// For a short vector, one exchange of all of it is twice as fast as two exchanges of halves.
  package static func parts(elements: Int, ranks: Int) -> [Range<Int>] {
    elements > chunk
      ? ranges(elements: elements, ranks: ranks) : Array(repeating: 0..<elements, count: ranks)
  }

  /// Returns the elements that a rank keeps and sends in recursive halving at distance 1, 2, 4, ...
  static func halvings(
    elements: Int, rank: Int, ranks: Int
  ) -> [(kept: Range<Int>, given: Range<Int>)] {
    let chunks = 0..<(elements + chunk - 1) / chunk
    return halvings(chunks: chunks, rank: rank, ranks: ranks).map {
      (elementRange($0.kept, elements), elementRange($0.given, elements))
    }
  }

  /// Returns the chunks that a rank keeps and sends at distance 1, 2, 4, ...
  static func halvings(
    chunks: Range<Int>, rank: Int, ranks: Int
  ) -> [(kept: Range<Int>, given: Range<Int>)] {
    var kept = chunks
    return (0..<ranks.trailingZeroBitCount).map { step in
      let middle = kept.lowerBound + (kept.count + 1) / 2
      let halves = (lower: kept.lowerBound..<middle, upper: middle..<kept.upperBound)
      let isUpper = rank >> step & 1 == 1
      kept = isUpper ? halves.upper : halves.lower
      return (kept, isUpper ? halves.lower : halves.upper)
    }
  }

  /// Returns the elements of consecutive chunks; the last chunk of the vector may be shorter.
  static func elementRange(_ chunks: Range<Int>, _ elements: Int) -> Range<Int> {
    min(chunks.lowerBound * chunk, elements)..<min(chunks.upperBound * chunk, elements)
  }
}

extension Int {
  var isPowerOfTwo: Bool { self > 0 && self & (self - 1) == 0 }
}
