extension Dataset.Targets {
  /// Names for classes without any: their indices.
  static func numbered(_ count: Int) -> [String] { (0..<count).map(String.init) }

  /// Of one sample's targets.
  package var shape: [Int] {
    switch self {
    case .classes(_, _, let shape), .values(_, let shape): shape
    case .next(let samples, _, _): [samples.sampleSize]
    case .none: []
    }
  }

  /// The number of targets of a sample, including ignored ones.
  package var perSample: Int {
    if case .none = self { 0 } else { shape.reduce(1, *) }
  }

  /// The names of the classes; nil if there are none.
  package var classNames: [String]? {
    switch self {
    case .classes(_, let names, _), .next(_, _, let names): names
    case .values, .none: nil
    }
  }

  /// The number of targets of all samples.
  var numberCount: Int {
    switch self {
    case .classes(let labels, _, _): labels.count
    case .values(let numbers, _): numbers.count
    case .next(let samples, _, _): samples.count * samples.sampleSize
    case .none: 0
    }
  }

  /// The number of targets of each sample that count; nil if all do.
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
    case .next, .none: nil
    }
  }

  /// The same for numbers, of which `isCounted` says which count.
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

  /// Calls `body` with all targets that are in memory.
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    switch self {
    case .classes(let labels, _, _): unsafe labels.withUnsafeBytes(body)
    case .values(let numbers, _): unsafe numbers.withUnsafeBytes(body)
    case .next(_, let last, _): unsafe [last].withUnsafeBytes(body)
    case .none: unsafe body(UnsafeRawBufferPointer(start: nil, count: 0))
    }
  }
}

extension Dataset {
  /// The number of samples of each class; nil where a sample has not one class.
  package var classCounts: ClassCounts? {
    guard case .classes(let labels, let names, []) = targets else { return nil }
    var counts = [Int](repeating: 0, count: names.count)
    for sample in 0..<Int32(count) {
      let label = Int(labels[Int(location(of: sample))])
      if label >= 0 { counts[label] += 1 }
    }
    return ClassCounts(names: names, counts: counts)
  }

  /// The first real target outside a range, and the place of its sample in the file.
  func firstTarget(outside range: ClosedRange<Float>) -> (sample: Int, target: Float)? {
    guard case .values(let numbers, _) = targets else { return nil }
    let width = targets.perSample
    for sample in 0..<Int32(count) {
      let place = Int(location(of: sample))
      for target in numbers[place * width..<(place + 1) * width]
      where !range.contains(target) && !target.isNaN {
        return (place, target)
      }
    }
    return nil
  }
}
