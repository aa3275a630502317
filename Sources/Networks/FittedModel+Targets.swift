internal import Diagnostics
internal import Graphs

/// What losses compare outputs with.
extension FittedModel {
  /// The targets of an output, whose shape tells how many classes the integers of a field may be.
  func targets(of output: ModelOutput, _ shape: Shape) throws(Failure) -> TargetType {
    guard let name = output.target else {
      guard let given, given.outputs.count > 0 else {
        throw output.failure(
          "the data hold samples alone, and nothing to compare outputs with: give the dataset "
            + "labels or targets, or train an autoencoder by '\(output.loss.name): {target: "
            + "samples}'")
      }
      // Where only some numbers mean something, they mean it as they are.
      return output.loss.targetRange == nil ? given : given.scaled(by: [])
    }
    if name == "samples" { return .values(sample) }
    guard let field = fields.first(where: { $0.name == name }) else {
      let hint = Suggestion.hint(for: name, among: ["samples"] + fields.map(\.name))
      throw output.failure(
        "the data have no field '\(name)' to compare with\(hint): 'samples' makes an "
          + "autoencoder; left "
          + "out, it is the labels or targets of the dataset", at: "target")
    }
    guard output.loss.takesClasses, field.number != .float32 else { return .values(field.shape) }
    return .classes(
      shape[shape.rank - 1], shape: field.shape == [1] ? [] : field.shape)
  }

  /// The shape in which a loss takes the output of a layer; refuses what does not fit the targets.
  ///
  /// Between maps axes of 1 make no difference, and a vector has the numbers of real targets in
  /// their order.
  func fit(
    _ shape: Shape, _ targets: TargetType, _ output: ModelOutput, _ layer: NamedNode
  ) throws(Failure) -> Shape {
    let own = shape.extents.dropFirst()
    for outputs in output.loss.outputs(for: targets) {
      let fits =
        own == outputs.extents[...]
        || (targets.shape.rank > 1 || outputs.rank > 1)
          && own.filter { $0 > 1 } == outputs.extents.filter { $0 > 1 }
        || targets.kind == .values && own == [outputs.count]
      if fits { return Shape([shape[0]] + outputs.extents) }
    }
    let found = output.layer == nil ? "the model ends with" : "the output is"
    throw layer.failure(
      Misfit("\(found) \(shape.features), the data has \(targets): \(ending(of: shape, targets))"))
  }

  /// How to end layers whose output has another shape than the targets.
  private func ending(of shape: Shape, _ targets: TargetType) -> String {
    let outputs = targets.outputs
    let width = targets.text != nil ? "tokens" : "\(outputs.extents.last ?? 1)"
    if outputs.rank == 1 {
      return "end it with \(shape.rank > 2 ? "flatten and " : "")'dense: \(width)'"
    }
    return outputs.rank == 2
      ? "it is to make \(outputs.text) of a sample: end it with 'dense: \(width)', which works "
        + "step by step"
      : "it is to make a map of \(outputs.text): end it with 'conv: {filters: \(width), kernel: "
        + "1}' on a map of that size"
  }

  /// Writes the targets of an output.
  func truth(of one: Comparison, in pass: inout ForwardPass) -> Truth {
    let count = pass.shape(of: one.results.predictions)[0]
    guard let name = one.output.target else {
      let truth = pass.builder.truth(one.targets, samples: count)
      return one.targets.scales.isEmpty
        ? truth
        : Truth(
          targets: .values(pass.builder.standardise(truth.values, one.targets.scales)),
          counts: truth.counts)
    }
    guard let field = fields.first(where: { $0.name == name }) else {
      return Truth(targets: .values(pass.samples), counts: nil)
    }
    let numbers = pass.builder.input(
      field.name, TensorType(field.number, Shape([count] + field.shape.extents)))
    guard let classes = one.targets.classes else {
      return Truth(targets: .values(pass.builder.emit(.convert(.float32), numbers)), counts: nil)
    }
    let labels = pass.builder.reshape(
      pass.builder.emit(.convert(.int32), numbers), Shape([count] + one.targets.shape.extents))
    return Truth(targets: .labels(labels, classes: classes), counts: nil)
  }
}

extension Builder {
  /// Real targets as a loss compares them.
  fileprivate mutating func standardise(_ targets: Value, _ scales: [TargetType.Scale]) -> Value {
    let shape = shape(of: targets)
    let means = broadcast(vector(scales.map(\.mean)), over: shape)
    return divide(
      subtract(targets, means), broadcast(vector(scales.map(\.deviation)), over: shape))
  }

  /// Answers that a loss compared with standardised targets, in the unit of these.
  mutating func inUnits(_ answers: Value, _ scales: [TargetType.Scale]) -> Value {
    guard !scales.isEmpty else { return answers }
    let shape = shape(of: answers)
    return add(
      multiply(answers, broadcast(vector(scales.map(\.deviation)), over: shape)),
      broadcast(vector(scales.map(\.mean)), over: shape))
  }

  /// The labels or targets of the data; ignored ones become class 0 or the number 0.
  fileprivate mutating func truth(_ targets: TargetType, samples count: Int) -> Truth {
    let shape = Shape([count] + targets.shape.extents)
    let (name, number) =
      targets.classes == nil
      ? ("targets", NumberType.float32) : ("labels", NumberType.int32)
    var values = input(name, TensorType(number, shape))
    var counts: Value?
    if targets.ignoresSome {
      let numbers = emit(.convert(.float32), values)
      let zero = constant(0, shape)
      if targets.classes == nil {
        let isNumber = emit(.compare(.equal), values, values)
        (values, counts) = (emit(.select, isNumber, values, zero), isNumber)
      } else {
        counts = emit(.compare(.lessOrEqual), zero, numbers)
        values = emit(.convert(.int32), positivePart(of: numbers))
      }
    }
    return Truth(
      targets: targets.classes.map { .labels(values, classes: $0) } ?? .values(values),
      counts: counts)
  }
}
