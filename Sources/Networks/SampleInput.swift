package import Graphs

/// How a program gets its samples: numbers as they are stored, and how to normalise them.
///
/// The layers see `(x · scale - mean) / deviation`; for pixels the scale is 1/255.
package struct SampleInput: Hashable, Sendable {
  package let number: NumberType
  package let scale: Double
  package let mean: Double
  package let deviation: Double

  /// Real numbers, taken as they are.
  package static let float32 = SampleInput(.float32)

  package init(
    _ number: NumberType, scale: Double = 1, mean: Double = 0, deviation: Double = 1
  ) {
    self.number = number
    self.scale = scale
    self.mean = mean
    self.deviation = deviation
  }
}

extension Builder {
  /// The input of a program that holds the samples, or another field of the data: normalised, and
  /// as the integers that it holds, if it does.
  mutating func field(
    _ name: String, _ shape: Shape, _ stored: SampleInput
  ) -> (normalised: Value, indices: Value?) {
    let samples = input(name, TensorType(stored.number, shape))
    let numbers = emit(.convert(.float32), samples)
    var x = multiply(numbers, by: stored.scale)
    if stored.mean != 0 { x = subtract(x, constant(stored.mean, shape)) }
    return (
      divide(x, constant(stored.deviation, shape)), stored.number == .float32 ? nil : numbers
    )
  }
}
