import Explanations
import Graphs

extension Formula {
  /// What a formula of numbers comes to; nil where terms are left out.
  var value: Double? {
    switch self {
    case .number(let number): return number
    case .sum(let terms):
      return terms.reduce(-0.0) { sum, term in sum.flatMap { sum in term.value.map { sum + $0 } } }
    case .difference(let a, let b): return a.combined(b, -)
    case .negative(let a): return a.value.map { -$0 }
    case .product(let a, let b): return a.combined(b, *)
    case .quotient(let a, let b): return a.combined(b, /)
    case .relation(let a, let comparison, let b):
      return a.combined(b) { comparison.holds($0, $1) ? 1 : 0 }
    case .function("choose", let x):
      return x[0].value.flatMap { $0 != 0 ? x[1].value : x[2].value }
    case .function("max", let x):
      let values = x.compactMap(\.value)
      return values.contains(where: \.isNaN) ? .nan : values.max()
    case .function(let name, let x):
      return Unary(rawValue: name).flatMap { unary in x[0].value.map(unary.apply) }
    case .name, .derivative, .part, .matrixProduct, .transposed: return nil
    }
  }

  private func combined(_ other: Formula, _ function: (Double, Double) -> Double) -> Double? {
    value.flatMap { a in other.value.map { function(a, $0) } }
  }
}

extension Explanation {
  /// The numbers of the entries with a symbol.
  func numbers(of symbol: String) -> [Double] {
    sections.flatMap(\.entries).filter { $0.symbol.text() == symbol }.flatMap { entry in
      guard case .elements(let elements) = entry.content else { return [Double]() }
      return elements.map { if case .number(let number)? = $0.equals.last { number } else { .nan } }
    }
  }

  /// All equations between numbers.
  var equations: [(left: Formula, right: Formula)] {
    sections.flatMap(\.entries).flatMap { entry in
      guard case .elements(let elements) = entry.content else {
        return [(left: Formula, right: Formula)]()
      }
      return elements.filter { $0.equals.count == 2 }.map { ($0.equals[0], $0.equals[1]) }
    }
  }
}
