internal import Glibc

extension Tensor {
  func map(_ function: (Double) -> Double) -> Tensor {
    Tensor(shape, elements.map(function))
  }

  func map(with other: Tensor, _ function: (Double, Double) -> Double) -> Tensor {
    Tensor(shape, elements.indices.map { function(elements[$0], other.elements[$0]) })
  }

  /// The elements of a where this mask is not 0, of b elsewhere.
  func select(_ a: Tensor, _ b: Tensor) -> Tensor {
    Tensor(
      shape, elements.indices.map { elements[$0] != 0 ? a.elements[$0] : b.elements[$0] })
  }

  func reduced(_ reduction: Reduction, _ axes: [Int], to shape: Shape) -> Tensor {
    // -0 is what changes no number when it is added: 0 would turn -0 into 0.
    var result = Tensor(shape, repeating: reduction == .sum ? -0.0 : -.infinity)
    var strides = shape.strides
    for axis in axes { strides[axis] = 0 }
    let places = Layout(self.shape, strides: strides).places
    for (element, place) in zip(elements, places) {
      result.elements[place] = reduction.apply(result.elements[place], element)
    }
    return result
  }
}

extension Unary {
  package func apply(_ x: Double) -> Double {
    switch self {
    case .negate: -x
    case .reciprocal: 1 / x
    case .exp: Glibc.exp(x)
    case .expm1: Glibc.expm1(x)
    case .log: Glibc.log(x)
    case .log1p: Glibc.log1p(x)
    case .sqrt: x.squareRoot()
    case .tanh: Glibc.tanh(x)
    // Each side takes the exponential that cannot overflow.
    case .sigmoid: x < 0 ? Glibc.exp(x) / (1 + Glibc.exp(x)) : 1 / (1 + Glibc.exp(-x))
    case .erf: Glibc.erf(x)
    }
  }
}

extension Comparison {
  package func holds(_ a: Double, _ b: Double) -> Bool {
    switch self {
    case .less: a < b
    case .lessOrEqual: a <= b
    case .equal: a == b
    }
  }
}

extension Reduction {
  package func apply(_ a: Double, _ b: Double) -> Double {
    switch self {
    case .sum: Binary.add.apply(a, b)
    case .maximum: Binary.maximum.apply(a, b)
    }
  }
}

extension NumberType {
  /// What an element becomes in this type: integers are cut towards zero and to the type's range,
  /// and bfloat16 is rounded to the nearest, of two equally near ones to the even one.
  package func nearest(_ x: Double) -> Double {
    switch self {
    case .float32: x
    case .int32: cut(x, Double(Int32.min), Double(Int32.max))
    case .uint8: cut(x, 0, 255)
    case .bfloat16: bfloat16(x)
    }
  }

  /// Whether a constant may have this value; a float32 is rounded where it is computed with.
  func holds(_ x: Double) -> Bool { x.isNaN ? isFloat : nearest(x) == x }

  private func cut(_ x: Double, _ low: Double, _ high: Double) -> Double {
    // The sum makes 0 of -0, which no integer is.
    x.isNaN ? 0 : min(max(x.rounded(.towardZero), low), high) + 0
  }

  private func bfloat16(_ x: Double) -> Double {
    guard x.isFinite && x != 0 else { return x }
    let exponent = max(Int(x.exponent), Float.leastNormalMagnitude.exponent) - 7
    let unit = Double(sign: .plus, exponent: exponent, significand: 1)
    let rounded = (x / unit).rounded(.toNearestOrEven) * unit
    return rounded.magnitude < 0x1p128 ? rounded : rounded * .infinity
  }
}
