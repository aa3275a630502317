internal import Configuration
package import Diagnostics

extension DataConfiguration {
  /// Refuses real targets that mean nothing to a loss, naming where the first one is.
  package func checkTargets(
    of splits: Splits, within range: ClosedRange<Float>, for loss: String
  ) throws(Failure) {
    for set in [splits.training, splits.validation, splits.test].compactMap(\.self) {
      guard let (sample, target) = set.firstTarget(outside: range) else { continue }
      let bounds = "\(Int(range.lowerBound)) to \(Int(range.upperBound))"
      if case .made(.table) = source {
        throw settings.failure(
          at: "targets",
          "expected numbers from \(bounds) for \(loss), found \(target) in number \(sample + 1)")
      }
      throw Failure(
        .badData,
        "\(set.source.map { "'\($0)': " } ?? "")sample \(sample) has the target \(target), expected "
          + "\(bounds) for \(loss)")
    }
  }
}

extension Dataset {
  /// The first real target that is outside a range, and the place of its sample in the file.
  fileprivate func firstTarget(outside range: ClosedRange<Float>) -> (sample: Int, target: Float)? {
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
