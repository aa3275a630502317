import Graphs
import TestSupport
import Testing

/// Attention beside what every composite is tested for.
@Suite struct AttentionTests {
  /// The numbers of a small example: rows see all keys, or those up to their own.
  @Test(arguments: [
    (false, [3, 4, 1.9086690261, 2.9086690261]), (true, [1, 2, 1.6604769013, 2.6604769013]),
  ])
  func aKnownExample(isCausal: Bool, expected: [Double]) throws {
    let q = Operand(.float32, [1, 2, 1, 2], [1, 0, 0, 1])
    let steps = isCausal ? 2 : 3
    func rows(_ numbers: [Double]) -> Operand {
      Operand(.float32, [1, steps, 1, 2], Array(numbers.prefix(2 * steps)))
    }
    let example = OperationCase(
      .composite(.attention(.init(scale: 0.5.squareRoot(), isCausal: isCausal))),
      [q, rows([1, 2, 0, 1, 1, -1]), rows([1, 2, 3, 4, 5, 6])])
    let y = try ReferenceEvaluator(example.program).evaluate(inputs: example.inputs)["y"]
    #expect(y?.difference(from: Tensor([1, 2, 1, 2], expected), relative: 1e-9) == nil)
  }

  /// Weights that are dropped count nowhere, forward and backward.
  @Test func dropout() throws {
    let attention = Composite.Attention(
      scale: 0.5, isCausal: true, dropout: .init(rate: 0.4, stream: 5))
    var generator = XorShift(seed: 9)
    func tensor(_ shape: Shape) -> Tensor {
      Tensor(shape, (0..<shape.count).map { _ in generator.number(in: -1...1) })
    }
    let x = [tensor([2, 4, 2, 3]), tensor([2, 4, 1, 3]), tensor([2, 4, 1, 3])]
    let (g, draws) = (tensor([2, 4, 2, 3]), tensor([2, 2, 4, 4]).elements.map(abs))
    var builder = Builder()
    let operands = x.enumerated().map { builder.input("\($0)", TensorType(.float32, $1.shape)) }
    let seed = builder.input("g", TensorType(.float32, g.shape))
    let y = builder.results(of: .composite(.attention(attention)), operands)
    let gradients = builder.gradients(of: y[0], seed: seed, by: operands)
    let program = builder.program(
      outputs: (y + gradients).enumerated().map { Output("\($0)", $1) })
    var inputs = ["g": g]
    for (name, tensor) in x.enumerated() { inputs["\(name)"] = tensor }
    let kept = Tensor([2, 2, 4, 4], draws.map { $0 < 0.4 ? 0 : 1 / 0.6 })
    let definition = AttentionDefinition(attention, x, kept: kept)
    for asKernels in [false, true] {
      let found = try ReferenceEvaluator(program, asKernels: asKernels).evaluate(
        inputs: inputs, random: { stream, _ in stream == 5 ? draws : [] })
      for result in 0..<5 {
        let expected =
          result < 2
          ? definition.result(result, builder.shape(of: y[result]))
          : definition.gradient(of: result - 2, from: 0, g)
        #expect(found["\(result)"]?.difference(from: expected, relative: 1e-12) == nil)
      }
    }
  }

  /// A group of heads that share keys is as many heads with the same keys.
  @Test func groupsShareKeys() throws {
    var generator = XorShift(seed: 10)
    func tensor(_ shape: Shape) -> Tensor {
      Tensor(shape, (0..<shape.count).map { _ in generator.number(in: -1...1) })
    }
    let (q, k, v) = (tensor([2, 3, 4, 2]), tensor([2, 5, 2, 2]), tensor([2, 5, 2, 2]))
    func repeated(_ x: Tensor) -> Tensor {
      Tensor([2, 5, 4, 2]) { x[[$0[0], $0[1], $0[2] / 2, $0[3]]] }
    }
    func result(_ x: [Tensor]) throws -> Tensor? {
      let example = OperationCase(
        .composite(.attention(.init(scale: 1))),
        x.map { Operand(.float32, $0.shape, $0.elements) })
      return try ReferenceEvaluator(example.program).evaluate(inputs: example.inputs)["y"]
    }
    #expect(try result([q, k, v]) == result([q, repeated(k), repeated(v)]))
  }
}
