internal import Datasets
internal import Diagnostics

extension Splits {
  /// Throws if the samples or fields that embeddings read are not whole numbers below their limits.
  func checkIndices(_ limits: [String: Int]) throws(Failure) {
    if let limit = limits["samples"] { try checkIndices(below: limit) }
    for (name, limit) in limits.sorted(by: { $0.key < $1.key }) {
      for set in sets {
        guard let field = set.field(name), field.role == .named,
          field.entries.map({ $0 > limit }) ?? true,
          let (sample, number) = try set.firstNumber(
            of: field, outside: 0...limit - 1, { $0 }, { Int($0) })
        else { continue }
        throw Failure(
          .badData,
          "sample \(sample) of '\(name)' holds \(number): an embedding of \(limit.grouped) entries "
            + "takes whole numbers from 0 to \((limit - 1).grouped)")
      }
    }
  }

  private func checkIndices(below limit: Int) throws(Failure) {
    for set in sets {
      // A tokeniser makes no other numbers, and checksums tell of damage.
      if let tokens = set.coding.inputTokens, tokens <= limit { continue }
      guard
        set.elements.number != .float32
          || set.normalisation == .identity
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
  /// Reads the whole dataset in blocks.
  fileprivate func checkIndices(below limit: Int) throws(Failure) {
    for start in stride(from: 0, to: count, by: 1024) {
      let samples = Array(Int32(start)..<Int32(min(count, start + 1024)))
      // Words, so that numbers of any type are aligned.
      var words = [UInt32](repeating: 0, count: (samples.count * sampleBytes + 3) / 4)
      try unsafe words.withUnsafeMutableBufferPointer { words throws(Failure) in
        let bytes = unsafe UnsafeMutableRawBufferPointer(
          rebasing: UnsafeMutableRawBufferPointer(words)[..<(samples.count * sampleBytes)])
        try unsafe copy(samples: samples[...], into: bytes)
        try unsafe requireIndices(
          UnsafeRawBufferPointer(bytes), elements.number, below: limit, sampleSize: sampleSize,
          first: start)
      }
    }
  }
}

/// Throws if a number of the samples from `first` on is not the index of one of `limit` rows.
func requireIndices(
  _ bytes: UnsafeRawBufferPointer, _ type: Dataset.Number, below limit: Int, sampleSize: Int,
  first: Int
) throws(Failure) {
  let wrong: (place: Int, number: String)?
  switch type {
  case .uint8:
    wrong = unsafe bytes.firstIndex { Int($0) >= limit }.map { unsafe ($0, "\(bytes[$0])") }
  case .int32:
    let numbers = unsafe bytes.assumingMemoryBound(to: Int32.self)
    wrong = unsafe numbers.firstIndex { !(0..<limit).contains(Int($0)) }
      .map { unsafe ($0, "\(numbers[$0])") }
  case .float32:
    let numbers = unsafe bytes.assumingMemoryBound(to: Float.self)
    wrong = unsafe numbers.firstIndex {
      !($0 >= 0 && $0 < Float(limit) && $0 == $0.rounded(.down))
    }.map { unsafe ($0, "\(numbers[$0])") }
  }
  guard let (place, number) = wrong else { return }
  throw Failure(
    .badData,
    "sample \(first + place / sampleSize) holds \(number) at \(place % sampleSize): "
      + "an embedding of \(limit.grouped) entries takes whole numbers from 0 to "
      + "\((limit - 1).grouped)")
}
