package import Configuration
package import Diagnostics
package import Graphs

/// Two networks that fit each other and the data: a generator that makes samples of noise, and a
/// critic that scores samples.
package struct Adversaries: Sendable {
  package let settings: AdversarialSettings
  /// The shape of one sample: `[h, w, c]` or `[f]`.
  package let sample: Shape
  package let generator: [Parameter]
  package let critic: [Parameter]
  /// Those of the generator, then those of the critic.
  package let layers: [LayerSummary]
  /// As that of a `Network`.
  package let openNorm: Failure?
  private let layersOfGenerator: LayerList
  private let layersOfCritic: LayerList
  /// Whether what the critic says of a sample depends on others, so that the samples of the data
  /// and those that were made must not be mixed.
  private let mixesSamples: Bool

  /// The names that parameters begin with.
  package enum Name {
    package static let generator = "generator"
    package static let critic = "critic"
  }

  /// The keys that a configuration has for them.
  package static let keys = [
    Key(
      "generator", .layers(count: 1...10_000), default: .absent,
      help: "The layers from noise to samples, in an adversarial run."),
    Key(
      "critic", .layers(count: 1...10_000), default: .absent,
      help: "The layers from samples to one score for each."),
    Key(
      "discriminator", .layers(count: 1...10_000), default: .absent,
      help: "Another name of critic."),
    Key(
      "adversarial", .record(AdversarialSettings.record), default: .absent,
      help: "What generator and critic learn from each other, instead of model and loss."),
  ]

  /// The networks of settings with these keys, for samples of this shape.
  package init(_ settings: Settings, sample: Shape) throws(Failure) {
    let rules = try AdversarialSettings(settings.section("adversarial"))
    self.settings = rules
    self.sample = sample
    let key = settings.optionalValue("critic") == nil ? "discriminator" : "critic"
    layersOfGenerator = try LayerList(setting: settings.value("generator"))
    layersOfCritic = try LayerList(setting: settings.value(key))

    // One sample through all layers shows whether everything fits.
    var pass = Self.pass(samples: 1, rules, isTraining: false)
    let made = try pass.write(layersOfGenerator, reading: pass.samples)
    try Self.check(pass.shape(of: made), layersOfGenerator, sample)
    pass.takesSamplesApart = rules.loss == .wassersteinGP
    pass.enter(Name.critic, reading: made)
    let scores = try pass.write(layersOfCritic, reading: made)
    try Self.check(pass.shape(of: scores), layersOfCritic)
    generator = pass.allParameters(of: Name.generator)
    critic = try Self.clipped(pass.allParameters(of: Name.critic), rules, settings, at: key)
    layers = pass.summaries
    openNorm = pass.openNorm
    mixesSamples = critic.contains { if case .average = $0.role { true } else { false } }
    guard pass.indexLimits.isEmpty else {
      throw settings.failure(
        at: key, "an embedding takes whole numbers, and a generator makes real ones")
    }
    for (key, parameters) in [("generator", generator), (key, critic)]
    where parameters.trained.isEmpty {
      throw settings.failure(at: key, "no layer has anything to train: add a dense layer")
    }
  }

  /// Bounds all that the critic learns, if the rules do.
  private static func clipped(
    _ parameters: [Parameter], _ rules: AdversarialSettings, _ settings: Settings, at key: String
  ) throws(Failure) -> [Parameter] {
    guard let limit = rules.weightClip else { return parameters }
    if let bounded = parameters.first(where: { $0.constraint != nil }) {
      throw settings.failure(
        at: key,
        "weight_clip bounds all weights, and \(bounded.name) has a constraint of its own: leave "
          + "that out")
    }
    return parameters.map { $0.role == .trained ? $0.constrained(by: .within(-limit...limit)) : $0 }
  }

  /// The floating-point operations of the forward pass of one sample through both.
  package var flops: Int { layers.reduce(0) { $0 + $1.flops } }

  // MARK: Passes

  /// The beginning of a pass, which reads noise.
  private static func pass(
    samples count: Int, _ settings: AdversarialSettings, isTraining: Bool
  ) -> ForwardPass {
    var builder = Builder()
    builder.author = "noise"
    let noise = builder.input("noise", TensorType(.float32, [count, settings.noiseSize]))
    return ForwardPass(
      through: Name.generator, reading: noise, in: builder, isTraining: isTraining)
  }

  private static func check(
    _ shape: Shape, _ layers: LayerList, _ sample: Shape
  ) throws(Failure) {
    let wanted = Shape([shape[0]] + sample.extents)
    guard shape != wanted, let last = layers.layers.last else { return }
    let ending =
      sample.rank == 1
      ? "'dense: \(sample.count)'"
      : shape.count == wanted.count
        ? "'reshape: \(sample)'"
        : "a map of that size, or with 'dense: \(sample.count)' and 'reshape: \(sample)'"
    throw last.failure(
      Misfit(
        "the generator ends with \(shape.features), a sample of the data is \(wanted.features): "
          + "end it with \(ending)"))
  }

  private static func check(_ shape: Shape, _ layers: LayerList) throws(Failure) {
    guard shape.extents != [shape[0], 1], let last = layers.layers.last else { return }
    throw last.failure(
      Misfit(
        "the critic ends with \(shape.features), expected one score for each sample: end it with "
          + "\(shape.rank > 2 ? "flatten and " : "")'dense: 1'"))
  }

  // MARK: Programs

  /// The program of one step of the critic on so many samples of the data and as many that are
  /// made.
  ///
  /// - Inputs: `samples`; `noise` (`[n, size]`); `mixture` (`[n]`, from 0 to 1) where there is a
  ///   penalty; `label_noise` (`[n, 2]`, from 0 to 1) where labels are noisy; `scale` as for a
  ///   `Network`.
  /// - Outputs: `losses` (`[n]`); `margins` (`[n]`), what the score of a sample of the data is
  ///   above that of one that was made, or `hits` (`[n]`), the share of both that was told right;
  ///   where there is a penalty, `lengths` of its gradients and `penalties`, its part of the losses
  ///   (`[n]`); for every parameter of the critic `gradient/<name>`.
  package func criticProgram(
    samples count: Int, input stored: SampleInput = .float32, loops: LoopForm = LoopForm()
  ) throws(Failure) -> Program {
    var pass = Self.pass(samples: count, settings, isTraining: true)
    pass.builder.loopForm = loops
    let made = try pass.write(layersOfGenerator, reading: pass.samples)
    pass.builder.author = "normalised"
    let real = pass.builder.field(
      "samples", Shape([count] + sample.extents), stored
    ).normalised
    pass.takesSamplesApart = settings.loss == .wassersteinGP
    let (onReal, onMade) = try scores(real, made, in: &pass)
    pass.builder.author = "loss"
    let labels = labels(samples: count, in: &pass.builder)
    var losses = pass.builder.criticLosses(
      settings.loss, onReal: onReal, onMade: onMade, labels: labels)
    var figures = [figure(onReal, onMade, in: &pass.builder)]
    if settings.loss == .wassersteinGP {
      let (penalties, lengths) = try penalties(real, made, in: &pass)
      losses = pass.builder.add(losses, penalties)
      figures += [Output("lengths", lengths), Output("penalties", penalties)]
    }
    let gradients = pass.gradients(of: losses, by: Name.critic)
    return pass.builder.program(outputs: [Output("losses", losses)] + figures + gradients)
  }

  /// The program of one step of the generator: inputs `noise` and `scale`, outputs `losses` and
  /// `gradient/<name>` for every parameter of the generator.
  package func generatorProgram(
    samples count: Int, loops: LoopForm = LoopForm()
  ) throws(Failure) -> Program {
    var pass = Self.pass(samples: count, settings, isTraining: true)
    pass.builder.loopForm = loops
    let made = try pass.write(layersOfGenerator, reading: pass.samples)
    let scores = try score(made, in: &pass)
    pass.builder.author = "loss"
    let losses = pass.builder.generatorLosses(settings.loss, onMade: scores)
    let gradients = pass.gradients(of: losses, by: Name.generator)
    return pass.builder.program(outputs: [Output("losses", losses)] + gradients)
  }

  /// The program that makes samples (`samples`) of `noise`, as the layers of a critic see them.
  package func samplingProgram(samples count: Int) throws(Failure) -> Program {
    var pass = Self.pass(samples: count, settings, isTraining: false)
    let made = try pass.write(layersOfGenerator, reading: pass.samples)
    return pass.builder.program(outputs: [Output("samples", made)])
  }

  /// The program that shows what layers of some kinds make, as that of a `Network`: those of the
  /// generator of `noise`, those of the critic of `samples`.
  package func probingProgram(
    samples count: Int, input stored: SampleInput = .float32, of kinds: Set<String>
  ) throws(Failure) -> Program? {
    var pass = Self.pass(samples: count, settings, isTraining: false)
    _ = try pass.write(layersOfGenerator, reading: pass.samples)
    pass.builder.author = "normalised"
    let real = pass.builder.field(
      "samples", Shape([count] + sample.extents), stored
    ).normalised
    pass.takesSamplesApart = settings.loss == .wassersteinGP
    _ = try score(real, in: &pass)
    return pass.probingProgram(of: kinds)
  }

  /// The critic's scores of samples of the data, and of those that were made.
  ///
  /// Both are scored in one pass unless the critic would mix them.
  private func scores(
    _ real: Value, _ made: Value, in pass: inout ForwardPass
  ) throws(Failure) -> (Value, Value) {
    guard !mixesSamples else {
      let onReal = try score(real, in: &pass)
      return (onReal, try score(made, in: &pass))
    }
    let count = pass.shape(of: real)[0]
    let all = try score(
      pass.builder.emit(.concatenate(axis: 0), real, made), batches: 2, in: &pass)
    return (
      pass.builder.emit(.slice([AxisRange(start: 0, count: count)]), all),
      pass.builder.emit(.slice([AxisRange(start: count, count: count)]), all)
    )
  }

  /// One number for each sample: log-odds are what goes into a last sigmoid.
  private func score(
    _ x: Value, batches: Int = 1, in pass: inout ForwardPass
  ) throws(Failure) -> Value {
    pass.enter(Name.critic, reading: x, batches: batches)
    let scores = try pass.write(
      settings.loss.usesLabels ? layersOfCritic.beforeSigmoid : layersOfCritic, reading: x)
    return pass.builder.reshape(scores, [pass.shape(of: x)[0]])
  }

  /// What the critic's gradient costs, at a point between each pair of samples, and its length.
  private func penalties(
    _ real: Value, _ made: Value, in pass: inout ForwardPass
  ) throws(Failure) -> (penalties: Value, lengths: Value) {
    let shape = pass.shape(of: real)
    pass.builder.author = "penalty"
    let mixture = pass.builder.input("mixture", TensorType(.float32, [shape[0]]))
    let shares = pass.builder.repeated(mixture, over: shape)
    let step = pass.builder.multiply(shares, pass.builder.subtract(real, made))
    let between = pass.builder.add(made, step)
    let scores = try score(between, in: &pass)
    pass.builder.author = "penalty"
    // A score depends on its own sample alone, so the gradient of their sum holds that of each.
    let gradient = pass.builder.gradients(of: scores, by: [between])[0]
    let lengths = pass.builder.lengths(of: gradient)
    let excess = pass.builder.subtract(lengths, pass.builder.constant(1, [shape[0]]))
    let squares = pass.builder.multiply(excess, excess)
    return (pass.builder.multiply(squares, by: settings.penalty), lengths)
  }

  /// What samples of the data and those that were made are to be taken for.
  private func labels(samples count: Int, in builder: inout Builder) -> (Value, Value) {
    let (one, zero) = (builder.constant(1, [count]), builder.constant(0, [count]))
    guard settings.labelNoise > 0 else { return (one, zero) }
    let noise = builder.input("label_noise", TensorType(.float32, [count, 2]))
    let parts = [0, 1].map { place in
      let part = builder.emit(
        .slice([AxisRange(start: 0, count: count), AxisRange(start: place, count: 1)]), noise)
      return builder.multiply(builder.reshape(part, [count]), by: settings.labelNoise)
    }
    return (builder.subtract(one, parts[0]), parts[1])
  }

  /// How well the critic tells samples apart.
  private func figure(_ real: Value, _ made: Value, in builder: inout Builder) -> Output {
    guard !settings.loss.isWasserstein else {
      return Output("margins", builder.subtract(real, made))
    }
    let shape = builder.shape(of: real)
    let (zero, half) = (builder.constant(0, shape), builder.constant(0.5, shape))
    let onReal = builder.emit(
      .select, builder.emit(.compare(.less), zero, real), half, zero)
    let onMade = builder.emit(
      .select, builder.emit(.compare(.less), made, zero), half, zero)
    return Output("hits", builder.add(onReal, onMade))
  }
}
