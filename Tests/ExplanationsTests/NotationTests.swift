import Explanations
import Graphs
import Testing

@Suite struct NotationTests {
  struct Example: Sendable, CustomTestStringConvertible {
    let formula: Formula
    let text: String
    let latex: String

    init(_ formula: Formula, _ text: String, _ latex: String) {
      self.formula = formula
      self.text = text
      self.latex = latex
    }

    var testDescription: String { text }
  }

  private static let (a, b, c) = (Formula.name("a"), Formula.name("b"), Formula.name("c"))

  static let examples = [
    Example(0.1, "0.1", "0.1"),
    Example(3, "3", "3"),
    Example(-0.0, "0", "0"),
    Example(0.29837110876, "0.298371109", "0.298371109"),
    Example(0.0000123456789012, "1.23456789e-05", #"1.23456789 \cdot 10^{-5}"#),
    Example(a + b, "a + b", #"\mathrm{a} + \mathrm{b}"#),
    Example(a - (b + c), "a - (b + c)", #"\mathrm{a} - \left(\mathrm{b} + \mathrm{c}\right)"#),
    Example(a - (b - c), "a - (b - c)", #"\mathrm{a} - \left(\mathrm{b} - \mathrm{c}\right)"#),
    Example((a + b) * c, "(a + b) * c", #"\left(\mathrm{a} + \mathrm{b}\right) \odot \mathrm{c}"#),
    Example(a * (b * c), "a * b * c", #"\mathrm{a} \odot \mathrm{b} \odot \mathrm{c}"#),
    Example(a / (b * c), "a / (b * c)", #"\frac{\mathrm{a}}{\mathrm{b} \odot \mathrm{c}}"#),
    Example(a * 2, "a * 2", #"\mathrm{a} \cdot 2"#),
    Example(-(a * b), "-(a * b)", #"-\left(\mathrm{a} \odot \mathrm{b}\right)"#),
    Example(2 * .number(-0.5), "2 * (-0.5)", #"2 \cdot \left(-0.5\right)"#),
    Example(.number(-1) + .number(-2), "-1 + (-2)", #"-1 + \left(-2\right)"#),
    Example(.sum([a]) * b, "a * b", #"\mathrm{a} \odot \mathrm{b}"#),
    Example(.function("exp", [-a]), "exp(-a)", #"e^{-\mathrm{a}}"#),
    Example(
      .function("choose", [.relation(0, .less, a), b, 0]), "(b if 0 < a else 0)",
      #"\begin{cases} \mathrm{b} & \text{if } 0 < \mathrm{a} \\ 0 & \text{else} \end{cases}"#),
    Example(
      .matrixProduct(a, .transposed(b)), "a · bᵀ", #"\mathrm{a} \, \mathrm{b}^{\top}"#),
    Example(
      .transposed(.derivative(of: "a")), "(∂L/∂a)ᵀ",
      #"\left(\frac{\partial L}{\partial \mathrm{a}}\right)^{\top}"#),
    Example(.name("running_mean"), "running_mean", #"\mathrm{running\_mean}"#),
    Example(
      .function("to_maxima", [a]), "to_maxima(a)",
      #"\operatorname{to\_maxima}\left(\mathrm{a}\right)"#),
  ]

  @Test(arguments: examples)
  func formulas(_ example: Example) {
    #expect(example.formula.text() == example.text)
    #expect(example.formula.latex() == example.latex)
  }

  @Test func indices() {
    let derivative = Formula.derivative(of: "w")
    #expect(derivative.text(["0", "2"]) == "∂L/∂w[0, 2]")
    #expect(derivative.latex(["0", "2"]) == #"\frac{\partial L}{\partial \mathrm{w}_{0,2}}"#)
    #expect(Formula.part("2", of: derivative).text(["1"]) == "∂L/∂w[1] (2)")
    #expect(Formula.name("w").latex(["1"]) == #"\mathrm{w}_{1}"#)
  }
}
