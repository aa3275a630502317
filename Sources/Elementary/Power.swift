extension Double {
  /// The base raised to an integer, correct to about one rounding for any exponent.
  ///
  /// Repeated squaring doubles the relative error each time, so every product carries its own.
  package static func power(_ base: Double, _ exponent: Int) -> Double {
    var result = Extended(value: 1, error: 0)
    var square = Extended(value: base, error: 0)
    var bits = exponent.magnitude
    while bits > 0 {
      if bits & 1 == 1 { result = result * square }
      bits >>= 1
      if bits > 0 { square = square * square }
    }
    return exponent < 0 ? 1 / result.sum : result.sum
  }

  /// A number as an unevaluated sum of two.
  private struct Extended {
    var value: Double
    var error: Double

    /// The sum, unless overflow has made the error meaningless.
    var sum: Double { error.isFinite ? value + error : value }

    static func * (a: Extended, b: Extended) -> Extended {
      let product = a.value * b.value
      let rounding = (-product).addingProduct(a.value, b.value)
      return Extended(value: product, error: rounding + (a.value * b.error + a.error * b.value))
    }
  }
}

extension Float {
  /// The base raised to an integer, correctly rounded but for ties.
  package static func power(_ base: Float, _ exponent: Int) -> Float {
    Float(Double.power(Double(base), exponent))
  }
}
