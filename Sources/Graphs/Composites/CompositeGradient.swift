/// The gradients of a composite's differentiable operands, from its operands, its results and the
/// gradients of those results that have one.
///
/// It is defined as the derivative of the expansion, which computes the results again; a kernel
/// reads the saved results. So its own derivative passes no gradient to the results.
struct CompositeGradient: CompositeDefinition {
  let composite: any CompositeDefinition
  /// The results whose gradients are among the operands, in order.
  let given: [Int]

  var text: String {
    "gradient(of \(composite.text)\(given == [0] ? "" : ", from \(given)"))"
  }
  var name: String { "the gradient of \(composite.name)" }

  /// `resultTypes` checks the types behind the first.
  var operands: [NumberClass] {
    let count = composite.operands.count + composite.resultCount + given.count
    return [.float] + [NumberClass](repeating: .any, count: count - 1)
  }
  var resultCount: Int { composite.differentiable.count }
  var differentiable: [Int] {
    composite.differentiable + (0..<given.count).map { operands.count - given.count + $0 }
  }

  func resultTypes(of operands: [TensorType]) throws(ProgramError) -> [TensorType] {
    let arity = composite.operands.count
    let results = try composite.resultTypes(of: Array(operands.prefix(arity)))
    try require(
      !given.isEmpty && given == given.sorted() && Set(given).count == given.count
        && given.allSatisfy { results.indices.contains($0) && results[$0].number.isFloat },
      "has no gradients of results \(given)")
    try require(
      Array(operands.dropFirst(arity)) == results + given.map { results[$0] },
      "takes operands, results and gradients, not \(operands)")
    return composite.differentiable.map { operands[$0] }
  }

  func share(of operands: [TensorType]) -> Double { composite.share(of: operands) }

  func expand(_ operands: [Value], in builder: inout Builder) -> [Value] {
    let x = Array(operands.prefix(composite.operands.count))
    var gradients = [Value?](repeating: nil, count: composite.resultCount)
    for (result, gradient) in zip(given, operands.suffix(given.count)) {
      gradients[result] = gradient
    }
    let made = composite.expandedGradients(of: x, from: gradients, in: &builder)
    return composite.differentiable.map {
      made[$0] ?? builder.constant(0, builder.type(of: operands[$0]))
    }
  }

  /// Writes the gradients in the order of the kernel; nil if there is none.
  func kernelSteps(_ operands: [Value], in builder: inout Builder) -> [Value]? {
    guard given == [0] else { return nil }
    let arity = composite.operands.count
    return composite.kernelGradients(
      Array(operands.prefix(arity)), Array(operands.dropFirst(arity).dropLast()),
      from: operands[operands.count - 1], in: &builder)
  }

  func formula(_ x: [Formula]) -> Formula { .function("\(composite.text)_gradient", x) }
  func derivative(of operand: Int, _ x: [Formula], y: Formula, g: Formula) -> Formula? { nil }
}
