import Explanations
import Graphs
import TestSupport
import Testing

/// Attention head by head.
@Suite struct AttentionExplanationTests {
  private static let queries = [[1.0, 0], [0, 1], [1, 1]]
  private static let keys = [[1.0, 2], [0, 1], [1, -1]]
  private static let values = [[1.0, 2], [3, 4], [5, 6]]

  /// The sum of the outputs of two heads, the second of which has these numbers.
  private func program(isCausal: Bool) -> (program: Program, inputs: [String: Tensor]) {
    var builder = Builder()
    var inputs: [String: Tensor] = [:]
    let leaves = [("q", Self.queries), ("k", Self.keys), ("v", Self.values)].map { name, rows in
      let elements = rows.flatMap { $0.map { 2 - $0 } + $0 }
      inputs[name] = Tensor([1, rows.count, 2, 2], elements)
      return builder.parameter(name, [1, rows.count, 2, 2])
    }
    builder.author = "attention1"
    let composite = Composite.Attention(scale: 1 / 2.0.squareRoot(), isCausal: isCausal)
    let y = builder.emit(.composite(.attention(composite)), leaves)
    builder.author = "loss"
    let loss = builder.reshape(builder.sum(y, axes: [1, 2, 3]), [1])
    let gradients = builder.gradients(of: loss, by: leaves)
    let program = builder.program(
      outputs: [Output("losses", loss)]
        + zip("qkv", gradients).map { Output("gradient/\($0)", $1) })
    return (program, inputs)
  }

  private func explanation(isCausal: Bool = false, _ selection: Selection = .all) throws
    -> Explanation
  {
    let (program, inputs) = program(isCausal: isCausal)
    let explanation = try ProgramExplanation(
      program, inputs: [:], parameters: inputs, selection: selection)
    return Explanation("test", explanation.sections).only(explanation.selection)
  }

  private func expect(
    _ explanation: Explanation, _ symbol: String, _ expected: [Double],
    _ location: SourceLocation = #_sourceLocation
  ) {
    let found = explanation.numbers(of: symbol)
    #expect(found.count >= expected.count, "\(symbol): \(found)", sourceLocation: location)
    for (found, expected) in zip(found, expected) {
      #expect(isClose(found, expected, relative: 1e-9, absolute: 1e-10), sourceLocation: location)
    }
  }

  private static let weights = [
    [0.4011120927, 0.1977758146, 0.4011120927], [0.6199851180, 0.3056952508, 0.0743196311],
  ]

  @Test func everyNumberOfAHead() throws {
    let explanation = try explanation()
    expect(explanation, "attention1.scores₂", [1, 0, 1, 2, 1, -1])
    expect(
      explanation, "attention1.scaled₂",
      [0.7071067812, 0, 0.7071067812, 1.4142135624, 0.7071067812, -0.7071067812])
    expect(explanation, "attention1.weights₂", Self.weights.flatMap(\.self))
    expect(explanation, "attention1.means₂", [3, 4, 1.9086690261, 2.9086690261])
    // The derivative by each weight is the sum of the value that it is for.
    expect(explanation, "∂L/∂attention1.weights₂", [3, 7, 11, 3, 7, 11])
    let byScores = Self.weights.flatMap { row in
      let mean = zip(row, [3.0, 7, 11]).map(*).reduce(0, +)
      return zip(row, [3.0, 7, 11]).map { $0 * ($1 - mean) / 2.0.squareRoot() }
    }
    expect(explanation, "∂L/∂attention1.scores₂", byScores)
    expect(
      explanation, "∂L/∂attention1.q₂",
      [
        byScores[0] + byScores[2], 2 * byScores[0] + byScores[1] - byScores[2],
        byScores[3] + byScores[5], 2 * byScores[3] + byScores[4] - byScores[5],
      ])
    #expect(explanation.numbers(of: "∂L/∂attention1.k₂").count == 6)
    #expect(explanation.numbers(of: "∂L/∂attention1.v₂").count == 6)
    for (left, right) in explanation.equations {
      guard let left = left.value, let right = right.value else { continue }
      #expect(isClose(left, right, relative: 1e-12, absolute: 1e-300), "\(left) is not \(right)")
    }
  }

  @Test func aCausalHeadHidesLaterKeys() throws {
    let explanation = try explanation(isCausal: true)
    #expect(explanation.numbers(of: "attention1.masked₂")[1] == -1e30)
    expect(explanation, "attention1.weights₂", [1, 0, 0])
    expect(explanation, "attention1.means₂", [1, 2, 1.6604769013, 2.6604769013])
    expect(explanation, "∂L/∂attention1.scores₂", [0, 0, 0])
  }

  @Test func oneHeadAlone() throws {
    let heads = AttentionHead.all(of: program(isCausal: false).program)
    #expect(heads.map(\.name) == ["attention1.1", "attention1.2"])
    let names = try explanation(.head(heads[1])).sections.flatMap(\.entries).map(\.tensor)
    #expect(names.allSatisfy { $0.hasPrefix("attention1.") && $0.hasSuffix("₂") })
    for name in ["q₂", "k₂", "v₂", "scores₂", "scaled₂", "weights₂", "means₂"] {
      #expect(names.count { $0 == "attention1.\(name)" } > 1, "\(name)")
    }
  }
}
