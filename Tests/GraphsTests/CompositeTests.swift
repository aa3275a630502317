import Graphs
import TestSupport
import Testing

@Suite struct CompositeTests {
  private static let cases =
    OperationKind.composite.cases + OperationKind.compositeGradient.cases

  /// Gradients through each result of composites alone, their gradient composites and the
  /// derivatives of those agree with gradients of the program that was written out first.
  @Test(arguments: cases.flatMap(\.differentiableResults))
  func derivativesAgreeWithThoseOfTheExpansion(example: ResultCase) throws {
    let `case` = example.case
    func derivatives(of program: Program) throws -> [String: Tensor] {
      var builder = Builder()
      var places = ValueTable<Value>()
      for instruction in program.instructions {
        places.append(builder.emit(instruction, operands: instruction.operands.map { places[$0] }))
      }
      let sources = places.elements.compactMap { place -> (name: String, value: Value)? in
        guard case .input(let name) = builder.instructions[place.index].operation else {
          return nil
        }
        return builder.type(of: place).number == .float32 ? (name, place) : nil
      }
      let result = places[program.outputs[example.result].value]
      let squares = builder.multiply(result, result)
      var loss = builder.total(squares)
      var outputs = [Output("y", loss)]
      for order in 1...3 {
        let gradients = builder.gradients(of: loss, by: sources.map(\.value))
        outputs += zip(sources, gradients).map { Output("d\(order) \($0.name)", $1) }
        loss = builder.constant(0)
        for gradient in gradients {
          loss = builder.add(loss, builder.total(builder.multiply(gradient, gradient)))
        }
      }
      let program = builder.program(outputs: outputs)
      try program.check()
      return try ReferenceEvaluator(program).evaluate(inputs: `case`.inputs)
    }
    let composed = try derivatives(of: `case`.program)
    let expanded = try derivatives(of: `case`.program.expanded())
    for (name, tensor) in composed {
      // What the expansion does not use is no input of it.
      let other = expanded[name] ?? Tensor(tensor.shape, repeating: 0)
      #expect(tensor.difference(from: other, relative: 1e-9, absolute: 1e-9) == nil, "\(name)")
    }
  }

  /// The steps of kernels are other ways to the same gradients.
  @Test(arguments: cases)
  func stepsOfKernelsMeanTheSame(case: OperationCase) throws {
    let exact = try ReferenceEvaluator(`case`.program).evaluate(inputs: `case`.inputs)
    let steps = try ReferenceEvaluator(`case`.program, asKernels: true)
      .evaluate(inputs: `case`.inputs)
    for (name, tensor) in steps {
      let expected = try #require(exact[name])
      #expect(tensor.difference(from: expected, relative: 1e-9, absolute: 1e-9) == nil, "\(name)")
    }
  }

  /// The gradient of the result is the operand itself, or made of it: their parts stay apart.
  @Test(arguments: [false, true])
  func operandsThatDependOnEachOther(isSame: Bool) throws {
    var builder = Builder()
    let x = builder.input("x", TensorType(.float32, [4]))
    let seed = isSame ? x : builder.emit(.unary(.exp), x)
    let y = builder.emit(
      .composite(.gradient(of: .softmax, from: [0])), x, builder.emit(.composite(.softmax), x),
      seed)
    let loss = builder.total(builder.multiply(y, y))
    let program = try builder.gradientProgram(loss, by: [("x", x)])
    let inputs = ["x": Tensor([4], [0.25, -1, 0.5, 1.5])]
    try Loss(program, inputs: inputs).expectGradient(of: "x", "isSame \(isSame)")
  }

  @Test func expansionsArePrimitive() {
    for `case` in CompositeTests.cases {
      let isPrimitive = `case`.program.expanded().instructions.allSatisfy {
        if case .composite = $0.operation { false } else { true }
      }
      #expect(isPrimitive, "\(`case`)")
    }
  }
}
