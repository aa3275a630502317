extension Dataset.Targets {
  /// Of one sample's targets.
  package var shape: [Int] {
    switch self {
    case .classes(_, _, let shape), .values(_, let shape): shape
    case .none: []
    }
  }

  /// How many targets a sample has, those that are ignored among them.
  package var perSample: Int {
    switch self {
    case .classes(_, _, let shape), .values(_, let shape): shape.reduce(1, *)
    case .none: 0
    }
  }

  /// The targets of all samples.
  var numberCount: Int {
    switch self {
    case .classes(let labels, _, _): labels.count
    case .values(let numbers, _): numbers.count
    case .none: 0
    }
  }

  /// How many targets of each sample count; nil where all do in every sample.
  func counts(samples: Int) -> [Int32]? {
    switch self {
    case .classes(let labels, _, _):
      unsafe labels.withUnsafeBufferPointer {
        unsafe Self.counts($0, samples, perSample) { $0 >= 0 }
      }
    case .values(let numbers, _):
      unsafe numbers.withUnsafeBufferPointer {
        unsafe Self.counts($0, samples, perSample) { !$0.isNaN }
      }
    case .none: nil
    }
  }

  /// The same of numbers of which some count.
  static func counts<Number>(
    _ numbers: UnsafeBufferPointer<Number>, _ samples: Int, _ perSample: Int,
    _ isCounted: (Number) -> Bool
  ) -> [Int32]? {
    guard unsafe numbers.contains(where: { !isCounted($0) }) else { return nil }
    return (0..<samples).map { sample in
      let part = sample * perSample..<(sample + 1) * perSample
      return Int32(part.count { unsafe isCounted(numbers[$0]) })
    }
  }

  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    switch self {
    case .classes(let labels, _, _): unsafe labels.withUnsafeBytes(body)
    case .values(let numbers, _): unsafe numbers.withUnsafeBytes(body)
    case .none: unsafe body(UnsafeRawBufferPointer(start: nil, count: 0))
    }
  }
}
