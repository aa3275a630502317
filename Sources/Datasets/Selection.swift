/// The places of samples in the elements of a dataset.
enum Selection: Sendable {
  /// Consecutive ones, which take no memory.
  case range(Range<Int32>)
  case list([Int32])

  var count: Int {
    switch self {
    case .range(let range): range.count
    case .list(let places): places.count
    }
  }

  subscript(sample: Int) -> Int32 {
    switch self {
    case .range(let range): range.lowerBound + Int32(sample)
    case .list(let places): places[sample]
    }
  }

  /// Consecutive samples of these.
  subscript(samples: Range<Int>) -> Selection {
    switch self {
    case .range(let range):
      let first = range.lowerBound
      return .range(first + Int32(samples.lowerBound)..<first + Int32(samples.upperBound))
    case .list(let places): return .list(Array(places[samples]))
    }
  }
}
