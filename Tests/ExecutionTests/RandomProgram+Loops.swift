import Execution
import Graphs
import TestSupport

extension ProgramWriter {
  /// A loop over values that are there, or over new ones.
  mutating func addLoop() {
    let loop = RandomLoop(seed: generator.next() >> 8, isWhole: true, steps: 1...4)
    let operands = loop.operands.map { type -> Value in
      if type.number != .float32 { return flags(type) }
      let (value, bound) = operand(for: type.shape)
      return bound <= 4 ? value : small(value)
    }
    let (carries, results) = loop.write(operands, remember: loop.memory, in: &builder)
    for value in carries + results {
      switch builder.type(of: value).number {
      case .float32: add(value, bound: 4)
      default: integers.append(value)
      }
    }
  }

  private mutating func flags(_ type: TensorType) -> Value {
    let name = "n\(inputs.count)"
    inputs[name] = Tensor(
      type.shape, (0..<type.count).map { _ in Double(generator.integer(in: 0...1)) })
    return builder.input(name, type)
  }

  /// The value cut to -4 and 4.
  private mutating func small(_ value: Value) -> Value {
    let limit = builder.constant(-4, builder.shape(of: value))
    let negative = builder.emit(.unary(.negate), builder.maximum(value, limit))
    return builder.emit(.unary(.negate), builder.maximum(negative, limit))
  }
}

extension RandomProgram {
  /// Whether every number of the program, steps of loops included, is exact in float32.
  func isExact() throws -> Bool {
    let values = try ReferenceEvaluator(program.unrolled())
      .values(inputs: inputs, parameters: parameters) {
        RandomPosition.somewhere.uniform(stream: $0, $1).map(Double.init)
      }
    return values.elements.allSatisfy { $0.largestMagnitude < 0x1p24 }
  }
}
