package import Graphs

extension Formula {
  /// The formula in LaTeX, without dollar signs; names get the index.
  package func latex(_ index: [String] = []) -> String {
    let places = index.map { Int($0) == nil ? upright($0) : $0 }
    let place = index.isEmpty ? "" : "_{\(places.joined(separator: ","))}"
    switch self {
    case .name(let name): return upright(name) + place
    case .derivative(let name, nil):
      return #"\frac{\partial L}{\partial "# + upright(name) + place + "}"
    case .derivative(let name, let numerator?):
      return #"\left(\frac{\partial "# + upright(numerator) + #"}{\partial "# + upright(name)
        + #"}\right)"# + place
    case .part(let label, let whole):
      return #"\left("# + whole.latex(index) + #"\right)^{("#
        + (Int(label) == nil ? #"\text{"# + label + "}" : label) + ")}"
    case .number(let number): return number.latex
    case .sum(let terms):
      return terms.enumerated().map { $1.latex($0 == 0 ? .sum : .term) }.joined(separator: " + ")
    case .difference(let a, let b): return "\(a.latex(.sum)) - \(b.latex(.term))"
    case .negative(let a): return "-\(a.latex(.atom))"
    case .product(let a, let b):
      // The product of tensors is elementwise.
      let sign = a.isNumber || b.isNumber ? #"\cdot"# : #"\odot"#
      return "\(a.latex(.term)) \(sign) \(b.latex(.term))"
    case .quotient(let a, let b): return #"\frac{"# + a.latex() + "}{" + b.latex() + "}"
    case .matrixProduct(let a, let b): return a.latex(.atom) + #" \, "# + b.latex(.atom)
    case .transposed(.derivative(let name, nil)):
      return #"\left("# + Formula.derivative(of: name).latex() + #"\right)^{\top}"#
    case .function("norm", let x) where x.count == 1:
      return #"\left\lVert "# + x[0].latex() + #" \right\rVert"#
    case .transposed(let a): return a.latex(.atom) + #"^{\top}"#
    case .relation(let a, let comparison, let b):
      return "\(a.latex(.sum)) \(comparison.latex) \(b.latex(.sum))"
    case .function("exp", let x) where x.count == 1: return "e^{\(x[0].latex())}"
    case .function("sqrt", let x) where x.count == 1: return #"\sqrt{"# + x[0].latex() + "}"
    case .function("choose", let x) where x.count == 3:
      let (condition, a, b) = (x[0].latex(), x[1].latex(), x[2].latex())
      return #"\begin{cases} \#(a) & \text{if } \#(condition) \\ \#(b) & \text{else} \end{cases}"#
    case .function(let name, let arguments):
      let list = arguments.map { $0.latex() }.joined(separator: ", ")
      return #"\operatorname{"# + escaped(name) + #"}\left("# + list + #"\right)"#
    }
  }

  private func latex(_ place: Precedence) -> String {
    // A fraction needs no parentheses.
    if case .quotient = self { return latex() }
    return precedence < place ? #"\left("# + latex() + #"\right)"# : latex()
  }

  /// Whether it consists of numbers only.
  private var isNumber: Bool {
    switch self {
    case .number: true
    case .name, .derivative, .part: false
    case .sum(let terms), .function(_, let terms): terms.allSatisfy(\.isNumber)
    case .negative(let a), .transposed(let a): a.isNumber
    case .difference(let a, let b), .product(let a, let b), .quotient(let a, let b),
      .matrixProduct(let a, let b), .relation(let a, _, let b):
      a.isNumber && b.isNumber
    }
  }

  /// The step of a loop, which stands below in text, stands above: `h₂` is h^(2).
  private func upright(_ name: String) -> String {
    if name == "..." { return #"\ldots"# }
    let step = String(name.compactMap { $0.subscriptDigit.map { "\($0)" } }.joined())
    let rest = name.filter { $0.subscriptDigit == nil }
    return #"\mathrm{"# + escaped(rest) + "}" + (step.isEmpty ? "" : "^{(\(step))}")
  }

  private func escaped(_ name: String) -> String {
    name.map { #"_$%&#{}"#.contains($0) ? #"\"# + "\($0)" : "\($0)" }.joined()
  }
}

extension Comparison {
  fileprivate var latex: String {
    switch self {
    case .less: "<"
    case .lessOrEqual: #"\le"#
    case .equal: "="
    }
  }
}

extension Double {
  fileprivate var latex: String {
    let parts = figure.split(separator: "e")
    guard parts.count == 2, let exponent = Int(parts[1]) else { return figure }
    return "\(parts[0])" + #" \cdot 10^{"# + "\(exponent)}"
  }
}
