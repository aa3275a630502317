import Execution
import Graphs
import Kernels
import TestSupport
import Testing

/// What it takes to compile a program grows as n log n with its layers.
@Suite struct CompilingTests {
  enum Layer: String, CaseIterable, Sendable {
    case swish, product, batchNorm, pooled, shared

    func apply(_ x: Value, _ number: Int, in builder: inout Builder) -> Value {
      let shape = builder.shape(of: x)
      func parameter(_ name: String, _ shape: Shape) -> Value {
        builder.parameter("\(number)/\(name)", shape)
      }
      switch self {
      case .swish:
        return builder.multiply(x, builder.emit(.unary(.sigmoid), x))
      case .product:
        let y = builder.matrixProduct(x, parameter("weight", [8, 8]), transposeRight: true)
        let bias = builder.broadcast(parameter("bias", [8]), over: shape)
        return builder.maximum(builder.add(y, bias), builder.constant(0, shape))
      case .batchNorm:
        let y = builder.emit(
          .composite(.batchNorm(epsilon: 1)), x, parameter("scale", [8]), parameter("shift", [8]))
        return builder.add(builder.maximum(y, builder.constant(0, shape)), x)
      case .pooled:
        let map = builder.reshape(x, [1, 4, 8, 1])
        let window = Window(
          vertical: SlidingAxis(kernel: 1), horizontal: SlidingAxis(kernel: 3, low: 1, high: 1))
        return builder.reshape(builder.maxPool(map, window), shape)
      case .shared:
        return builder.matrixProduct(x, builder.parameter("weight", [8, 8]))
      }
    }
  }

  private func work(_ layer: Layer, layers: Int) throws -> Int {
    var builder = Builder()
    var x = builder.input("x", TensorType(.float32, [4, 8]))
    x = builder.multiply(x, builder.broadcast(builder.parameter("first", [8]), over: [4, 8]))
    for number in 0..<layers { x = layer.apply(x, number, in: &builder) }
    let loss = builder.total(x)
    let draft = builder.program(outputs: [Output("loss", loss)])
    let sources = draft.parameters.map { builder.parameter($0.name, $0.type.shape) }
    let gradients = builder.gradients(of: loss, by: sources)
    let program = builder.program(
      outputs: [Output("loss", loss)]
        + zip(draft.parameters, gradients).map { Output("gradient/\($0.name)", $1) })
    let parameters = try Parameters(
      Dictionary(
        uniqueKeysWithValues: draft.parameters.map {
          ($0.name, Tensor($0.type.shape, repeating: 0))
        }))
    let plan = try Engine.standard.prepare(program, parameters: parameters.vector)
    return try #require(plan.description).work
  }

  @Test(arguments: Layer.allCases) func workGrowsAsTheNumberOfLayers(_ layer: Layer) throws {
    NumericThread.prepare()
    let work = try [100, 200, 400].map { try self.work(layer, layers: $0) }
    // Twice as much, and another step down in trees.
    for (less, more) in zip(work, work.dropFirst()) {
      #expect(more > less && Double(more) < 2.3 * Double(less), "\(work)")
    }
  }
}
