package import Graphs

/// An operand of a case: its type and its value.
package struct Operand: Sendable {
  package let type: TensorType
  package let value: Tensor

  package init(_ number: NumberType, _ shape: Shape, _ elements: [Double]) {
    type = TensorType(number, shape)
    value = Tensor(shape, elements)
  }
}

/// One operation with operands, to be run by an engine or differentiated.
package struct OperationCase: Sendable, CustomStringConvertible {
  package let operation: Operation
  package let operands: [Operand]
  /// Whether the result is smooth around the operands, so that finite differences hold.
  package let isSmooth: Bool
  /// Operands are the inputs "0", "1", ...; results are the outputs "y", "y1", ...
  package let program: Program

  package init(
    _ operation: Operation, _ operands: [Operand] = [], isSmooth: Bool = true,
    leaf: TensorType = TensorType(.float32, [])
  ) {
    self.operation = operation
    self.operands = operands
    self.isSmooth = isSmooth
    var instructions = operands.enumerated().map {
      Instruction(.input("\($0)"), [], [$1.type])
    }
    do {
      let types = try operation.resultTypes(of: operands.map(\.type), leaf: leaf)
      instructions.append(Instruction(operation, operands.indices.map { Value($0) }, types))
    } catch {
      preconditionFailure("\(operation) on \(operands.map(\.type)): \(error)")
    }
    let results = instructions[operands.count].types.indices
    program = Program(
      instructions,
      outputs: results.map { Output($0 == 0 ? "y" : "y\($0)", Value(operands.count, result: $0)) })
  }

  /// The values of the inputs.
  package var inputs: [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: operands.enumerated().map { ("\($0)", $1.value) })
  }

  package var description: String {
    "\(operation) of \(operands.map(\.type.description).joined(separator: ", "))"
  }
}

/// One result of a case, which is differentiated alone.
package struct ResultCase: Sendable, CustomStringConvertible {
  package let `case`: OperationCase
  package let result: Int

  package var description: String { "result \(result) of \(`case`)" }
}

extension OperationCase {
  /// The results that finite differences hold for.
  package var differentiableResults: [ResultCase] {
    guard isSmooth, operands.contains(where: { $0.type.number == .float32 }) else { return [] }
    return program.outputs.map(\.value).filter { program.type(of: $0).number == .float32 }
      .map { ResultCase(case: self, result: $0.result) }
  }
}

/// The cases of `Operation` without what they hold.
///
/// The switch from one to the other, and that from a kind to its test cases, have no default: a
/// new operation does not compile until it has cases.
package enum OperationKind: CaseIterable, Sendable {
  case input, parameter, constant, random
  case unary, binary, compare, select, convert, reduce
  case reshape, permute, broadcast, slice, pad, concatenate, reverse
  case gather, scatterAdd, oneHot
  case matrixProduct, convolution, convolutionInputGradient, convolutionFilterGradient
  case maxPool, poolGather, poolScatter, poolSum, poolSpread
  case scan
  case composite, compositeGradient

  package init(_ operation: Operation) {
    switch operation {
    case .input: self = .input
    case .parameter: self = .parameter
    case .constant: self = .constant
    case .random: self = .random
    case .unary: self = .unary
    case .binary: self = .binary
    case .compare: self = .compare
    case .select: self = .select
    case .convert: self = .convert
    case .reduce: self = .reduce
    case .reshape: self = .reshape
    case .permute: self = .permute
    case .broadcast: self = .broadcast
    case .slice: self = .slice
    case .pad: self = .pad
    case .concatenate: self = .concatenate
    case .reverse: self = .reverse
    case .gather: self = .gather
    case .scatterAdd: self = .scatterAdd
    case .oneHot: self = .oneHot
    case .matrixProduct: self = .matrixProduct
    case .convolution: self = .convolution
    case .convolutionInputGradient: self = .convolutionInputGradient
    case .convolutionFilterGradient: self = .convolutionFilterGradient
    case .maxPool: self = .maxPool
    case .poolGather: self = .poolGather
    case .poolScatter: self = .poolScatter
    case .poolSum: self = .poolSum
    case .poolSpread: self = .poolSpread
    case .scan: self = .scan
    case .composite(.gradient): self = .compositeGradient
    case .composite: self = .composite
    }
  }
}
