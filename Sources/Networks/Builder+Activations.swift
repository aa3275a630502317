internal import Graphs

/// Functions that activations and losses share, element by element.
///
/// They neither overflow nor cancel, and their derivatives are right at the kinks of their parts.
extension Builder {
  /// max(x, 0); its derivative at 0 is 0.
  mutating func positivePart(of x: Value) -> Value { maximum(x, constant(0, shape(of: x))) }

  /// min(x, 0); its derivative at 0 is 1.
  mutating func negativePart(of x: Value) -> Value {
    negate(maximum(constant(0, shape(of: x)), negate(x)))
  }

  /// |x|; its derivative at 0 is 0.
  mutating func magnitude(of x: Value) -> Value {
    add(positivePart(of: x), positivePart(of: negate(x)))
  }

  /// x above 0, the slopes times x below and at 0.
  ///
  /// As one product its derivative takes one more.
  mutating func rectified(_ x: Value, below slopes: Value) -> Value {
    let shape = shape(of: x)
    let isPositive = emit(.compare(.less), constant(0, shape), x)
    return multiply(x, emit(.select, isPositive, constant(1, shape), slopes))
  }

  /// x above 0, alpha (e^x - 1) below.
  mutating func elu(_ x: Value, alpha: Double) -> Value {
    let below = emit(.unary(.expm1), negativePart(of: x))
    return add(positivePart(of: x), multiply(below, by: alpha))
  }

  /// x times the share of a standard normal distribution below x (Hendrycks and Gimpel 2016), from
  /// erf or from √(2/π) (x + 0.044715 x³) with tanh.
  mutating func gelu(_ x: Value, usesTanh: Bool) -> Value {
    guard usesTanh else { return emit(.composite(.gelu), x) }
    let cube = multiply(multiply(x, x), x)
    let sum = add(x, multiply(cube, by: 0.044715))
    let wave = emit(.unary(.tanh), multiply(sum, by: (2 / Double.pi).squareRoot()))
    return multiply(multiply(x, by: 0.5), add(constant(1, shape(of: x)), wave))
  }

  /// x·sigmoid(x), also called SiLU.
  mutating func swish(_ x: Value) -> Value { multiply(x, emit(.unary(.sigmoid), x)) }

  /// log(1 + e^-|x|): what `softplus` has above max(x, 0).
  ///
  /// |x| is max(x, -x) here, whose derivative of -1 at 0 makes that of `softplus` ½.
  mutating func softening(of x: Value) -> Value {
    let power = emit(.unary(.exp), negate(maximum(x, negate(x))))
    return emit(.unary(.log1p), power)
  }

  /// log(1 + e^x).
  mutating func softplus(_ x: Value) -> Value { add(positivePart(of: x), softening(of: x)) }

  mutating func negate(_ x: Value) -> Value { emit(.unary(.negate), x) }

  /// Numbers along an axis, which the program holds as constants.
  mutating func vector(_ numbers: [Double]) -> Value {
    var runs: [(number: Double, count: Int)] = []
    for number in numbers {
      if runs.last?.number == number {
        runs[runs.count - 1].count += 1
      } else {
        runs.append((number, 1))
      }
    }
    return emit(.concatenate(axis: 0), runs.map { constant($0.number, [$0.count]) })
  }
}
