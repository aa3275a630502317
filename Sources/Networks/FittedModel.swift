internal import Configuration
internal import Diagnostics
internal import Graphs

/// A model with the kind of data that it is for: it writes the graphs of programs, or throws what
/// does not fit.
struct FittedModel: Sendable {
  let model: Model
  let sample: Shape
  /// The targets that the data hold, if any.
  let given: TargetType?
  let fields: [TargetType.NamedField]
  /// Whether the data hold a weight for the loss of each sample.
  private let isWeighted: Bool

  init(
    _ model: Model, sample: Shape, targets given: TargetType?, fields: [TargetType.NamedField],
    isWeighted: Bool
  ) throws(Failure) {
    guard (1...3).contains(sample.rank), sample.extents.allSatisfy({ $0 > 0 }) else {
      throw Failure(
        .badData,
        "expected samples of shape [h, w, c], [steps, f] or [f], found \(sample)")
    }
    for (place, field) in fields.enumerated()
    where fields[..<place].contains(where: { $0.name == field.name }) || field.name == "samples" {
      throw Failure(
        .badData, "the data have two fields '\(field.name)': give one of them another name")
    }
    self.model = model
    self.sample = sample
    self.given = given
    self.fields = fields
    self.isWeighted = isWeighted
  }

  /// An output of the layers beside the targets that its loss compares it with.
  struct Comparison {
    let output: ModelOutput
    let results: Results
    let targets: TargetType

    var suffix: String { NetworkOutput.suffix(of: output.layer ?? "") }
    /// Whether two classes share one output.
    let isShared: Bool

    /// Whether its predictions for classes are what the loss makes of them, and probabilities.
    var predictsProbabilities: Bool {
      isShared || results.end(with: output.loss is BinaryCrossEntropy ? .sigmoid : .softmax)
    }
  }

  /// Everything from the samples to the losses.
  struct Written {
    var pass: ForwardPass
    /// Those of a program that evaluates, the losses of each output first.
    var outputs: [Output] = []
    /// The losses of samples for each output.
    var losses: [Value] = []
    var comparisons: [NetworkOutput] = []
  }

  /// Writes the losses of samples that training makes small: the weighted sum over several outputs.
  ///
  /// `scale` times their sum is the run's loss in a step.
  func total(of written: inout Written) -> Value {
    let losses = written.losses
    guard written.comparisons.count > 1 || written.comparisons[0].output.weight != 1 else {
      return losses[0]
    }
    written.pass.builder.author = "loss"
    let ignoresSome = written.comparisons.contains { $0.targets.ignoresSome }
    var sum: Value?
    for (one, losses) in zip(written.comparisons, losses) {
      var term = written.pass.builder.multiply(losses, by: one.output.weight)
      if ignoresSome, !one.targets.ignoresSome {
        term = written.pass.builder.averagedOverSamples(term)
      }
      sum = sum.map { written.pass.builder.add($0, term) } ?? term
    }
    return sum ?? losses[0]
  }

  func forward(
    samples count: Int, _ stored: SampleInput, isTraining: Bool, _ loops: LoopForm = LoopForm()
  ) throws(Failure) -> Written {
    let (pass, comparisons) = try results(
      samples: count, stored, isTraining: isTraining, loops, carrying: .batches)
    var written = Written(pass: pass)
    for one in comparisons {
      written.pass.builder.author = "loss\(one.suffix)"
      let truth = truth(of: one, in: &written.pass)
      let losses = try losses(of: one, truth, in: &written.pass)
      written.outputs += [
        Output("losses\(one.suffix)", losses),
        Output("predictions\(one.suffix)", predictions(of: one, in: &written.pass)),
      ]
      if one.output.target != nil {
        written.outputs.append(Output("targets\(one.suffix)", truth.values))
      }
      written.losses.append(losses)
      written.comparisons.append(
        NetworkOutput(
          name: one.output.layer ?? "", output: one.output, targets: one.targets,
          endsWithSoftmax: one.results.end(with: .softmax),
          predictsProbabilities: one.predictsProbabilities,
          isLogLikelihood: one.output.loss.isLogLikelihood && one.targets.classes != nil
            && !isWeighted))
    }
    written.outputs += written.pass.lastStates
    return written
  }

  /// Writes everything from the samples to the predictions that users get.
  func answer(
    samples count: Int, _ stored: SampleInput
  ) throws(Failure) -> (pass: ForwardPass, answers: [Output]) {
    var (pass, comparisons) = try results(samples: count, stored, isTraining: false)
    pass.builder.author = "answer"
    var answers: [Output] = []
    for one in comparisons {
      let answer =
        one.isShared
        ? pass.builder.bothClasses(from: one.results)
        : pass.builder.inUnits(
          one.output.loss.answers(from: one.results, in: &pass.builder), one.targets.scales)
      answers.append(Output("answers\(one.suffix)", answer))
    }
    return (pass, answers)
  }

  /// Writes the layers, whatever the losses compare their outputs with.
  func layers(
    samples count: Int, _ stored: SampleInput, carrying: Carrying = .nothing
  ) throws(Failure) -> (pass: ForwardPass, last: Value) {
    var pass = try pass(samples: count, stored, isTraining: false)
    pass.carrying = carrying
    pass.builder.gathersLast = carrying.isOfSteps
    let last = try pass.write(model.layers, reading: pass.samples)
    return (pass, last)
  }

  /// The same model for samples that are one step, or several, of a sequence.
  private func ofOneStep() throws(Failure) -> FittedModel { try of(steps: 1) }

  private func of(steps: Int) throws(Failure) -> FittedModel {
    guard sample.rank < 3 else {
      throw model.failure("its samples, \(sample.features), are no sequences: it has no steps")
    }
    return try FittedModel(
      model, sample: Shape([steps] + sample.extents.dropFirst()), targets: given, fields: [],
      isWeighted: false)
  }

  /// The same model for whole samples beside one step of a field.
  private func ofOneStep(of field: String) throws(Failure) -> FittedModel {
    try FittedModel(
      model, sample: sample, targets: given,
      fields: fields.map {
        $0.name == field
          ? TargetType.NamedField(
            field, $0.input, Shape([1] + $0.shape.extents.dropFirst()), entries: $0.entries)
          : $0
      }, isWeighted: false)
  }

  /// Writes the first steps of sequences.
  func beginning(
    samples count: Int, _ stored: SampleInput, steps: Int
  ) throws(Failure) -> ForwardPass {
    try of(steps: steps).layers(
      samples: count, stored, carrying: .beginning(count: sample[0])
    ).pass
  }

  /// Writes one step of the layers, up to the values before a softmax that is the last of them: of
  /// those behind a field, or of all if none is named.
  func step(
    samples count: Int, _ stored: SampleInput, of field: String? = nil
  ) throws(Failure) -> (pass: ForwardPass, scores: Value) {
    let model = if let field { try ofOneStep(of: field) } else { try ofOneStep() }
    let shape = fields.first { $0.name == field }?.shape ?? sample
    let (pass, last) = try model.layers(
      samples: count, stored, carrying: .steps(of: field ?? "samples", count: shape[0]))
    guard let layer = self.model.layers.layers.last.flatMap({ pass.written[$0.name] }) else {
      return (pass, last)
    }
    let results = Results(
      predictions: last, last: layer.node.layer, beforeLast: layer.input)
    return (pass, results.logits(of: .softmax))
  }

  private func results(
    samples count: Int, _ stored: SampleInput, isTraining: Bool, _ loops: LoopForm = LoopForm(),
    carrying: Carrying = .nothing
  ) throws(Failure) -> (pass: ForwardPass, comparisons: [Comparison]) {
    var pass = try pass(samples: count, stored, isTraining: isTraining)
    pass.carrying = carrying
    pass.builder.loopForm = loops
    _ = try pass.write(model.layers, reading: pass.samples)
    guard let last = model.layers.layers.last else { return (pass, []) }
    var comparisons: [Comparison] = []
    for output in model.outputs {
      let name = output.layer ?? last.name
      guard let layer = pass.written[name] else {
        let hint = Suggestion.hint(for: name, among: pass.written.keys.sorted())
        throw output.layerFailure("there is no layer '\(name)'\(hint)")
      }
      if let twice = comparisons.first(where: { ($0.output.layer ?? last.name) == name }) {
        throw output.layerFailure(
          "'\(name)' is an output already, with the loss \(twice.output.loss.name)")
      }
      comparisons.append(try comparison(output, layer, in: &pass))
    }
    guard model.outputs.contains(where: { ($0.layer ?? last.name) == last.name }) else {
      throw last.failure(
        Misfit("the last layer has no loss: name it in outputs, or leave it out"))
    }
    return (pass, comparisons)
  }

  private func comparison(
    _ output: ModelOutput, _ layer: ForwardPass.Written, in pass: inout ForwardPass
  ) throws(Failure) -> Comparison {
    let whole = pass.shape(of: layer.output)
    let targets = try targets(of: output, whole)
    let shape = try fit(whole, targets, output, layer.node)
    let before =
      pass.shape(of: layer.input).count == shape.count
      ? pass.builder.reshape(layer.input, shape) : layer.input
    return Comparison(
      output: output,
      results: Results(
        predictions: pass.builder.reshape(layer.output, shape), last: layer.node.layer,
        beforeLast: before),
      targets: targets,
      isShared: shape.extents.dropFirst() != targets.outputs.extents[...])
  }

  /// A pass that begins with the samples.
  private func pass(
    samples count: Int, _ stored: SampleInput, isTraining: Bool
  ) throws(Failure) -> ForwardPass {
    let shape = Shape([count] + sample.extents)
    guard elementCount(shape) != nil else {
      throw Failure(
        .badConfiguration,
        "a batch of \(count.grouped) samples, each \(shape.features), has more than "
          + "\(elementLimit.grouped) elements: use a smaller batch or more shards")
    }
    var builder = Builder()
    builder.author = "normalised"
    let (samples, indices) = builder.field("samples", shape, stored)
    var pass = ForwardPass(
      reading: samples, indices: indices,
      tokens: given?.tokens,
      targetTokens: given?.text == nil ? nil : given?.classes, fields: fields,
      outputs: Set(model.outputs.compactMap(\.layer)), in: builder, isTraining: isTraining)
    pass.lora = model.lora
    return pass
  }

  /// The losses of samples, times the samples' weights if the data hold such.
  private func losses(
    of one: Comparison, _ truth: Truth, in pass: inout ForwardPass
  ) throws(Failure) -> Value {
    let loss = one.output.loss
    do throws(Misfit) {
      let terms = try loss.terms(of: one.results, against: truth, in: &pass.builder)
      let losses = pass.builder.losses(
        terms, against: truth, addingUp: loss.takesDistributions && one.targets.kind == .values)
      return isWeighted ? pass.builder.weighted(losses) : losses
    } catch {
      throw one.output.failure(error)
    }
  }

  /// Writes what metrics compare with targets: beside real targets, what the loss takes the outputs
  /// for; of classes, values in the order of their probabilities.
  private func predictions(of one: Comparison, in pass: inout ForwardPass) -> Value {
    if one.isShared { return pass.builder.bothClasses(from: one.results) }
    guard one.targets.kind == .values else { return one.results.predictions }
    return pass.builder.inUnits(
      one.output.loss.answers(from: one.results, in: &pass.builder), one.targets.scales)
  }
}

extension Builder {
  /// The mean over the targets of each sample, of which those that do not count are 0: `[n]`.
  ///
  /// `addingUp` says that the terms along the last axis are one.
  fileprivate mutating func losses(
    _ terms: Value, against truth: Truth, addingUp: Bool
  ) -> Value {
    var terms = terms
    if let counts = truth.counts {
      terms = emit(.select, counts, terms, constant(0, shape(of: terms)))
    }
    if addingUp { terms = sumOverLast(terms) }
    let shape = shape(of: terms)
    guard shape.rank > 1 else { return terms }
    let count = shape.count / shape[0]
    let sums = sumOverLast(reshape(terms, [shape[0], count]))
    return multiply(sums, by: 1 / Double(count))
  }

  /// Losses whose mean is one over samples, where `scale` makes one over the targets that count.
  fileprivate mutating func averagedOverSamples(_ losses: Value) -> Value {
    let (share, scale) = (
      input("share", TensorType(.float32, [1])), input("scale", TensorType(.float32, [1]))
    )
    return multiply(losses, broadcast(divide(share, scale), shape(of: losses)))
  }

  /// Each sample's loss times the sample's weight.
  fileprivate mutating func weighted(_ losses: Value) -> Value {
    multiply(losses, input("weights", TensorType(.float32, shape(of: losses))))
  }

  /// The probabilities of two classes that share one output.
  fileprivate mutating func bothClasses(from results: Results) -> Value {
    let second =
      results.end(with: .sigmoid)
      ? results.predictions : emit(.unary(.sigmoid), results.predictions)
    let first = subtract(constant(1, shape(of: second)), second)
    return emit(.concatenate(axis: shape(of: second).rank - 1), first, second)
  }
}
