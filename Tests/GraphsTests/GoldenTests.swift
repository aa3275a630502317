import Graphs
import TestSupport
import Testing

/// Published or independently computed numbers, reached through graphs.
@Suite struct GoldenTests {
  private func expect(
    _ tensor: Tensor?, _ expected: [Double], relative: Double = 1e-9, absolute: Double = 0,
    _ comment: Comment? = nil
  ) throws {
    let tensor = try #require(tensor, comment)
    let difference = tensor.difference(
      from: Tensor(tensor.shape, expected), relative: relative, absolute: absolute)
    #expect(difference == nil, comment)
  }

  /// x, then f and f' of sigmoid and tanh.
  private static let activations: [[Double]] = [
    [-100, 3.72007598e-44, 3.72007598e-44, -1, 0],
    [-10, 4.53978687e-05, 4.53958077e-05, -0.999999996, 8.24461455e-09],
    [-3, 0.0474258732, 0.0451766597, -0.995054754, 0.00986603717],
    [-1, 0.268941421, 0.196611933, -0.761594156, 0.419974342],
    [-0.5, 0.377540669, 0.235003712, -0.462117157, 0.786447733],
    [0, 0.5, 0.25, 0, 1],
    [0.5, 0.622459331, 0.235003712, 0.462117157, 0.786447733],
    [1, 0.731058579, 0.196611933, 0.761594156, 0.419974342],
    [3, 0.952574127, 0.0451766597, 0.995054754, 0.00986603717],
    [10, 0.999954602, 4.53958077e-05, 0.999999996, 8.24461455e-09],
    [100, 1, 0, 1, 0],
  ]

  @Test(arguments: [(Unary.sigmoid, 1), (.tanh, 3)])
  func smoothActivations(unary: Unary, column: Int) throws {
    let rows = Self.activations
    let shape: Shape = [rows.count]
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, shape))
    let y = builder.emit(.unary(unary), x)
    let slope = builder.gradients(of: y, by: [x])[0]
    let program = builder.program(outputs: [Output("y", y), Output("slope", slope)])
    let outputs = try ReferenceEvaluator(program).evaluate(
      inputs: ["x": Tensor(shape, rows.map { $0[0] })])
    try expect(outputs["y"], rows.map { $0[column] }, relative: 2e-9)
    // The table has nine digits; next to 1 the slope 1 - y² has lost as many. 0 stands for 4e-44.
    try expect(
      outputs["slope"], rows.map { $0[column + 1] }, relative: 3e-8, absolute: 1e-43)
  }

  @Test func relu() throws {
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [5]))
    let y = builder.maximum(x, builder.constant(0, [5]))
    let slope = builder.gradients(of: y, by: [x])[0]
    let program = builder.program(outputs: [Output("y", y), Output("slope", slope)])
    let outputs = try ReferenceEvaluator(program).evaluate(
      inputs: ["x": Tensor([5], [-100, -0.5, 0, 0.5, 100])])
    #expect(outputs["y"]?.elements == [0, 0, 0, 0.5, 100])
    #expect(outputs["slope"]?.elements == [0, 0, 0, 1, 1])
  }

  @Test func softmax() throws {
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [2, 3]))
    let y = builder.emit(.composite(.softmax), x)
    let outputs = try ReferenceEvaluator(builder.program(outputs: [Output("y", y)])).evaluate(
      inputs: ["x": Tensor([2, 3], [1, 2, 3, 1000, 1001, 1002])])
    let row = [0.09003057317, 0.244728471055, 0.665240955775]
    try expect(outputs["y"], row + row, relative: 1e-11)
  }

  @Test func crossEntropy() throws {
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [2, 3]))
    let labels = builder.input("labels", TensorType(.int32, [2]))
    let losses = builder.emit(.composite(.softmaxCrossEntropy), x, labels)
    let gradient = builder.gradients(of: builder.total(losses), by: [x])[0]
    let program = builder.program(outputs: [
      Output("losses", losses), Output("gradient", gradient),
    ])
    let outputs = try ReferenceEvaluator(program).evaluate(
      inputs: ["x": Tensor([2, 3], [1, 2, 3, 1, 2, 3]), "labels": Tensor([2], [2, 0])])
    try expect(outputs["losses"], [0.407605964444, 2.407605964444], relative: 1e-11)
    try expect(
      outputs["gradient"],
      [
        0.09003057317, 0.244728471055, -0.334759044225,
        -0.90996942683, 0.244728471055, 0.665240955775,
      ], relative: 1e-11)
  }

  @Test func meanSquaredError() throws {
    var builder = Builder()
    let p = builder.input("p", TensorType(.float32, [2]))
    let y = builder.input("y", TensorType(.float32, [2]))
    let error = builder.subtract(p, y)
    let loss = builder.multiply(builder.total(builder.multiply(error, error)), by: 0.5)
    let program = try builder.gradientProgram(loss, by: [("p", p)])
    let outputs = try ReferenceEvaluator(program).evaluate(
      inputs: ["p": Tensor([2], [0.2, 0.7]), "y": Tensor([2], [0, 1])])
    try expect(outputs["loss"], [0.065])
    try expect(outputs["d p"], [0.2, -0.3])
  }

  /// Mazur's 2-2-2 network over 10000 steps.
  ///
  /// His text prints figures of two update rules; these are those of backpropagation, where the
  /// hidden layer's gradient uses the old output weights.
  @Test func mazur() throws {
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [1, 2]))
    let target = builder.input("target", TensorType(.float32, [1, 2]))
    let (w1, w2) = (builder.parameter("w1", [2, 2]), builder.parameter("w2", [2, 2]))
    func layer(_ input: Value, _ weights: Value, bias: Double) -> Value {
      let product = builder.matrixProduct(input, weights, transposeRight: true)
      return builder.emit(.unary(.sigmoid), builder.add(product, builder.constant(bias, [1, 2])))
    }
    let output = layer(layer(x, w1, bias: 0.35), w2, bias: 0.6)
    let error = builder.subtract(target, output)
    let loss = builder.multiply(builder.total(builder.multiply(error, error)), by: 0.5)
    let gradients = builder.gradients(of: loss, by: [w1, w2])
    let evaluator = ReferenceEvaluator(
      builder.program(outputs: [
        Output("loss", loss), Output("output", output), Output("w1", gradients[0]),
        Output("w2", gradients[1]),
      ]))
    let inputs = ["x": Tensor([1, 2], [0.05, 0.10]), "target": Tensor([1, 2], [0.01, 0.99])]
    var weights = [
      "w1": Tensor([2, 2], [0.15, 0.20, 0.25, 0.30]),
      "w2": Tensor([2, 2], [0.40, 0.45, 0.50, 0.55]),
    ]
    let losses = [
      0: 0.298371108760, 1: 0.291027773694, 2: 0.283547133122, 10: 0.220918592054,
      100: 0.020046828249, 1000: 0.001114349454, 9999: 0.0000351085, 10000: 0.0000351019,
    ]
    for step in 0...10_000 {
      let results = try evaluator.evaluate(inputs: inputs, parameters: weights)
      if let expected = losses[step] {
        try expect(
          results["loss"], [expected], relative: step < 9999 ? 1e-9 : 2e-6, "step \(step)")
      }
      if step == 0 {
        try expect(results["output"], [0.751365069552, 0.772928465321], relative: 1e-11)
        try expect(
          results["w1"], [0.000438567734, 0.000877135469, 0.000497712735, 0.000995425471],
          relative: 2e-9)
        try expect(
          results["w2"], [0.082167040564, 0.082667627848, -0.022602540477, -0.022740242216],
          relative: 1e-10)
      }
      if step == 1 {
        try expect(
          weights["w1"], [0.149780716133, 0.199561432266, 0.249751143632, 0.299502287265],
          relative: 1e-11)
        try expect(
          weights["w2"], [0.358916479718, 0.408666186076, 0.511301270239, 0.561370121108],
          relative: 1e-11)
      }
      if step == 10_000 {
        try expect(results["output"], [0.015913620444, 0.984064273515], relative: 1e-10)
      }
      for name in ["w1", "w2"] {
        let gradient = try #require(results[name])
        for index in gradient.elements.indices {
          weights[name]?.elements[index] -= 0.5 * gradient.elements[index]
        }
      }
    }
  }

  /// The gradient penalty (|∇D| - 1)² of a critic with one tanh layer: its gradients by the
  /// parameters are second derivatives.
  @Test func gradientPenaltyOfATanhCritic() throws {
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [1, 2]))
    let names = ["w", "b", "v"]
    let shapes: [Shape] = [[2, 2], [2], [1, 2]]
    let parameters = zip(names, shapes).map { builder.parameter($0, $1) }
    let product = builder.matrixProduct(x, parameters[0], transposeRight: true)
    let hidden = builder.emit(
      .unary(.tanh), builder.add(product, builder.broadcast(parameters[1], over: [1, 2])))
    let critic = builder.matrixProduct(hidden, parameters[2], transposeRight: true)
    let slope = builder.gradients(of: builder.total(critic), by: [x])[0]
    let penalty = builder.penalty(slope)
    let gradients = builder.gradients(of: penalty, by: parameters)
    let outputs = zip(names, gradients).map { Output($0, $1) }
    let results = try ReferenceEvaluator(
      builder.program(outputs: [Output("slope", slope), Output("penalty", penalty)] + outputs)
    ).evaluate(
      inputs: ["x": Tensor([1, 2], [0.4, -0.6])],
      parameters: [
        "w": Tensor([2, 2], [0.5, -0.3, 0.2, 0.8]), "b": Tensor([2], [0.1, -0.2]),
        "v": Tensor([1, 2], [1, -2]),
      ])
    try expect(results["slope"], [0.1158022151, -1.3787844122])
    try expect(results["penalty"], [0.1471788064])
    try expect(
      results["w"], [-0.023330796, -0.5001917792, 0.2747581044, 0.5389022333], relative: 4e-9)
    try expect(results["b"], [-0.1868991525, 0.9153704837])
    try expect(results["v"], [0.2094138139, -0.4261108005])
  }

  @Test func gradientPenaltyOfALinearCritic() throws {
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [1, 2]))
    let w = builder.parameter("w", [1, 2])
    let critic = builder.matrixProduct(x, w, transposeRight: true)
    let slope = builder.gradients(of: builder.total(critic), by: [x])[0]
    let penalty = builder.multiply(builder.penalty(slope), by: 10)
    let gradient = builder.gradients(of: penalty, by: [w])[0]
    let program = builder.program(outputs: [
      Output("penalty", penalty), Output("gradient", gradient),
    ])
    let results = try ReferenceEvaluator(program).evaluate(
      inputs: ["x": Tensor([1, 2], [0.7, -0.1])], parameters: ["w": Tensor([1, 2], [3, 4])])
    try expect(results["penalty"], [160])
    try expect(results["gradient"], [48, 64])
  }
}

extension Builder {
  /// (|g| - 1)² for the gradient g of one sample.
  fileprivate mutating func penalty(_ gradient: Value) -> Value {
    let norm = emit(.unary(.sqrt), total(multiply(gradient, gradient)))
    let excess = subtract(norm, constant(1))
    return multiply(excess, excess)
  }
}
