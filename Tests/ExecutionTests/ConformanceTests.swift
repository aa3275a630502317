import Diagnostics
import Execution
import Graphs
import TestSupport
import Testing

/// Every operation on every engine, against its meaning in `Double`.
@Suite struct ConformanceTests {
  @Test(arguments: OperationCase.all, Engine.allCases)
  func operation(_ case: OperationCase, on engine: Engine) throws {
    let leaf = `case`.program.type(of: Value(`case`.operands.count)).shape
    let leaves = ["x": Tensor(leaf, repeating: 7)]
    let inputs = `case`.float32Inputs.merging(leaves) { $1 }
    guard engine == .reference || !`case`.computesWithBFloat16 else {
      #expect(throws: Failure.self) { try outputs(of: `case`.program, on: engine, inputs: inputs) }
      return
    }
    let expected = try `case`.program.meaning(inputs: inputs, parameters: leaves)
    let actual = try outputs(
      of: `case`.program, on: engine, inputs: inputs, parameters: leaves)
    for output in `case`.program.outputs {
      let (y, z) = try (#require(actual[output.name]), #require(expected[output.name]))
      let allowance = try `case`.allowance(for: z)
      #expect(y.disagreement(with: z, allowance: allowance) == nil, "\(output.name)")
    }
  }

  @Test(arguments: OperationCase.all.flatMap(\.differentiableResults), Engine.allCases)
  func derivatives(of example: ResultCase, on engine: Engine) throws {
    let `case` = example.case
    let (program, seeds) = `case`.derivatives(of: example.result)
    let inputs = `case`.float32Inputs
    var parameters = inputs
    for (name, type) in program.parameters where inputs[name] == nil {
      parameters[name] = seeds(name, type.shape)
    }
    let expected = try program.meaning(inputs: inputs, parameters: parameters)
    let allowance = try program.allowance(inputs: inputs, parameters: parameters)
    let actual = try outputs(of: program, on: engine, inputs: inputs, parameters: parameters)
    for output in program.outputs {
      let (y, z) = try (#require(actual[output.name]), #require(expected[output.name]))
      #expect(y.disagreement(with: z, allowance: allowance) == nil, "\(output.name)")
    }
  }
}

/// Half the distance from 1 to the next float32: the relative error of one rounding.
private let rounding = 0x1p-24

extension Program {
  func meaning(
    inputs: [String: Tensor], parameters: [String: Tensor] = [:]
  ) throws -> [String: Tensor] {
    try ReferenceEvaluator(self).evaluate(inputs: inputs, parameters: parameters) {
      RandomPosition.somewhere.uniform(stream: $0, $1).map(Double.init)
    }
  }

  /// What a value that took some operations to make may be off: a hundred roundings of the largest
  /// value met on the way.
  func allowance(
    inputs: [String: Tensor], parameters: [String: Tensor] = [:]
  ) throws -> Double {
    let values = try ReferenceEvaluator(self).values(inputs: inputs, parameters: parameters) {
      RandomPosition.somewhere.uniform(stream: $0, $1).map(Double.init)
    }
    return 100 * rounding * values.elements.reduce(1) { max($0, $1.largestMagnitude) }
  }
}

extension OperationCase {
  /// What float32 may be off from the exact result.
  fileprivate func allowance(for result: Tensor) throws -> Double {
    guard program.type(of: Value(operands.count)).number.isFloat else { return 0 }
    switch OperationKind(operation) {
    case .input, .parameter, .constant, .random, .compare, .select, .convert, .reshape, .permute,
      .broadcast, .slice, .pad, .concatenate, .reverse, .gather, .oneHot, .maxPool,
      .poolGather:
      // Elements are moved or chosen.
      return 0
    case .unary:
      // Rounded correctly, or by an elementary function to 2.5 units in the last place.
      return 5 * rounding * result.largestMagnitude
    case .binary:
      return rounding * result.largestMagnitude
    case .reduce, .scatterAdd, .matrixProduct, .convolution, .convolutionInputGradient,
      .convolutionFilterGradient, .poolScatter, .poolSum, .poolSpread:
      // A sum of n terms, in any order, takes n roundings of the sum of their magnitudes.
      let terms = try applied { _ in 1 }.largestMagnitude
      return terms * rounding * (try applied(abs)).largestMagnitude
    case .scan, .composite, .compositeGradient:
      return try program.allowance(inputs: float32Inputs)
    }
  }

  var float32Inputs: [String: Tensor] {
    inputs.merging(
      operands.enumerated().filter { $1.type.number == .float32 }.map { place, operand in
        ("\(place)", Tensor(operand.type.shape, operand.value.elements.map { Double(Float($0)) }))
      }
    ) { $1 }
  }

  /// Whether it does more with bfloat16 than kernels do, which is to convert, compare, choose and
  /// move.
  fileprivate var computesWithBFloat16: Bool {
    guard operands.contains(where: { $0.type.number == .bfloat16 }) else { return false }
    switch OperationKind(operation) {
    case .input, .parameter, .constant, .random, .compare, .select, .convert, .reshape, .permute,
      .broadcast, .slice, .pad, .concatenate, .reverse, .gather, .oneHot:
      return false
    default: return true
    }
  }

  /// The result for other floats.
  private func applied(_ change: (Double) -> Double) throws -> Tensor {
    var changed = inputs
    for (index, operand) in operands.enumerated() where operand.type.number == .float32 {
      changed["\(index)"] = Tensor(operand.type.shape, operand.value.elements.map(change))
    }
    return try #require(try program.meaning(inputs: changed)["y"])
  }

  /// First and second derivatives of a result: float operands are the parameters, and so are the
  /// seeds, the gradients of what is differentiated.
  fileprivate func derivatives(
    of result: Int
  ) -> (program: Program, seeds: (String, Shape) -> Tensor) {
    var builder = Builder()
    let values = operands.enumerated().map { index, operand in
      operand.type.number == .float32
        ? builder.parameter("\(index)", operand.type.shape)
        : builder.input("\(index)", operand.type)
    }
    let sources = values.filter { builder.type(of: $0).number == .float32 }
    let y = builder.results(of: operation, values)[result]
    let seed = builder.parameter("seed", builder.shape(of: y))
    let first = builder.gradients(of: y, seed: seed, by: sources)
    var outputs: [Output] = []
    for (source, gradient) in zip(sources, first) {
      let number = values.firstIndex(of: source) ?? 0
      outputs.append(Output("gradient/\(number)", gradient))
      let seed2 = builder.parameter("seed \(number)", builder.shape(of: gradient))
      let second = builder.gradients(of: gradient, seed: seed2, by: sources + [seed])
      for (index, value) in second.enumerated() {
        outputs.append(Output("second/\(number)/\(index)", value))
      }
    }
    return (
      builder.program(outputs: outputs),
      { name, shape in
        var generator = XorShift(seed: UInt64(1 + name.utf8.count) &* 0x9E37_79B9_7F4A_7C15)
        return Tensor(shape, (0..<shape.count).map { _ in generator.number(in: -1...1) })
      }
    )
  }
}
