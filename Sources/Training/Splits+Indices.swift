internal import Datasets
internal import Diagnostics

extension Splits {
  /// Refuses samples that are not the whole numbers below a limit that an embedding takes.
  func checkIndices(below limit: Int) throws(Failure) {
    for set in [training, validation, test].compactMap({ $0 }) {
      guard set.elements.number != .uint8,
        set.normalisation == Normalisation(scale: 1, mean: 0, deviation: 1)
      else {
        throw Failure(
          .badData,
          "an embedding takes whole numbers as they are, the samples of this dataset are "
            + "normalised: use a dataset of numbers, such as a table")
      }
      try set.checkIndices(below: limit)
    }
  }
}

extension Dataset {
  /// Reads everything once, some samples at a time.
  fileprivate func checkIndices(below limit: Int) throws(Failure) {
    for start in stride(from: 0, to: count, by: 1024) {
      let samples = Array(Int32(start)..<Int32(min(count, start + 1024)))
      // Both types of numbers take four bytes.
      var words = [UInt32](repeating: 0, count: samples.count * sampleSize)
      try unsafe words.withUnsafeMutableBufferPointer { words throws(Failure) in
        let bytes = UnsafeMutableRawBufferPointer(words)
        try unsafe copy(samples: samples[...], into: bytes)
        try unsafe requireIndices(
          UnsafeRawBufferPointer(bytes), elements.number, below: limit, sampleSize: sampleSize,
          first: start)
      }
    }
  }
}

/// Refuses numbers of samples, counted from `first`, that name no row of a table of so many.
func requireIndices(
  _ numbers: UnsafeRawBufferPointer, _ type: Dataset.Number, below limit: Int, sampleSize: Int,
  first: Int
) throws(Failure) {
  func failure(_ place: Int, _ number: String) -> Failure {
    Failure(
      .badData,
      "sample \(first + place / sampleSize) holds \(number) at \(place % sampleSize): "
        + "an embedding of \(limit.grouped) entries takes whole numbers from 0 to "
        + "\((limit - 1).grouped)")
  }
  if type == .int32 {
    let integers = unsafe numbers.assumingMemoryBound(to: Int32.self)
    guard let place = unsafe integers.firstIndex(where: { !(0..<limit ~= Int($0)) }) else { return }
    throw unsafe failure(place, "\(integers[place])")
  }
  let reals = unsafe numbers.assumingMemoryBound(to: Float.self)
  let isIndex = { (number: Float) in
    number >= 0 && number < Float(limit) && number == number.rounded(.down)
  }
  guard let place = unsafe reals.firstIndex(where: { !isIndex($0) }) else { return }
  throw unsafe failure(place, "\(reals[place])")
}
