package import Datasets
package import Diagnostics

extension Splits {
  /// Throws if a field that a network reads as lengths of sequences has a number outside of
  /// 1...steps, which `limits` gives for each name.
  package func checkLengths(_ limits: [String: Int]) throws(Failure) {
    for (name, steps) in limits.sorted(by: { $0.key < $1.key }) {
      for set in sets {
        guard let field = set.field(name),
          let (sample, length) = try set.firstNumber(
            of: field, outside: 1...steps, { $0 }, { Int($0) })
        else { continue }
        throw Failure(length: length, of: name, steps: steps, sample: sample)
      }
    }
  }
}

extension Failure {
  /// A sequence's length that is none.
  init(length: Int, of field: String, steps: Int, sample: Int) {
    self.init(
      .badData, "sample \(sample) of '\(field)' is \(length): expected 1 to \(steps.grouped) steps")
  }
}
