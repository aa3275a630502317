internal import Randomness

extension DrawnDataset {
  /// Sequences of real numbers, `width` a step, each with a real target.
  ///
  /// `draw` gives a sequence and its target from the streams of its parts.
  init(
    series name: String, defaultSizes: (training: Int, test: Int), steps: Int,
    atLeast fewest: Int, width: Int,
    draw:
      @escaping @Sendable (_ steps: Int, _ stream: (UInt64) -> RandomStream) -> (
        numbers: [Float], target: Float
      )
  ) {
    self.init(steps: steps, atLeast: fewest) { steps in
      DrawnDataset(
        name, defaultSizes: defaultSizes, shape: [steps, width], .float32, .values(shape: [1])
      ) { split, count, _ in
        var samples: [Float] = []
        samples.reserveCapacity(count * steps * width)
        var targets: [Float] = []
        for sample in 0..<count {
          let (numbers, target) = draw(steps) { part in
            RandomStream(drawing: name, split, sample: sample, part: part)
          }
          samples += numbers
          targets.append(target)
        }
        return Dataset(
          shape: [steps, width], elements: .floats(samples),
          targets: .values(targets, shape: [1]), normalisation: .identity)
      }
    }
  }
}
