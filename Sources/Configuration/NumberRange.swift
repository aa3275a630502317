/// A range of numbers whose ends may be open: `.from(0, below: 1)`, `.above(0)`.
package struct NumberRange: Sendable, CustomStringConvertible {
  let lower: Double
  let upper: Double
  let includesLower: Bool
  let includesUpper: Bool

  package static let any = from(-.infinity)

  package static func from(_ lower: Double, to upper: Double = .infinity) -> NumberRange {
    NumberRange(lower: lower, upper: upper, includesLower: true, includesUpper: true)
  }

  package static func from(_ lower: Double, below upper: Double) -> NumberRange {
    NumberRange(lower: lower, upper: upper, includesLower: true, includesUpper: false)
  }

  package static func above(_ lower: Double, to upper: Double = .infinity) -> NumberRange {
    NumberRange(lower: lower, upper: upper, includesLower: false, includesUpper: true)
  }

  package static func above(_ lower: Double, below upper: Double) -> NumberRange {
    NumberRange(lower: lower, upper: upper, includesLower: false, includesUpper: false)
  }

  /// Whether a number lies in the range; infinities and NaN never do.
  package func contains(_ number: Double) -> Bool {
    number.isFinite
      && (includesLower ? number >= lower : number > lower)
      && (includesUpper ? number <= upper : number < upper)
  }

  package var description: String {
    if lower.isFinite, upper.isFinite, includesLower, includesUpper {
      return "from \(shortest(lower)) to \(shortest(upper))"
    }
    let low = lower.isFinite ? (includesLower ? "of at least " : "above ") + shortest(lower) : ""
    let high = upper.isFinite ? (includesUpper ? "at most " : "below ") + shortest(upper) : ""
    let ends = [low, high].filter { !$0.isEmpty }
    return ends.isEmpty ? "that is finite" : ends.joined(separator: " and ")
  }
}
