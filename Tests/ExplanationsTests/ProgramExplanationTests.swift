import Explanations
import Graphs
import TestSupport
import Testing

@Suite struct ProgramExplanationTests {
  private func explain(
    _ program: Program, _ inputs: [String: Tensor], isFull: Bool = true,
    columns: [String: [String]] = [:], selection: Selection = .all
  ) throws -> Explanation {
    let explanation = try ProgramExplanation(
      program, inputs: inputs, parameters: inputs, random: Self.draw, isFull: isFull,
      columns: columns, selection: selection)
    return Explanation("test", explanation.sections)
  }

  private static func draw(_ stream: Int, _ shape: Shape) -> [Double] {
    (0..<shape.count).map { Double($0) / Double(shape.count) }
  }

  /// Both sides of every line are the same number.
  private func expectTrue(_ explanation: Explanation, _ example: String) -> Int {
    let equations = explanation.equations
    for (left, right) in equations {
      guard let left = left.value, let right = right.value else { continue }
      #expect(
        isClose(left, right, relative: 1e-12, absolute: 1e-300) || left.isNaN && right.isNaN,
        "\(example): \(left) is not \(right)")
    }
    return equations.count { $0.left.value != nil }
  }

  /// Formulas are those of real numbers, which do not wrap around and are not rounded to bfloat16.
  private static let cases = OperationCase.all.filter { example in
    let numbers = example.operands.map(\.type.number)
    return !numbers.contains(.bfloat16)
      && !(OperationKind(example.operation) == .binary && numbers.contains(.int32))
  }

  /// The elements of every operation, and of every step of its derivative, are made of what the
  /// lines say.
  @Test(arguments: cases)
  func everyLineIsTrue(_ example: OperationCase) throws {
    guard !example.operands.isEmpty else { return }
    var builder = Builder()
    builder.author = "layer"
    let leaves = example.operands.enumerated().map { builder.input("\($0)", $1.type) }
    let y = builder.emit(example.operation, leaves)
    var inputs = example.inputs
    var outputs = [Output("losses", y)]
    let type = builder.type(of: y)
    if type.number == .float32 {
      let g = builder.input("g", type)
      let gradients = builder.gradients(of: y, seed: g, by: leaves)
      outputs += gradients.enumerated().map { Output("gradient/\($0)", $1) }
      inputs["g"] = Tensor(type.shape, (0..<type.count).map { 0.3 + 0.1 * Double($0 % 7) })
    }
    let program = builder.program(outputs: outputs)
    for isFull in OperationKind(example.operation) == .composite ? [true, false] : [true] {
      let names = try ProgramExplanation(
        program, inputs: inputs, parameters: [:], random: Self.draw, isFull: isFull
      ).tensors
      // Each tensor is shown in full: none is summarised for its length.
      for name in names {
        let explanation = try explain(program, inputs, isFull: isFull, selection: .tensor(name))
        _ = expectTrue(explanation, "\(example)")
      }
    }
  }

  /// Logits of three samples.
  @Test func crossEntropyIsSoftmaxMinusOneHot() throws {
    var builder = Builder()
    builder.author = "loss"
    let logits = builder.parameter("logits", [3, 2])
    let labels = builder.input("labels", TensorType(.int32, [3]))
    let loss = builder.emit(.composite(.softmaxCrossEntropy), logits, labels)
    let gradient = builder.gradients(of: loss, by: [logits])[0]
    let program = builder.program(
      outputs: [Output("losses", loss), Output("gradient/logits", gradient)])
    let inputs = [
      "logits": Tensor([3, 2], [0, 0, 1, 2, 800, 0]), "labels": Tensor([3], [1, 0, 0]),
    ]
    let short = try explain(program, inputs, isFull: false)
    _ = expectTrue(short, "cross entropy")
    for line in [
      "    loss.softmax[1, 0] = exp(1) / (exp(1) + exp(2)) = 0.268941421",
      "  loss = -sum(onehot(labels) * log(softmax(logits)))",
      "    loss.softmax[2, 0] = exp(800 - 800) / (exp(800 - 800) + exp(0 - 800)) = 1",
      "    loss[0] = -log(0.5) = 0.693147181",
      "  ∂L/∂logits = ∂L/∂loss * (softmax(logits) - onehot(labels))   "
        + "(derivative of softmax and cross entropy)",
      "    ∂L/∂logits[1, 0] = 1 * (0.268941421 - 1) = -0.731058579",
      "    ∂L/∂logits[1, 1] = 1 * (0.731058579 - 0) = 0.731058579",
    ] {
      #expect(short.text.contains(line), "\(line) is not in \(short.text)")
    }
    #expect(!short.text.contains { $0.contains("loss.log") })
    let full = try explain(program, inputs).text
    #expect(full.contains { $0.contains("loss.log") } && !full.contains { $0.contains("softmax[") })
  }

  @Test func inputsHaveTheNamesOfTheirColumns() throws {
    let (program, inputs) = small
    func given(_ names: [String]) throws -> [String] {
      let explanation = try explain(program, inputs, columns: ["x": names])
      return Array(explanation.text[3...4])
    }
    #expect(try given(["age", "town=Oslo"]) == ["  x[age] = 0.5", "  x[town=Oslo] = -1"])
    #expect(try given([]) == ["  x[0] = 0.5", "  x[1] = -1"])
    let markdown = try explain(program, inputs, columns: ["x": ["a_b", "$"]]).markdown
    #expect(markdown.contains(#"- $\mathrm{x}_{\mathrm{a\_b}} = 0.5$"#))
    #expect(markdown.contains(#"- $\mathrm{x}_{\mathrm{\$}} = -1$"#))
  }

  /// w x + b with a sigmoid and the square of the result.
  private var small: (program: Program, inputs: [String: Tensor]) {
    var builder = Builder()
    builder.author = "dense"
    let x = builder.input("x", TensorType(.float32, [1, 2]))
    let w = builder.parameter("dense/weight", [1, 2])
    let product = builder.matrixProduct(x, w, transposeRight: true)
    let bias = builder.parameter("dense/bias", [1])
    let sum = builder.add(product, builder.broadcast(bias, over: [1, 1]))
    builder.author = "sigmoid"
    let y = builder.emit(.unary(.sigmoid), sum)
    builder.author = "loss"
    let loss = builder.reshape(builder.multiply(y, y), [1])
    let gradients = builder.gradients(of: loss, by: [w, bias])
    return (
      builder.program(
        outputs: [
          Output("losses", loss), Output("predictions", y), Output("gradient/w", gradients[0]),
          Output("gradient/b", gradients[1]),
        ]),
      [
        "x": Tensor([1, 2], [0.5, -1]), "dense/weight": Tensor([1, 2], [2, 0.25]),
        "dense/bias": Tensor([1], [0.1]),
      ]
    )
  }

  @Test func aSmallNetworkInFull() throws {
    let (program, inputs) = small
    let explanation = try explain(program, inputs)
    #expect(expectTrue(explanation, "small") == 7)
    #expect(
      explanation.text.joined(separator: "\n") == """
        test

        given
          x[0] = 0.5
          x[1] = -1
          dense/weight[0, 0] = 2
          dense/weight[0, 1] = 0.25
          dense/bias[0] = 0.1

        dense
          dense = x · dense/weightᵀ + dense/bias
            dense = 0.5 * 2 + (-1) * 0.25 + 0.1 = 0.85

        sigmoid
          sigmoid = 1 / (1 + exp(-dense))
            sigmoid = 1 / (1 + exp(-0.85)) = 0.700567142

        loss
          loss = sigmoid * sigmoid
            loss = 0.700567142 * 0.700567142 = 0.490794321

        back from the loss
          ∂L/∂loss   (the loss by itself)
            ∂L/∂loss = 1

        back through loss
          ∂L/∂sigmoid (1) = ∂L/∂loss * sigmoid   (product rule)
            ∂L/∂sigmoid (1) = 0.700567142
          ∂L/∂sigmoid (2) = ∂L/∂loss * sigmoid   (product rule)
            ∂L/∂sigmoid (2) = 0.700567142
          ∂L/∂sigmoid   (the sum of its parts)
            ∂L/∂sigmoid = 0.700567142 + 0.700567142 = 1.40113428

        back through sigmoid
          ∂L/∂dense = ∂L/∂sigmoid * sigmoid * (1 - sigmoid)   (derivative of sigmoid)
            ∂L/∂dense = 1.40113428 * 0.700567142 * (1 - 0.700567142) = 0.293919892

        back through dense
          ∂L/∂dense/bias = ∂L/∂dense   (sum rule)
          ∂L/∂dense/weight = (∂L/∂dense)ᵀ · x   (product rule of matrices)
            ∂L/∂dense/weight[0, 0] = 0.293919892 * 0.5 = 0.146959946
            ∂L/∂dense/weight[0, 1] = 0.293919892 * (-1) = -0.293919892
        """)
  }

  @Test func oneTensorAlone() throws {
    let (program, inputs) = small
    let names = try ProgramExplanation(program, inputs: inputs, parameters: inputs).tensors
    #expect(names == ["x", "dense/weight", "dense/bias", "dense", "sigmoid", "loss"])
    let only = try explain(program, inputs, selection: .tensor("dense/bias"))
      .only(.tensor("dense/bias"))
    #expect(
      only.text == [
        "test", "", "given", "  dense/bias[0] = 0.1", "", "back through dense",
        "  ∂L/∂dense/bias = ∂L/∂dense   (sum rule)", "    ∂L/∂dense/bias[0] = 0.293919892",
      ])
  }

  @Test func manyElementsAreToldInShort() throws {
    let content = Explanation.Content.shown(
      (0..<40).map(Double.init), shape: [40], { .number(Double($0)) })
    guard case .summary(let shape, 0, 39, let norm) = content else {
      Issue.record("\(content)")
      return
    }
    #expect(shape == [40] && isClose(norm, 20_540.0.squareRoot()))
    let zeros = Explanation(
      "t",
      [
        Explanation.Section(
          "s",
          [
            Explanation.Entry(
              "b", .name("b"), .shown([0, 0, 0, 0, 0], shape: [5]) { _ in .number(0) })
          ])
      ])
    #expect(zeros.text.last == "  b, shape [5], all 0")
    #expect(zeros.markdown.last == #"$\mathrm{b}$; shape [5], all 0"#)
  }
}
