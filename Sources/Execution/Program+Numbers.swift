internal import Diagnostics
internal import Graphs

extension Program {
  /// Refuses number types that an engine has no memory or no kernels for.
  ///
  /// Parameters and gradients are float32, like their vectors. Kernels convert, compare, select and
  /// move bfloat16, but do not compute with it.
  func checkNumbers(onKernels: Bool) throws(Failure) {
    func refuse(_ value: Value, _ reason: String) -> Failure {
      let instruction = self[value]
      return Failure(
        .internalError,
        "the program has \(value): \(instruction.type) = \(instruction.operation): \(reason)")
    }
    for (index, instruction) in instructions.enumerated() {
      if case .scan(let scan) = instruction.operation {
        try scan.body.checkNumbers(onKernels: onKernels)
      }
      let numbers =
        instruction.operands.map { type(of: $0).number } + instruction.types.map(\.number)
      if case .parameter = instruction.operation, instruction.type.number != .float32 {
        throw refuse(Value(index), "parameters are float32")
      }
      if onKernels, numbers.contains(.bfloat16), instruction.operation.isComputation {
        throw refuse(
          Value(index), "no kernel computes with bfloat16: convert to float32, and back")
      }
    }
    for output in outputs where output.name.hasPrefix(gradientPrefix) {
      if type(of: output.value).number != .float32 {
        throw refuse(output.value, "the gradient of a parameter is float32")
      }
    }
  }
}

extension Operation {
  /// Whether it computes numbers, and does not only convert, compare, select or move them.
  fileprivate var isComputation: Bool {
    switch self {
    case .input, .parameter, .constant, .random, .compare, .select, .convert, .reshape, .permute,
      .broadcast, .slice, .pad, .concatenate, .reverse, .gather, .oneHot:
      false
    case .unary, .binary, .reduce, .scatterAdd, .matrixProduct, .convolution,
      .convolutionInputGradient, .convolutionFilterGradient, .maxPool, .poolGather,
      .poolScatter, .poolSum, .poolSpread, .composite:
      true
    // Its body is checked by itself.
    case .scan: false
    }
  }
}
