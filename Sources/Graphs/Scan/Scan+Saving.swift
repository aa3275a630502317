extension Scan {
  /// The loop with all that its derivative may read as results: the carries of each step, products
  /// and the transcendental functions of what they gave.
  ///
  /// A loop in a loop is computed again: then only carries are saved.
  var saving: Scan {
    let results = body.outputs.dropFirst(carries).map(\.value)
    let saved = savable.filter { !results.contains($0) }
    if saved.isEmpty { return self }
    return with(
      Program(
        body.instructions,
        outputs: Scan.outputs(body.outputs.prefix(carries).map(\.value), results + saved),
        provenance: body.provenance))
  }

  private var savable: [Value] {
    let given = (0..<carries).map { Value($0) }
    if body.hasLoop { return given }
    var made: [Value] = []
    // Whether a value is a product, or follows one with no transcendental function between.
    var followsProduct = [Bool](repeating: false, count: body.instructions.count)
    for (index, instruction) in body.instructions.enumerated() {
      let isNear = instruction.operands.contains { followsProduct[$0.index] }
      switch instruction.operation {
      case .unary(let unary) where unary.isTranscendental:
        if isNear { made.append(Value(index)) }
      case let operation where operation.isContraction:
        followsProduct[index] = true
        made.append(Value(index))
      default:
        followsProduct[index] = isNear
      }
    }
    return given + made
  }
}

extension Program {
  package var hasLoop: Bool {
    instructions.contains { if case .scan = $0.operation { true } else { false } }
  }
}

extension Operation {
  var isContraction: Bool {
    switch self {
    case .matrixProduct, .convolution, .convolutionInputGradient, .convolutionFilterGradient: true
    default: false
    }
  }
}

extension Unary {
  var isTranscendental: Bool {
    switch self {
    case .negate, .reciprocal, .sqrt: false
    case .exp, .expm1, .log, .log1p, .tanh, .sigmoid, .erf: true
    }
  }
}
