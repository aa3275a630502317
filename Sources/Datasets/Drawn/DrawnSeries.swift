internal import Randomness

extension DrawnDataset {
  /// Sequences of real numbers, `width` a step, with real targets.
  ///
  /// `draw` gives a sequence and its targets from the streams of its parts.
  init(
    series name: String, defaultSizes: (training: Int, test: Int), shape: [Int], targets: Int = 1,
    columns: CSVColumns? = nil,
    draw:
      @escaping @Sendable (_ stream: (UInt64) -> RandomStream) -> (
        numbers: [Float], targets: [Float]
      )
  ) {
    self.init(
      name, defaultSizes: defaultSizes, shape: shape, .float32, .values(shape: [targets])
    ) { split, count, _ in
      var samples: [Float] = []
      samples.reserveCapacity(count * shape.reduce(1, *))
      var values: [Float] = []
      for sample in 0..<count {
        let drawn = draw { part in
          RandomStream(drawing: name, split, sample: sample, part: part)
        }
        samples += drawn.numbers
        values += drawn.targets
      }
      return Dataset(
        shape: shape, elements: .floats(samples), targets: .values(values, shape: [targets]),
        normalisation: .identity, columns: columns)
    }
  }
}
