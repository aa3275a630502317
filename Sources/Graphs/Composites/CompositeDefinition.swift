/// Everything about a composite but its kernel.
///
/// The first result is what it is for. Those behind it are saved for its gradient; any instruction
/// may read them, and they are differentiated like any other value.
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

  /// Writes the results in primitive operations: the meaning of the composite, and what it costs.
  func expand(_ operands: [Value], in builder: inout Builder) -> [Value]

  /// Writes the gradients of the differentiable operands from that of the first result, in the
  /// order of the kernel, which rounds otherwise than the expansion; nil where there is no kernel.
  func kernelGradients(
    _ operands: [Value], _ results: [Value], from gradient: Value, in builder: inout Builder
  ) -> [Value]?

  /// The first result, for operands that are written like this.
  func formula(_ x: [Formula]) -> Formula

  /// What an operand receives from the gradient `g` of the first result `y`; nil if nothing.
  func derivative(of operand: Int, _ x: [Formula], y: Formula, g: Formula) -> Formula?
}

extension CompositeDefinition {
  package func kernelGradients(
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
