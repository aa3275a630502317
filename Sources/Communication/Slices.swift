extension Range<Int> {
  /// The run that part `index` of `count` owns: every part's size differs by at most one.
  ///
  /// Ranks split the shards of a run by it, and workers the shards of a rank.
  package func part(_ index: Int, of count: Int) -> Range<Int> {
    lowerBound + index * self.count / count..<lowerBound + (index + 1) * self.count / count
  }
}

/// How a vector is divided among ranks: in whole runs of chunks.
package enum Slices {
  /// The elements whose sums of squares are taken as one; no slice divides a chunk.
  package static let chunk = 4096

  /// The elements that each rank owns; few elements leave some ranks without any.
  package static func ranges(elements: Int, ranks: Int) -> [Range<Int>] {
    let chunks = 0..<(elements + chunk - 1) / chunk
    return (0..<ranks).map { rank in
      guard ranks.isPowerOfTwo else { return elementRange(chunks.part(rank, of: ranks), elements) }
      return halvings(elements: elements, rank: rank, ranks: ranks).last?.kept ?? 0..<elements
    }
  }

  /// The elements a rank keeps and gives away, at partner distance 1, 2, 4, ...
  static func halvings(
    elements: Int, rank: Int, ranks: Int
  ) -> [(kept: Range<Int>, given: Range<Int>)] {
    let chunks = 0..<(elements + chunk - 1) / chunk
    return halvings(chunks: chunks, rank: rank, ranks: ranks).map {
      (elementRange($0.kept, elements), elementRange($0.given, elements))
    }
  }

  /// The chunk ranges a rank keeps and gives away, at partner distance 1, 2, 4, ...
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

  /// The elements of a run of chunks; the last chunk of the vector may be short.
  static func elementRange(_ chunks: Range<Int>, _ elements: Int) -> Range<Int> {
    min(chunks.lowerBound * chunk, elements)..<min(chunks.upperBound * chunk, elements)
  }
}

extension Int {
  var isPowerOfTwo: Bool { self > 0 && self & (self - 1) == 0 }
}
