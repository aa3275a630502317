package import Graphs
internal import Diagnostics

extension Formula {
  /// The formula on one line; names get the index.
  package func text(_ index: [String] = []) -> String {
    let place = index.isEmpty ? "" : "[\(index.joined(separator: ", "))]"
    switch self {
    case .name(let name): return name + place
    case .derivative(let name, let numerator): return "∂\(numerator ?? "L")/∂\(name)\(place)"
    case .part(let label, let whole): return "\(whole.text(index)) (\(label))"
    case .number(let number): return number.figure
    case .sum(let terms):
      return terms.enumerated().map { $1.text($0 == 0 ? .sum : .term) }.joined(separator: " + ")
    case .difference(let a, let b): return "\(a.text(.sum)) - \(b.text(.term))"
    case .negative(let a): return "-\(a.text(.atom))"
    case .product(let a, let b): return "\(a.text(.term)) * \(b.text(.term))"
    case .quotient(let a, let b): return "\(a.text(.term)) / \(b.text(.atom))"
    case .matrixProduct(let a, let b): return "\(a.text(.atom)) · \(b.text(.atom))"
    case .transposed(.derivative(let name, let numerator)):
      return "(\(Formula.derivative(of: name, numerator: numerator).text()))ᵀ"
    case .function("norm", let x) where x.count == 1: return "‖\(x[0].text())‖"
    case .transposed(let a): return "\(a.text(.atom))ᵀ"
    case .relation(let a, let comparison, let b):
      return "\(a.text(.sum)) \(comparison.sign) \(b.text(.sum))"
    case .function("choose", let x) where x.count == 3:
      return "(\(x[1].text(.sum)) if \(x[0].text()) else \(x[2].text(.sum)))"
    case .function(let name, let arguments):
      return "\(name)(\(arguments.map { $0.text() }.joined(separator: ", ")))"
    }
  }

  private func text(_ place: Precedence) -> String { precedence < place ? "(\(text()))" : text() }
}

/// The precedence of the outermost operator of a formula, weakest first.
enum Precedence: Comparable {
  case relation, sum, term, atom
}

extension Formula {
  var precedence: Precedence {
    switch self {
    case .relation: .relation
    case .sum(let terms): terms.count == 1 ? terms[0].precedence : .sum
    case .difference, .negative: .sum
    case .number(let number): number < 0 ? .sum : .atom
    case .product, .quotient, .matrixProduct: .term
    case .name, .derivative, .part, .transposed, .function: .atom
    }
  }
}

extension Comparison {
  var sign: String {
    switch self {
    case .less: "<"
    case .lessOrEqual: "≤"
    case .equal: "="
    }
  }
}

extension Double {
  /// The shortest text of nine digits: `0.298371109`, `0.5`, `3.51018778e-05`.
  var figure: String {
    if self == 0 { return "0" }
    let text = (Double(formatted(digits: 9)) ?? self).description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
