/// A formula as people write it; the module Explanations writes it as text or LaTeX.
package indirect enum Formula: Hashable, Sendable {
  case name(String)
  /// The derivative of the loss, or of another value, with respect to the value with this name.
  case derivative(of: String, numerator: String? = nil)
  /// A term of a sum of derivatives: its number, or the step of a loop that it comes from.
  case part(String, of: Formula)
  case number(Double)
  case sum([Formula])
  case difference(Formula, Formula)
  case negative(Formula)
  case product(Formula, Formula)
  case quotient(Formula, Formula)
  case matrixProduct(Formula, Formula)
  case transposed(Formula)
  case relation(Formula, Comparison, Formula)
  /// `exp`, `max`, `convolution`, ...; `choose(m, a, b)` is a if m holds, else b.
  case function(String, [Formula])
}

extension Formula: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  package init(floatLiteral value: Double) { self = .number(value) }
  package init(integerLiteral value: Int) { self = .number(Double(value)) }

  package static func + (a: Formula, b: Formula) -> Formula { .sum([a, b]) }
  package static func - (a: Formula, b: Formula) -> Formula { .difference(a, b) }
  package static func * (a: Formula, b: Formula) -> Formula { .product(a, b) }
  package static func / (a: Formula, b: Formula) -> Formula { .quotient(a, b) }
  package static prefix func - (a: Formula) -> Formula { .negative(a) }

  static func choose(_ condition: Formula, _ a: Formula, _ b: Formula) -> Formula {
    .function("choose", [condition, a, b])
  }
}
