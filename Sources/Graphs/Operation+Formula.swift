/// A rule of the table of derivatives, as people write it.
package struct DerivativeRule: Sendable {
  package let name: String
  /// The gradient that an operand receives.
  package let formula: Formula
}

extension Operation {
  /// The formula of the first result, for operands with these formulas.
  package func formula(_ x: [Formula]) -> Formula {
    switch self {
    case .input(let name), .parameter(let name): .name(name)
    case .constant(let value): .number(value)
    case .random(let stream): .name("random\(stream)")
    case .unary(let unary): unary.formula(x[0])
    case .binary(let binary): binary.formula(x[0], x[1])
    case .compare(let comparison): .relation(x[0], comparison, x[1])
    case .select: .choose(x[0], x[1], x[2])
    case .reduce(.sum, _): .function("sum", x)
    case .reduce(.maximum, _): .function("max", x)
    // The same numbers in another type or shape.
    case .convert, .reshape, .broadcast: x[0]
    case .permute: .function("permute", x)
    case .slice: .function("slice", x)
    case .pad: .function("pad", x)
    case .concatenate: .function("concatenate", x)
    case .reverse: .function("reverse", x)
    case .gather: .function("rows", x)
    case .scatterAdd: .function("scatter", x)
    case .oneHot: .function("onehot", x)
    case .matrixProduct(let left, let right):
      .matrixProduct(left ? .transposed(x[0]) : x[0], right ? .transposed(x[1]) : x[1])
    case .convolution: .function("convolution", x)
    case .convolutionInputGradient: .function("convolution_to_input", x)
    case .convolutionFilterGradient: .function("convolution_to_filter", x)
    case .maxPool: .function("maxpool", x)
    case .poolGather: .function("maxpool", [x[1]])
    case .poolScatter: .function("to_maxima", [x[1]])
    case .poolSum: .function("window_sums", x)
    case .poolSpread: .function("to_windows", x)
    case .scan: .function("scan", x)
    case .composite(let composite): composite.definition.formula(x)
    }
  }

  /// The table of derivatives as formulas, row by row that of `Builder.gradients(of:from:)`.
  ///
  /// The gradient that operand `i` receives from the gradient `g` of the first result `y`; nil for
  /// none.
  package func derivative(
    of i: Int, _ x: [Formula], y: Formula, g: Formula
  ) -> DerivativeRule? {
    func rule(_ name: String, _ formulas: Formula?...) -> DerivativeRule? {
      formulas[i].map { DerivativeRule(name: name, formula: $0) }
    }
    switch self {
    case .input, .parameter, .constant, .random, .compare, .oneHot:
      return nil
    case .convert:
      return rule("the same numbers in their old type", g)
    case .unary(let unary):
      return rule("derivative of \(unary.rawValue)", unary.derivative(x[0], y, g))
    case .binary(let binary):
      let (name, left, right) = binary.derivatives(x[0], x[1], y, g)
      return rule(name, left, right)
    case .select:
      return rule("only the chosen side", nil, .choose(x[0], g, 0), .choose(x[0], 0, g))
    case .reduce(.sum, _):
      return rule("sum rule: every term receives it", g)
    case .reduce(.maximum, _):
      let hits = Formula.function("count", [.relation(x[0], .equal, y)])
      return rule("equal maxima share it", .choose(.relation(x[0], .equal, y), g / hits, 0))
    case .reshape:
      return rule("the same numbers in their old shape", g)
    case .permute:
      return rule("the axes back in their old order", .function("permute", [g]))
    case .broadcast:
      return rule("the sum over what was repeated", .function("sum", [g]))
    case .slice:
      return rule("zeros around the slice", .function("pad", [g]))
    case .pad:
      return rule("nothing for the padding", .function("slice", [g]))
    case .concatenate:
      let name = "to each part its own"
      return DerivativeRule(name: name, formula: .function("slice", [g]))
    case .reverse:
      return rule("the order back", .function("reverse", [g]))
    case .gather:
      return rule("to the rows that were read", .function("scatter", [x[1], g]), nil)
    case .scatterAdd:
      return rule("from the rows that were written", nil, .function("rows", [g, x[0]]))
    case .matrixProduct(let left, let right):
      let (a, b) = (left ? .transposed(x[0]) : x[0], right ? .transposed(x[1]) : x[1])
      let toLeft = Formula.matrixProduct(g, b.transpose)
      let toRight = Formula.matrixProduct(a.transpose, g)
      return rule(
        "product rule of matrices", left ? toLeft.transpose : toLeft,
        right ? toRight.transpose : toRight)
    case .convolution:
      return rule(
        "product rule of convolutions", .function("convolution_to_input", [g, x[1]]),
        .function("convolution_to_filter", [x[0], g]))
    case .convolutionInputGradient:
      return rule(
        "product rule of convolutions", .function("convolution", [g, x[1]]),
        .function("convolution_to_filter", [g, x[0]]))
    case .convolutionFilterGradient:
      return rule(
        "product rule of convolutions", .function("convolution_to_input", [x[1], g]),
        .function("convolution", [x[0], g]))
    case .maxPool:
      return rule("to where the maxima stood", .function("to_maxima", [g]))
    case .poolGather:
      return rule("to where the maxima stood", nil, .function("to_maxima", [g]))
    case .poolScatter:
      return rule("from where the maxima stood", nil, .function("maxpool", [g]))
    case .poolSum:
      return rule("to every element of the window", .function("to_windows", [g]))
    case .poolSpread:
      return rule("from every element of the window", .function("window_sums", [g]))
    case .scan:
      return DerivativeRule(name: "back through the steps", formula: .function("scan_back", [g]))
    case .composite(let composite):
      let definition = composite.definition
      return definition.derivative(of: i, x, y: y, g: g).map {
        DerivativeRule(name: "derivative of \(definition.name)", formula: $0)
      }
    }
  }
}

extension Unary {
  fileprivate func formula(_ x: Formula) -> Formula {
    switch self {
    case .negate: -x
    case .reciprocal: 1 / x
    case .expm1: .function("exp", [x]) - 1
    case .log1p: .function("log", [1 + x])
    case .sigmoid: 1 / (1 + .function("exp", [-x]))
    case .exp, .log, .sqrt, .tanh, .erf: .function(rawValue, [x])
    }
  }

  fileprivate func derivative(_ x: Formula, _ y: Formula, _ g: Formula) -> Formula {
    switch self {
    case .negate: -g
    case .reciprocal: -(g * (y * y))
    case .exp: g * y
    case .expm1: g * .function("exp", [x])
    case .log: g / x
    case .log1p: g / (1 + x)
    case .sqrt: g * 0.5 / y
    case .tanh: g * (1 - y * y)
    case .sigmoid: g * (y * (1 - y))
    case .erf: g * (.function("exp", [-(x * x)]) * .number(2 / Double.pi.squareRoot()))
    }
  }
}

extension Binary {
  fileprivate func formula(_ a: Formula, _ b: Formula) -> Formula {
    switch self {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .maximum: .function("max", [a, b])
    }
  }

  fileprivate func derivatives(
    _ a: Formula, _ b: Formula, _ y: Formula, _ g: Formula
  ) -> (name: String, Formula, Formula) {
    switch self {
    case .add: ("sum rule", g, g)
    case .subtract: ("difference rule", g, -g)
    case .multiply: ("product rule", g * b, g * a)
    case .divide: ("quotient rule", g / b, -(g * y / b))
    case .maximum:
      (
        "only the greater side", .choose(.relation(b, .less, y), g, 0),
        .choose(.relation(b, .less, y), 0, g)
      )
    }
  }
}

extension Formula {
  /// The transpose, without transposing anything twice.
  fileprivate var transpose: Formula {
    switch self {
    case .transposed(let formula): formula
    case .matrixProduct(let a, let b): .matrixProduct(b.transpose, a.transpose)
    default: .transposed(self)
    }
  }
}
