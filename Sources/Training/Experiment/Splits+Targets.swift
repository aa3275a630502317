internal import Datasets
internal import Diagnostics
internal import Networks

extension Splits {
  /// Throws if a field that is the target of `loss` has numbers outside of `range`.
  func check(
    _ name: String, within range: ClosedRange<Float>, for output: ModelOutput
  ) throws(Failure) {
    let bounds = "\(Int(range.lowerBound)) to \(Int(range.upperBound))"
    guard name != "samples" else {
      // The range of pixels is known.
      guard training.elements.number == .uint8,
        training.normalisation == training.normalisation.scaleAlone
      else {
        throw output.failure(
          "\(output.loss.name) takes targets from \(bounds), and the samples are normalised or "
            + "no pixels: "
            + "'normalise: false' in data leaves pixels from 0 to 1; or use mse", at: "target")
      }
      return
    }
    for set in sets {
      guard let field = set.field(name),
        let (sample, number) = try set.firstNumber(
          of: field, outside: range, { Float($0) }, { $0 })
      else { continue }
      throw Failure(
        .badData,
        "sample \(sample) has \(number) in the field '\(name)', expected \(bounds) for "
          + "\(output.loss.name)"
      )
    }
  }
}

extension Dataset {
  /// The first number of a field outside of a range, and the place of its sample in the data.
  ///
  /// Reads in blocks.
  func firstNumber<Number>(
    of field: Field, outside range: ClosedRange<Number>, _ integer: (Int) -> Number,
    _ real: (Float) -> Number
  ) throws(Failure) -> (sample: Int, number: Number)? {
    for start in stride(from: 0, to: count, by: 1024) {
      let samples = Array(Int32(start)..<Int32(min(count, start + 1024)))
      let numbers = try numbers(of: field, samples[...], integer, real)
      if let place = numbers.firstIndex(where: { !range.contains($0) }) {
        return (self.place(of: samples[place / field.size]), numbers[place])
      }
    }
    return nil
  }
}
