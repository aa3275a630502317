/// The floating-point operations of an instruction, and the bytes that it reads and writes at
/// least.
package struct Cost: Hashable, Sendable {
  package var flops: Int
  package var bytes: Int

  package init(flops: Int, bytes: Int) {
    self.flops = flops
    self.bytes = bytes
  }

  package static func + (a: Cost, b: Cost) -> Cost {
    Cost(flops: a.flops + b.flops, bytes: a.bytes + b.bytes)
  }
}

extension Program {
  /// The cost of all instructions.
  package var cost: Cost {
    let isUsed = isUsed
    return instructions.indices.reduce(Cost(flops: 0, bytes: 0)) { sum, index in
      sum + cost(of: Value(index), results: results(of: index).filter { isUsed[$0] })
    }
  }

  /// Whether an instruction or an output uses each value.
  package var isUsed: ValueTable<Bool> {
    var isUsed = ValueTable(instructions, repeating: false)
    for instruction in instructions {
      for operand in instruction.operands { isUsed[operand] = true }
    }
    for output in outputs { isUsed[output.value] = true }
    return isUsed
  }

  /// The cost of one instruction, or of some of its results alone; a multiply-add is two
  /// operations.
  package func cost(of value: Value, results wanted: [Value]? = nil) -> Cost {
    let instruction = self[value]
    let wanted = wanted ?? results(of: value.index)
    let operands = instruction.operands.map(type(of:))
    let result = instruction.type
    let moved = (operands + wanted.map(type(of:))).reduce(0) { $0 + $1.byteCount }
    switch instruction.operation {
    case .input, .parameter, .constant, .reshape:
      return Cost(flops: 0, bytes: 0)
    case .random:
      return Cost(flops: 0, bytes: result.byteCount)
    case .unary, .binary, .compare, .select, .convert:
      return Cost(flops: result.count, bytes: moved)
    case .reduce, .scatterAdd, .maxPool, .poolScatter:
      return Cost(flops: operands[operands.count - 1].count, bytes: moved)
    case .poolSum(let window):
      return Cost(flops: result.count * window.count, bytes: moved)
    case .poolSpread(let window, _, _):
      return Cost(flops: operands[0].count * window.count, bytes: moved)
    case .permute, .broadcast, .slice, .pad, .concatenate, .reverse, .gather, .oneHot, .poolGather:
      return Cost(flops: 0, bytes: moved)
    case .matrixProduct(let transposeLeft, _):
      let shape = operands[0].shape
      let inner = shape[shape.rank - (transposeLeft ? 2 : 1)]
      return Cost(flops: 2 * result.count * inner, bytes: moved)
    case .convolution:
      return Cost(flops: convolutionFlops(result, filter: operands[1]), bytes: moved)
    case .convolutionInputGradient:
      return Cost(flops: convolutionFlops(operands[0], filter: operands[1]), bytes: moved)
    case .convolutionFilterGradient:
      return Cost(flops: convolutionFlops(operands[1], filter: result), bytes: moved)
    case .scan(let scan):
      return Cost(flops: scan.steps * scan.body.cost.flops, bytes: moved)
    case .composite(let composite):
      var builder = Builder()
      let leaves = operands.enumerated().map { builder.input("\($0)", $1) }
      let results = composite.definition.expand(leaves, in: &builder)
      let outputs = wanted.map { Output("\($0.result)", results[$0.result]) }
      let flops = Double(builder.program(outputs: outputs).cost.flops)
      return Cost(flops: Int(flops * composite.definition.share(of: operands)), bytes: moved)
    }
  }

  private func convolutionFlops(_ output: TensorType, filter: TensorType) -> Int {
    2 * output.count * (filter.count / filter.shape[0])
  }
}
