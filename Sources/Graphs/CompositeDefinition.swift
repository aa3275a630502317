/// All that the rules know of a composite, in one place.
///
/// The first result is what it is for. Those behind it are saved for its gradient; whoever wants
/// may read them, and differentiate through them as through any other value.
protocol CompositeDefinition {
  var arity: Int { get }
  var resultCount: Int { get }

  /// The operands that it passes gradients to.
  var differentiable: [Int] { get }

  func resultTypes(of operands: [TensorType]) throws(ProgramError) -> [TensorType]

  /// Writes the results in primitive operations.
  func expand(_ operands: [Value], in builder: inout Builder) -> [Value]

  /// Writes the gradients of the differentiable operands from that of the first result, in the
  /// steps of a kernel, which lose other digits than those of the expansion; nil where there is no
  /// kernel.
  func kernelGradients(
    _ operands: [Value], _ results: [Value], from gradient: Value, in builder: inout Builder
  ) -> [Value]?
}

extension CompositeDefinition {
  func kernelGradients(
    _ operands: [Value], _ results: [Value], from gradient: Value, in builder: inout Builder
  ) -> [Value]? { nil }

  /// Writes the derivative of the expansion: what each operand receives from the gradients of the
  /// results that have one.
  ///
  /// It is made on leaves of its own: in the builder operands may be equal or made of each other,
  /// and the parts of one would be counted to another.
  func expandedGradients(
    of operands: [Value], from gradients: [Value?], in builder: inout Builder
  ) -> [Value?] {
    let values = operands + gradients.compactMap { $0 }
    var alone = Builder()
    let leaves = values.indices.map { alone.input("\($0)", builder.type(of: values[$0])) }
    let sources = Array(leaves.prefix(operands.count))
    let results = expand(sources, in: &alone)
    let given = gradients.indices.filter { gradients[$0] != nil }
    let seeds = zip(given, leaves.dropFirst(operands.count)).map { (results[$0], $1) }
    let found = alone.gradients(of: seeds, by: sources)
    let places = builder.append(alone, for: values)
    return found.map { $0.map { places[$0] } }
  }
}

/// The gradients of a composite's differentiable operands, from its operands, its results and the
/// gradients of those results that have one.
///
/// Its meaning is the derivative of the expansion, which computes the results again; a kernel reads
/// what was saved. So its own derivative passes nothing to the results.
struct CompositeGradient: CompositeDefinition {
  let composite: any CompositeDefinition
  /// The results whose gradients are among the operands, in order.
  let given: [Int]

  var arity: Int { composite.arity + composite.resultCount + given.count }
  var resultCount: Int { composite.differentiable.count }
  var differentiable: [Int] {
    composite.differentiable + (0..<given.count).map { arity - given.count + $0 }
  }

  func resultTypes(of operands: [TensorType]) throws(ProgramError) -> [TensorType] {
    let results = try composite.resultTypes(of: Array(operands.prefix(composite.arity)))
    try require(
      !given.isEmpty && given == given.sorted() && Set(given).count == given.count
        && given.allSatisfy { results.indices.contains($0) && results[$0].number.isFloat },
      "has no gradients of results \(given)")
    try require(
      Array(operands.dropFirst(composite.arity)) == results + given.map { results[$0] },
      "takes operands, results and gradients, not \(operands)")
    return composite.differentiable.map { operands[$0] }
  }

  func expand(_ operands: [Value], in builder: inout Builder) -> [Value] {
    let x = Array(operands.prefix(composite.arity))
    var gradients = [Value?](repeating: nil, count: composite.resultCount)
    for (result, gradient) in zip(given, operands.suffix(given.count)) {
      gradients[result] = gradient
    }
    let made = composite.expandedGradients(of: x, from: gradients, in: &builder)
    return composite.differentiable.map {
      made[$0] ?? builder.constant(0, builder.type(of: operands[$0]))
    }
  }

  /// Writes them in the steps of the kernel, if there is one.
  func kernelSteps(_ operands: [Value], in builder: inout Builder) -> [Value]? {
    guard given == [0] else { return nil }
    return composite.kernelGradients(
      Array(operands.prefix(composite.arity)),
      Array(operands.dropFirst(composite.arity).dropLast()),
      from: operands[operands.count - 1], in: &builder)
  }
}
