internal import Configuration
internal import Diagnostics
internal import Graphs

/// The layers and the loss as configured, before it is known that they fit.
struct Model: Sendable {
  let sample: Shape
  let targets: TargetType
  /// The field that the loss names: the samples, as layers see them, or another.
  let targetField: String?
  private let field: TargetType.NamedField?
  /// Whether the data say how much the loss of each sample counts.
  private let isWeighted: Bool
  private let layers: LayerList
  private let loss: any Loss
  private let lossSettings: Settings

  /// `given` are the targets that the data hold, if they hold any; `fields` is what else they hold.
  init(
    _ settings: Settings, sample: Shape, targets given: TargetType?,
    fields: [TargetType.NamedField], isWeighted: Bool
  ) throws(Failure) {
    guard (1...3).contains(sample.rank), sample.extents.allSatisfy({ $0 > 0 }) else {
      throw Failure(
        .badData,
        "expected samples of shape [h, w, c], [steps, f] or [f], found \(sample)")
    }
    let list = settings.sections("model")
    guard !list.isEmpty else {
      throw settings.failure(at: "model", "expected at least one layer, such as 'dense: 10'")
    }
    self.sample = sample
    self.isWeighted = isWeighted
    layers = try LayerList(list)
    lossSettings = settings.section("loss")
    guard let kind = LossKind(rawValue: lossSettings.name) else {
      preconditionFailure("the schema has a loss '\(lossSettings.name)' that no kind names")
    }
    loss = kind.type.init(lossSettings)
    targetField = lossSettings.optionalText("target")
    field = fields.first { [name = targetField] in $0.name == name }
    targets = try Self.targets(given, sample, field, fields, lossSettings)
  }

  /// What outputs are compared with: the field that the loss names, or the targets that the data
  /// hold.
  private static func targets(
    _ given: TargetType?, _ sample: Shape, _ field: TargetType.NamedField?,
    _ fields: [TargetType.NamedField], _ loss: Settings
  ) throws(Failure) -> TargetType {
    if let field { return .values(field.shape) }
    if let name = loss.optionalText("target") {
      if name == "samples" { return .values(sample) }
      let hint = Suggestion.hint(for: name, among: ["samples"] + fields.map(\.name))
      throw loss.failure(
        at: "target",
        "the data have no field '\(name)' to compare with\(hint): 'samples' makes an autoencoder; left "
          + "out, it is the labels or targets of the dataset")
    }
    guard let given, given.outputs.count > 0 else {
      throw Failure(
        settings: loss.location,
        "the data hold samples alone, and nothing to compare outputs with: give the dataset labels or"
          + " targets, or train an autoencoder by '\(loss.name): {target: samples}'")
    }
    return given
  }

  /// Writes everything from the samples to the losses, or says what does not fit.
  ///
  /// The outputs are those of a program that evaluates, `losses` first.
  func forward(
    samples count: Int, _ stored: SampleInput, isTraining: Bool
  ) throws(Failure) -> (pass: ForwardPass, outputs: [Output]) {
    var (pass, results) = try results(samples: count, stored, isTraining: isTraining)
    pass.builder.author = "loss"
    let given: Value? =
      if let field { pass.builder.numbers(of: field, samples: count) } else {
        targetField == nil ? nil : pass.samples
      }
    let truth =
      given.map { Truth(targets: .values($0), counts: nil) }
      ?? pass.builder.truth(targets, samples: count)
    do throws(Misfit) {
      let terms = try loss.terms(of: results, against: truth, in: &pass.builder)
      let losses = pass.builder.losses(
        terms, against: truth, addingUp: loss.takesDistributions && targets.kind == .values)
      var outputs = [
        Output("losses", isWeighted ? pass.builder.weighted(losses) : losses),
        Output("predictions", predictions(from: results, in: &pass)),
      ]
      if let given { outputs.append(Output("targets", given)) }
      return (pass, outputs)
    } catch {
      let place = error.key.map { lossSettings.location(of: $0) } ?? lossSettings.location
      throw Failure(settings: place, "\(lossSettings.name): \(error.message)")
    }
  }

  /// Writes what metrics are of: beside real targets, what the loss takes the outputs for;
  /// of classes, values in the order of their probabilities.
  private func predictions(from results: Results, in pass: inout ForwardPass) -> Value {
    if isShared(results, in: pass) { return pass.builder.bothClasses(from: results) }
    guard targets.kind == .values else { return results.predictions }
    return loss.answers(from: results, in: &pass.builder)
  }

  /// Writes everything from the samples to what a user is told of them.
  func answer(
    samples count: Int, _ stored: SampleInput
  ) throws(Failure) -> (pass: ForwardPass, answers: Value) {
    var (pass, results) = try results(samples: count, stored, isTraining: false)
    pass.builder.author = "answer"
    let answers =
      isShared(results, in: pass)
      ? pass.builder.bothClasses(from: results) : loss.answers(from: results, in: &pass.builder)
    return (pass, answers)
  }

  /// Writes what every layer makes of the samples, whatever the loss takes it for.
  func values(
    samples count: Int, _ stored: SampleInput
  ) throws(Failure) -> (builder: Builder, values: [(layer: String, value: Value)]) {
    var pass = try pass(samples: count, stored, isTraining: false)
    var values: [(layer: String, value: Value)] = []
    for layer in layers.layers {
      values.append((layer.name, try pass.apply(layer, to: values.last?.value ?? pass.samples)))
    }
    return (pass.builder, values)
  }

  /// What real targets must be within; nil where any number can be one.
  var targetRange: ClosedRange<Float>? { targets.kind == .values ? loss.targetRange : nil }

  /// Whether the answers for classes are probabilities.
  var givesProbabilities: Bool { loss.givesProbabilities || layers.layers.last?.kind == .softmax }

  /// Whether two classes share one output.
  private func isShared(_ results: Results, in pass: ForwardPass) -> Bool {
    pass.shape(of: results.predictions).extents.dropFirst() != targets.outputs.extents[...]
  }

  private func results(
    samples count: Int, _ stored: SampleInput, isTraining: Bool
  ) throws(Failure) -> (pass: ForwardPass, results: Results) {
    var pass = try pass(samples: count, stored, isTraining: isTraining)
    var (x, y) = (pass.samples, pass.samples)
    for layer in layers.layers {
      x = y
      y = try pass.apply(layer, to: x)
    }
    let shape = try outputs(from: pass.shape(of: y))
    let before = pass.shape(of: x).count == shape.count ? pass.builder.reshape(x, shape) : x
    let results = Results(
      predictions: pass.builder.reshape(y, shape), last: layers.layers.last?.kind,
      beforeLast: before)
    return (pass, results)
  }

  /// A pass that begins with so many samples.
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
    let (samples, indices) = builder.samples(shape, stored)
    return ForwardPass(
      reading: samples, indices: indices, in: builder, isTraining: isTraining)
  }

  /// The shape in which the loss takes what the layers end with; refuses what does not fit the
  /// targets.
  ///
  /// Between maps axes of 1 make no difference, and a vector has the numbers of real targets in
  /// their order.
  private func outputs(from shape: Shape) throws(Failure) -> Shape {
    let own = shape.extents.dropFirst()
    for outputs in loss.outputs(for: targets) {
      let fits =
        own == outputs.extents[...]
        || (targets.shape.rank > 1 || outputs.rank > 1)
          && own.filter { $0 > 1 } == outputs.extents.filter { $0 > 1 }
        || targets.kind == .values && own == [outputs.count]
      if fits { return Shape([shape[0]] + outputs.extents) }
    }
    guard let last = layers.layers.last else {
      preconditionFailure("a model has at least one layer")
    }
    throw last.failure(
      Misfit("the model ends with \(shape.features), the data has \(targets): \(ending(of: shape))")
    )
  }

  /// How to end a model that ends with another shape than the targets have.
  private func ending(of shape: Shape) -> String {
    let outputs = targets.outputs
    let width = outputs.extents.last ?? 1
    if outputs.rank == 1 {
      return "end it with \(shape.rank > 2 ? "flatten and " : "")'dense: \(width)'"
    }
    return outputs.rank == 2
      ? "it is to make \(outputs.text) of a sample: end it with 'dense: \(width)', which works step by step"
      : "it is to make a map of \(outputs.text): end it with 'conv: {filters: \(width), kernel: 1}' on a"
        + " map of that size"
  }
}

extension Builder {
  /// The numbers that a field holds, as real numbers.
  fileprivate mutating func numbers(
    of field: TargetType.NamedField, samples count: Int
  ) -> Value {
    let type = TensorType(field.number, Shape([count] + field.shape.extents))
    return emit(.convert(.float32), input(field.name, type))
  }

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

  /// Each sample's loss times the sample's weight.
  fileprivate mutating func weighted(_ losses: Value) -> Value {
    multiply(losses, input("weights", TensorType(.float32, shape(of: losses))))
  }

  /// The probabilities of two classes that share one output.
  fileprivate mutating func bothClasses(from results: Results) -> Value {
    let second =
      results.last == .sigmoid ? results.predictions : emit(.unary(.sigmoid), results.predictions)
    let first = subtract(constant(1, shape(of: second)), second)
    return emit(.concatenate(axis: shape(of: second).rank - 1), first, second)
  }
}
