/// The numbers of values in TensorBoard's buckets, whose limits grow by a tenth from 10⁻¹² to 10²⁰.
package struct Histogram {
  package private(set) var count = 0
  /// NaN and infinite; they are in no bucket and no sum.
  package private(set) var notFinite = 0
  package private(set) var least = Double.infinity
  package private(set) var greatest = -Double.infinity
  package private(set) var sum = 0.0
  package private(set) var sumOfSquares = 0.0
  /// For each of `Limits.magnitudes`, the number of magnitudes below it and not below the one
  /// before; then those below 0.
  private var counts: [Int]

  package init(_ values: Span<Float>) {
    let limits = Limits.shared
    let (places, magnitudes) = (limits.places.span, limits.magnitudes.span)
    let half = magnitudes.count
    var counts = [Int](repeating: 0, count: 2 * half)
    for place in values.indices {
      let value = values[place]
      guard value.isFinite else {
        notFinite += 1
        continue
      }
      let number = Double(value)
      least = min(least, number)
      greatest = max(greatest, number)
      sum += number
      sumOfSquares += number * number
      let magnitude = number.magnitude
      var bucket = Int(places[Limits.cell(of: value.magnitude)])
      if magnitude >= magnitudes[bucket] { bucket += 1 }
      counts[value < 0 ? half + bucket : bucket] += 1
    }
    count = values.count - notFinite
    self.counts = counts
  }

  /// The upper limits and counts of buckets from the least value to the greatest; those without
  /// values are joined.
  package var buckets: [(limit: Double, count: Int)] {
    let magnitudes = Limits.shared.magnitudes
    let half = magnitudes.count
    let below = (1..<half).reversed().map { (-magnitudes[$0 - 1], counts[half + $0]) }
    let all = below + [(0, counts[half])] + zip(magnitudes, counts.prefix(half)).map { ($0, $1) }
    var buckets: [(limit: Double, count: Int)] = []
    for (limit, count) in all where count > 0 || !buckets.isEmpty {
      if count == 0, buckets.last?.count == 0 { buckets.removeLast() }
      buckets.append((limit, count))
    }
    // The viewer takes the greatest value for the last limit: an empty bucket would end before it
    // begins.
    if buckets.last?.count == 0 { buckets.removeLast() }
    return buckets
  }
}

/// The limits of buckets, and where to look for a magnitude.
private struct Limits {
  /// The last one is the greatest number.
  let magnitudes: [Double]
  /// For each cell, the bucket of its least magnitude.
  let places: [UInt16]

  static let shared = Limits()

  /// The exponent and five bits of the fraction: a cell is narrower than a bucket, so that at most
  /// one limit is in it.
  static func cell(of magnitude: Float) -> Int { Int(magnitude.bitPattern >> 18) }

  private init() {
    var magnitudes: [Double] = []
    var limit = 1e-12
    while limit < 1e20 {
      magnitudes.append(limit)
      limit *= 1.1
    }
    magnitudes.append(.greatestFiniteMagnitude)
    var bucket = 0
    places = (0..<255 << 5).map { cell in
      let least = Double(Float(bitPattern: UInt32(cell) << 18))
      while least >= magnitudes[bucket] { bucket += 1 }
      return UInt16(bucket)
    }
    self.magnitudes = magnitudes
  }
}
