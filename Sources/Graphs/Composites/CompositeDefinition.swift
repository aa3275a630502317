/// Everything about a composite but its kernel.
///
/// Results behind the first are saved for its gradient. They are ordinary values: any instruction
/// may read them, and they have derivatives.
package protocol CompositeDefinition {
  /// In the text of a program: `layerNorm(epsilon 1e-05)`.
  var text: String { get }

  /// In a sentence: `layer normalisation`.
  var name: String { get }

  /// Which numbers each operand may have; the first result has the type of the first operand.
  var operands: [NumberClass] { get }
  var resultCount: Int { get }

  /// The operands that receive gradients.
  var differentiable: [Int] { get }

  /// Checks the shapes of operands whose number types are right.
  func resultTypes(of operands: [TensorType]) throws(ProgramError) -> [TensorType]

  /// Writes the results in primitive operations, which define the composite and its cost.
  func expand(_ operands: [Value], in builder: inout Builder) -> [Value]

  /// The share of the expansion's operations that are not for nothing, such as those on what a mask
  /// hides.
  func share(of operands: [TensorType]) -> Double

  /// Writes the gradients of the differentiable operands from that of the first result, in the
  /// order in which the kernel computes, whose rounding errors differ; nil if there is no kernel.
  func kernelGradients(
    _ operands: [Value], _ results: [Value], from gradient: Value, in builder: inout Builder
  ) -> [Value]?

  /// The formula of the first result, for operands with these formulas.
  func formula(_ x: [Formula]) -> Formula

  /// The gradient that an operand receives from the gradient `g` of the first result `y`; nil for
  /// none.
  func derivative(of operand: Int, _ x: [Formula], y: Formula, g: Formula) -> Formula?
}

extension CompositeDefinition {
  package func share(of operands: [TensorType]) -> Double { 1 }

  package func kernelGradients(
    _ operands: [Value], _ results: [Value], from gradient: Value, in builder: inout Builder
  ) -> [Value]? { nil }

  /// Writes the derivative of the expansion: the gradient of each operand from those of the results
  /// that have one.
  ///
  /// The expansion is differentiated on separate leaves: operands may be equal or depend on each
  /// other, and the gradient of one would flow to another.
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
