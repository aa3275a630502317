extension [Float] {
  /// Scaled to 0...1 from the range of the numbers and 0; not finite is 0.
  package func scaled() -> [Float] {
    let known = lazy.filter(\.isFinite)
    let least = Double(Swift.min(0, known.min() ?? 0))
    let most = Double(Swift.max(0, known.max() ?? 0))
    guard most > least else { return map { _ in 0 } }
    return map { $0.isFinite ? Float((Double($0) - least) / (most - least)) : 0 }
  }

  /// Each number if it is from 0 to 1.
  package func clamped() -> [Float] { map { $0.isNaN ? 0 : Swift.min(Swift.max($0, 0), 1) } }
}

extension [[Float]] {
  /// Scaled to 0...1: 0.5 is 0, and 1 or 0 the greatest magnitude; not finite is 0.5.
  package func scaledAboutZero() -> [[Float]] {
    let size = lazy.joined().filter(\.isFinite).map(\.magnitude).max() ?? 0
    guard size > 0 else { return map { $0.map { _ in 0.5 } } }
    return map { $0.map { $0.isFinite ? 0.5 + 0.5 * ($0 / size) : 0.5 } }
  }
}
