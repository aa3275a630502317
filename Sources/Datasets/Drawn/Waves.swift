internal import Elementary
internal import Randomness

/// A noisy signal whose waveform changes from time to time, with a class for each step.
///
/// A step is a frame of successive numbers; its class is the waveform. Sequences have different
/// lengths: the steps after the end hold zeros and are ignored.
enum Waves {
  static let steps = 40
  static let frame = 8
  static let classes = ["sine", "square", "sawtooth", "triangle"]

  /// The fewest steps of a sequence, and of a stretch of one waveform.
  private static let shortest = 20
  private static let stretch = 5
  /// Elements of the stream: the length, four for each stretch, one for each number.
  private static let noiseStart = 64

  fileprivate static func dataset(
    _ split: DrawnDataset.Split, count: Int, normalisation: Normalisation?
  ) -> Dataset {
    let size = steps * frame
    var numbers = [Float](repeating: 0, count: count * size)
    var labels = [Int32](repeating: -1, count: count * steps)
    for sample in 0..<count {
      let stream = RandomStream(
        seed: 0, purpose: .waves, unit: split.rawValue, minor: UInt32(sample))
      let length = shortest + Int(stream.uniform(at: 0) * Float(steps - shortest + 1))
      let place = sample * size..<sample * size + length * frame
      unsafe numbers.withUnsafeMutableBufferPointer {
        unsafe stream.fill(
          normal: UnsafeMutableBufferPointer(rebasing: $0[place]), from: noiseStart)
      }
      var turns = stream.uniform(at: 1)
      var (step, number) = (0, 0)
      while step < length {
        // A last stretch that would be shorter belongs to the one before it.
        let left = length - step
        let draws = 4 * number + 4
        let drawn = stretch + Int(stream.uniform(at: draws) * 6)
        let end = left < drawn + stretch ? length : step + drawn
        let form = Int(stream.uniform(at: draws + 1) * Float(classes.count))
        let period: Float = 6 + 8 * stream.uniform(at: draws + 2)
        let height: Float = 0.8 + 0.4 * stream.uniform(at: draws + 3)
        for place in step * frame..<end * frame {
          turns += 1 / period
          if turns >= 1 { turns -= 1 }
          let index = sample * size + place
          let noise: Float = 0.1 * numbers[index]
          numbers[index] = height * wave(form, turns) + noise
        }
        for place in step..<end { labels[sample * steps + place] = Int32(form) }
        (step, number) = (end, number + 1)
      }
    }
    return Dataset(
      shape: [steps, frame], elements: .floats(numbers),
      targets: .classes(labels, names: classes, shape: [steps]), normalisation: normalisation)
  }

  /// The waveform, from -1 to 1, at a part of its period.
  private static func wave(_ form: Int, _ turn: Float) -> Float {
    switch form {
    case 0: Float.sin(2 * .pi * turn)
    case 1: turn < 0.5 ? 1 : -1
    case 2: 2 * turn - 1
    default: 1 - 4 * abs(turn - 0.5)
    }
  }
}

extension DrawnDataset {
  static let waves = DrawnDataset(
    "waves", defaultSizes: (4000, 1000), shape: [Waves.steps, Waves.frame], .float32,
    .classes(Waves.classes.count, shape: [Waves.steps]), ignoresTargets: true
  ) { Waves.dataset($0, count: $1, normalisation: $2) }
}
