/// A loop over the steps of sequences, as one operation.
///
/// Operands are the first carries, sequences, which have an axis of time, and constants. Results
/// are the last carries, then what each step gives, stacked along the axis of time.
package struct Scan: Hashable, Sendable {
  /// One step: from the carries, the item of each sequence at this step and the constants, to the
  /// carries of the next step and the results of this one.
  ///
  /// Its first instructions are its inputs, one for each operand of the scan.
  package let body: Program
  package let carries: Int
  package let sequences: Int
  /// The axis of time of all sequences and results, which items do not have; the last one where
  /// items have fewer axes than that.
  package let axis: Int
  package let steps: Int
  /// Whether it begins at the last step.
  package let isReversed: Bool

  package init(
    _ body: Program, carries: Int, sequences: Int, axis: Int, steps: Int, isReversed: Bool
  ) {
    self.body = body
    self.carries = carries
    self.sequences = sequences
    self.axis = axis
    self.steps = steps
    self.isReversed = isReversed
  }

  /// The same loop with another body.
  package func with(_ body: Program, carries: Int? = nil, sequences: Int? = nil) -> Scan {
    Scan(
      body, carries: carries ?? self.carries, sequences: sequences ?? self.sequences, axis: axis,
      steps: steps, isReversed: isReversed)
  }

  /// The steps in the order in which they run.
  package var order: [Int] { isReversed ? (0..<steps).reversed() : Array(0..<steps) }

  /// The inputs of the body.
  package var leaves: Range<Int> { 0..<body.inputs.count }

  /// The names of inputs and outputs of a body depend on their places alone, so equal loops are
  /// equal programs.
  static func inputName(_ place: Int, carries: Int, sequences: Int) -> String {
    if place < carries { return "carry\(place)" }
    if place < carries + sequences { return "item\(place - carries)" }
    return "constant\(place - carries - sequences)"
  }

  static func outputName(_ place: Int, carries: Int) -> String {
    place < carries ? "carry\(place)" : "result\(place - carries)"
  }

  /// The outputs of a body: its carries and results.
  static func outputs(_ carries: [Value], _ results: [Value]) -> [Output] {
    (carries + results).enumerated().map { place, value in
      Output(outputName(place, carries: carries.count), value)
    }
  }

  /// The types of all results for operands of these types.
  func resultTypes(of operands: [TensorType]) throws(ProgramError) -> [TensorType] {
    let inputs = body.inputs
    try require(steps > 0, "has \(steps) steps")
    try require(
      carries >= 0 && sequences >= 0 && carries + sequences <= inputs.count
        && carries <= body.outputs.count && !body.outputs.isEmpty,
      "has \(carries) carries and \(sequences) sequences in \(inputs.count) operands, and "
        + "\(body.outputs.count) results")
    try require(
      body.instructions.dropFirst(inputs.count).allSatisfy { !$0.operation.isOuterLeaf },
      "reads parameters or draws random numbers in a step")
    for (place, (operand, input)) in zip(operands, inputs).enumerated() {
      let isSequence = place >= carries && place < carries + sequences
      let expected = isSequence ? try stacked(input.type) : input.type
      try require(operand == expected, "has \(input.name) of type \(operand), not \(expected)")
    }
    let outputs = body.outputs.map { body.type(of: $0.value) }
    for (place, type) in outputs.prefix(carries).enumerated() {
      try require(
        type == operands[place], "turns carry \(place) of \(operands[place]) into \(type)")
    }
    return try outputs.enumerated().map { place, type throws(ProgramError) in
      place < carries ? type : try stacked(type)
    }
  }

  private func stacked(_ item: TensorType) throws(ProgramError) -> TensorType {
    try require(axis >= 0, "has no axis \(axis) of time")
    return TensorType(item.number, item.shape.inserting(steps, at: axis))
  }
}

extension Scan: CustomStringConvertible {
  /// The body's own lines are indented.
  package var description: String {
    let lines = body.description.split(separator: "\n").map { "\n    \($0)" }.joined()
    return "\(headline) {\(lines)\n  }"
  }

  var headline: String {
    "scan(\(steps) steps, axis \(axis), \(carries) carries\(isReversed ? ", reversed" : ""))"
  }
}

extension Operation {
  /// Whether it is a leaf that a step may not have: these are written outside of the loop.
  fileprivate var isOuterLeaf: Bool {
    switch self {
    case .input, .parameter, .random: true
    default: false
    }
  }
}

extension Shape {
  /// The shape with one more axis; it is the last one if there are fewer before it.
  package func inserting(_ extent: Int, at axis: Int) -> Shape {
    let axis = min(axis, rank)
    return Shape(Array(extents[..<axis]) + [extent] + extents[axis...])
  }

  /// The shape of an item of a sequence of this shape.
  package func removing(_ axis: Int) -> Shape {
    let axis = timeAxis(axis)
    return Shape(Array(extents[..<axis]) + extents[(axis + 1)...])
  }

  /// The axis of time of a sequence of this shape: the last one if it has fewer axes than that.
  package func timeAxis(_ axis: Int) -> Int { min(axis, rank - 1) }
}
