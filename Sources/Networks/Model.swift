internal import Configuration
internal import Diagnostics
internal import Graphs

/// The layers and the loss as configured, before it is known that they fit.
struct Model: Sendable {
  let sample: Shape
  let labels: LabelKind
  /// Whether the data say how much the loss of each sample counts.
  private let isWeighted: Bool
  private let layers: LayerList
  private let loss: any Loss
  private let lossSettings: Settings

  init(
    _ settings: Settings, sample: Shape, labels: LabelKind, isWeighted: Bool
  ) throws(Failure) {
    guard [1, 3].contains(sample.rank), sample.extents.allSatisfy({ $0 > 0 }), labels.width > 0
    else {
      throw Failure(
        .badData,
        "expected samples of shape [h, w, c] or [f] and at least one class or target, "
          + "found \(sample) and \(labels)")
    }
    let list = settings.sections("model")
    guard !list.isEmpty else {
      throw settings.failure(at: "model", "expected at least one layer, such as 'dense: 10'")
    }
    self.sample = sample
    self.labels = labels
    self.isWeighted = isWeighted
    layers = try LayerList(list)
    lossSettings = settings.section("loss")
    guard let kind = LossKind(rawValue: lossSettings.name) else {
      preconditionFailure("the schema has a loss '\(lossSettings.name)' that no kind names")
    }
    loss = kind.type.init(lossSettings)
  }

  /// Writes everything from the samples to the losses, or says what does not fit.
  func forward(
    samples count: Int, _ stored: SampleInput, isTraining: Bool
  ) throws(Failure) -> (pass: ForwardPass, predictions: Value, losses: Value) {
    var (pass, results) = try results(samples: count, stored, isTraining: isTraining)
    pass.builder.author = "loss"
    let truth = pass.builder.truth(labels, samples: count)
    do throws(Misfit) {
      let losses = try loss.losses(of: results, against: truth, in: &pass.builder)
      let weighted = isWeighted ? pass.builder.weighted(losses) : losses
      let predictions = predictions(from: results, in: &pass)
      return (pass, predictions, weighted)
    } catch {
      let place = error.key.map { lossSettings.location(of: $0) } ?? lossSettings.location
      throw Failure(settings: place, "\(lossSettings.name): \(error.message)")
    }
  }

  /// Writes what figures beside the loss are of: beside real targets, what the loss takes the outputs for;
  /// of classes, values in the order of their probabilities.
  private func predictions(from results: Results, in pass: inout ForwardPass) -> Value {
    if isShared(results, in: pass) { return pass.builder.bothClasses(from: results) }
    guard case .values = labels else { return results.predictions }
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
  var targetRange: ClosedRange<Float>? {
    if case .values = labels { loss.targetRange } else { nil }
  }

  /// Whether the answers for classes are probabilities.
  var givesProbabilities: Bool { loss.givesProbabilities || layers.layers.last?.kind == .softmax }

  /// Whether two classes share one output.
  private func isShared(_ results: Results, in pass: ForwardPass) -> Bool {
    pass.shape(of: results.predictions)[1] < labels.width
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
    try checkWidth(of: pass.shape(of: y))
    return (pass, Results(predictions: y, last: layers.layers.last?.kind, beforeLast: x))
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
    let samples = builder.samples(shape, stored)
    return ForwardPass(reading: samples, in: builder, isTraining: isTraining)
  }

  private func checkWidth(of shape: Shape) throws(Failure) {
    guard let last = layers.layers.last,
      shape.rank != 2 || !loss.takes(width: shape[1], for: labels)
    else { return }
    throw last.failure(
      Misfit(
        "the model ends with \(shape.features), the data has \(labels): "
          + "end it with \(shape.rank > 2 ? "flatten and " : "")'dense: \(labels.width)'"))
  }
}

extension Builder {
  fileprivate mutating func truth(_ labels: LabelKind, samples count: Int) -> Truth {
    switch labels {
    case .classes(let classes):
      .labels(input("labels", TensorType(.int32, [count])), classes: classes)
    case .values(let width):
      .targets(input("targets", TensorType(.float32, [count, width])))
    }
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
    return emit(.concatenate(axis: 1), first, second)
  }
}
