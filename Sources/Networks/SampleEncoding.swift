internal import Diagnostics
internal import Graphs

/// How samples are stored when a program gets them.
package enum SampleEncoding: Hashable, Sendable {
  case float32
  /// Bytes; the program converts them to `(x / 255 - mean) / deviation`.
  case uint8(Normalization)
}

/// What the samples' values are centred on and divided by: once for all or for each channel.
package struct Normalization: Hashable, Sendable {
  package let mean: [Double]
  package let deviation: [Double]

  package init(mean: [Double] = [0], deviation: [Double] = [1]) {
    self.mean = mean
    self.deviation = deviation
  }
}

extension Builder {
  /// The input `samples` of a program, as real numbers.
  mutating func samples(_ shape: Shape, _ encoding: SampleEncoding) throws(Failure) -> Value {
    switch encoding {
    case .float32:
      return input("samples", TensorType(.float32, shape))
    case .uint8(let normalization):
      let bytes = input("samples", TensorType(.uint8, shape))
      let fractions = multiply(emit(.convert(.float32), bytes), by: 1 / 255)
      let centred = subtract(fractions, try channels(normalization.mean, over: shape))
      return divide(centred, try channels(normalization.deviation, over: shape))
    }
  }

  /// One number for all channels or one for each, repeated over a shape.
  private mutating func channels(
    _ numbers: [Double], over shape: Shape
  ) throws(Failure) -> Value {
    if numbers.count == 1 { return constant(numbers[0], shape) }
    let count = shape[shape.rank - 1]
    guard numbers.count == count else {
      throw Failure(
        .badData, "expected a normalisation of 1 or \(count) channels, found \(numbers.count)")
    }
    return spread(emit(.concatenate(axis: 0), numbers.map { constant($0, [1]) }), over: shape)
  }
}
