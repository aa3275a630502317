internal import Datasets
package import Diagnostics
internal import Execution
package import Explanations
internal import Graphs
internal import Networks

extension Experiment {
  /// Explains the first training step on one sample, with every number.
  ///
  /// It is computed in Double. Each float32 is read as its shortest decimal, so that the printed
  /// numbers are exactly those of the computation. If `tensor` or `head` is given, such as
  /// `attention1.2`, it is explained alone, in full. If `isFull`, softmax with cross entropy is
  /// explained by the steps of its expansion.
  package func explanation(
    ofSample sample: Int, isFull: Bool = false, tensor: String? = nil, head: String? = nil
  ) throws(Failure) -> Explanation {
    let count = data.training.count
    guard (0..<count).contains(sample) else {
      throw Failure(
        .usage,
        "option '--sample': the training set has the samples 0 to \(count - 1), "
          + "found \(sample)")
    }
    let position = RandomPosition(seed: configuration.seed, step: 0, firstSample: 0)
    let inputs = try inputs([Int32(sample)], random: position, convert: decimal)
      .merging(BatchScale([Int32(sample)], of: self).tensors) { $1 }
    let program = try parameterGroups[0].program(1, loops: LoopForm(isUnrolled: true))
    let selection =
      try head.map { name throws(Failure) in
        Selection.head(try Self.head(name, of: program))
      } ?? tensor.map { .tensor($0) } ?? .all
    let columns = data.training.columnNames.mapValues { $0.map(\.printable) }

    func run(_ parameters: [String: Tensor]) throws(Failure) -> ProgramExplanation {
      do throws(ProgramError) {
        return try ProgramExplanation(
          program, inputs: inputs, parameters: parameters,
          random: { position.uniform(stream: $0, $1).map(Double.init) }, isFull: isFull,
          columns: columns, selection: selection)
      } catch {
        throw Failure(.internalError, "the reference evaluator refuses the network: \(error)")
      }
    }

    let weights = try firstWeights()
    let step = try run(weights)
    if case .tensor(let tensor) = step.selection, !step.tensors.contains(tensor) {
      throw Failure(
        .usage, "there is no tensor '\(tensor)'\(Suggestion.hint(for: tensor, among: step.tensors))"
      )
    }
    let update = StepUpdate(self, weights) { step.output("gradient/\($0)") }
    let after = try run(weights.merging(update.weights) { $1 })
    let loss = Explanation.Section(
      "the loss after the step", [Explanation.Entry("loss", .name("loss"), after.loss)])
    let whole = Explanation(
      "\(configuration.name), sample \(sample)",
      step.sections + [update.section(step.selection), loss])
    return whole.only(step.selection)
  }

  /// The head of a layer that a user names.
  private static func head(_ name: String, of program: Program) throws(Failure) -> AttentionHead {
    let heads = AttentionHead.all(of: program)
    if let head = heads.first(where: { $0.name == name }) { return head }
    guard !heads.isEmpty else {
      throw Failure(.usage, "option '--head': the network has no layer of attention")
    }
    throw Failure(
      .usage,
      "option '--head': there is no head '\(name)'"
        + Suggestion.hint(for: name, among: heads.map(\.name)))
  }

  private func firstWeights() throws(Failure) -> [String: Tensor] {
    let state = try ModelState(self)
    var weights: [String: Tensor] = [:]
    for (parameter, place) in zip(parameterGroups.flatMap(\.parameters), state.parameters) {
      weights[parameter.name] = Tensor(
        parameter.shape, place.range.map { unsafe decimal(state.weights[$0]) })
    }
    return weights
  }
}

/// The shortest decimal of a float32, as Double.
private func decimal(_ number: Float) -> Double { Double(number.description) ?? Double(number) }
