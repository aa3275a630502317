package import Communication
package import Configuration
package import Datasets
package import Diagnostics
package import Execution
package import Kernels
package import Networks
package import Optimizers

/// A checked configuration: everything about a run except for its directory and number of ranks.
package struct RunConfiguration: Sendable {
  package let settings: Settings
  /// Whether a user wrote it; false for checkpoints and for programs that use the library.
  let isFile: Bool
  package private(set) var data: DataConfiguration
  /// An optimizer for each network.
  package let optimizers: [any Optimizer]
  package let clipping: Clipping?
  package let penalty: Penalty?

  /// The keys of a configuration file.
  package static let record = Record(
    "configuration",
    keys: [
      Key(
        "name", .text, effect: .length,
        help: "Names the run and its directory, runs/<name>."),
      Key(
        "seed", .integer(in: 0...Int.max), default: 1,
        help: "Everything random in the run follows from it."),
      Key(
        "shards", .integer(in: 1...65536), default: .absent,
        help: "Parts of a batch that may be computed apart, a power of two; "
          + "left out, as many as leave 16 samples in each."),
      Key(
        "engine", .choice(Engine.self), default: .yaml(Engine.standard.rawValue),
        help: "What computes: onednn (fast), openblas (portable) or reference (plain loops in "
          + "double precision)."),
      Key(
        "isa", .choice(InstructionSet.self), default: "auto",
        help: "The vector instructions that may be used: all of the processor, or as many as hosts "
          + "of several kinds have in common, which then compute equal bits."),
      Key(
        "reduction", .choice(ReductionMethod.self),
        default: .yaml(ReductionMethod.ordered.rawValue),
        help: "How gradients of ranks are added: ordered (the same bits on any number of them) or "
          + "native (by MPI, for comparison)."),
      Key("data", .record(DataConfiguration.record), help: "What to learn from."),
    ] + Model.keys + Adversaries.keys + [
      Key(
        "optimizer", .oneOf([.optimizer, .record(optimizerOfEach)]),
        help: "How weights follow their gradient; of generator and critic, both alike or each in a "
          + "way of its own."),
      Key(
        "schedule", .learningRateSchedule, default: "constant",
        help: "The learning rate over the run."),
      Key(
        "clip", .record(Clipping.record), default: .absent,
        help: "Bounds on gradients: a number bounds the norm over all parameters."),
      Key("penalty", .record(Penalty.record), default: "{}", help: "What large weights cost."),
      Key(
        "train", .record(TrainingSchedule.record), default: "{}",
        help: "How long, and what to keep."),
    ],
    help: "One experiment.")

  package init(file: String, set overrides: [String]) throws(Failure) {
    try self.init(
      Settings(file: file, set: overrides, schema: RunConfiguration.record), isFile: true)
  }

  package init(
    text: String, source: String, dataFrom folder: String? = nil, set overrides: [String] = []
  ) throws(Failure) {
    try self.init(
      Settings(
        text: text, source: source,
        set: (folder.map { ["data.from=\(doubleQuoted($0))"] } ?? []) + overrides,
        schema: RunConfiguration.record))
  }

  private init(_ settings: Settings, isFile: Bool = false) throws(Failure) {
    self.settings = settings
    self.isFile = isFile
    data = DataConfiguration(settings.section("data"))
    try RunConfiguration.checkNetworks(settings)
    optimizers = try RunConfiguration.optimizers(settings)
    clipping = try settings.optionalSection("clip").map { section throws(Failure) in
      try Clipping(section)
    }
    let penalty = try Penalty(settings.section("penalty"))
    self.penalty = penalty.isZero ? nil : penalty
    try checkName()
    try checkShards()
    guard !isFile || lora == nil || schedule.initialWeights != nil else {
      throw settings.failure(
        at: "lora", "adapts the weights of another run: expected its path in train.init_from")
    }
    try schedule.check()
  }

  /// A run that Swift code describes, on data that its experiment is given.
  package init(
    name: String, model: Model, optimizer: any Optimizer, batch: Int, seed: UInt64 = 1,
    metrics: [String]? = nil
  ) throws(Failure) {
    var values = try model.settings()
    values["optimizer"] = .variant(try optimizer.settings())
    values["train"] = .section(
      try Settings(
        TrainingSchedule.record,
        Self.unobserved.merging(
          metrics.map { ["metrics": .list($0.map { .text($0) })] } ?? [:]
        ) { $1 }))
    try self.init(name, values, batch: batch, seed: seed)
  }

  /// Two networks that learn from each other, on data that their experiment is given.
  package init(
    name: String, generator: LayerList, critic: LayerList, rules: AdversarialSettings,
    generatorOptimizer: any Optimizer, criticOptimizer: any Optimizer, batch: Int,
    seed: UInt64 = 1
  ) throws(Failure) {
    let optimizers = try Settings(
      RunConfiguration.optimizerOfEach,
      [
        "generator": .variant(generatorOptimizer.settings()),
        "critic": .variant(criticOptimizer.settings()),
      ])
    try self.init(
      name,
      [
        "generator": generator.setting(), "critic": critic.setting(),
        "adversarial": .section(rules.settings()), "optimizer": .section(optimizers),
        "train": .section(Settings(TrainingSchedule.record, Self.unobserved)),
      ], batch: batch, seed: seed)
  }

  /// A program that uses the library has no directory for a report.
  private static let unobserved: [String: Setting] = ["report": .boolean(false)]

  private init(
    _ name: String, _ own: [String: Setting], batch: Int, seed: UInt64
  ) throws(Failure) {
    var values = own
    values["name"] = .text(name)
    // A file has no greater seed.
    guard let seed = Int(exactly: seed) else {
      throw Failure(.usage, "expected a seed from 0 to \(Int.max), found \(seed)")
    }
    values["seed"] = .integer(seed)
    values["data"] = .section(
      try Settings(
        DataConfiguration.record, ["dataset": .text("given"), "batch": .integer(batch)]))
    try self.init(Settings(RunConfiguration.record, values))
  }

  package var name: String { settings.text("name") }
  package var seed: UInt64 { UInt64(settings.integer("seed")) }
  package var engine: Engine { settings.choice("engine") }
  package var isa: InstructionSet { settings.choice("isa") }
  /// The engine and the instruction set, as text.
  package var computing: String {
    isa == .auto ? engine.rawValue : "\(engine.rawValue) with \(isa.rawValue)"
  }
  package var reduction: ReductionMethod { settings.choice("reduction") }
  package var schedule: TrainingSchedule { TrainingSchedule(settings.section("train")) }

  /// The learning rates of a network.
  package func learningRates(
    of network: Int, stepsPerEpoch: Int
  ) throws(Failure) -> LearningRates {
    try LearningRates(
      settings.section("schedule"), learningRate: optimizers[network].learningRate,
      stepsPerEpoch: stepsPerEpoch, runLength: schedule.steps(perEpoch: stepsPerEpoch))
  }

  var lora: LoRA? { settings.optionalSection("lora").map { LoRA($0) } }

  package var layout: ShardLayout {
    settings.optionalInteger("shards").map { ShardLayout(batch: data.batch, shards: $0) }
      ?? .standard(batch: data.batch)
  }

  /// Whether the test set is also what a checkpoint is chosen by.
  package var choosesOnTestSet: Bool {
    data.validation == .test && (schedule.bestMetric != nil || schedule.earlyStop != nil)
  }

  /// The settings with a folder of the data that is found from the working folder.
  package var findableSettings: Settings {
    get throws(Failure) {
      guard let folder = try data.folderBeside else { return settings }
      return settings.with("data", .section(settings.section("data").with("from", .text(folder))))
    }
  }

  /// The same for a training set of this size, which may be smaller than the standard batch.
  func fitted(to samples: Int) throws(Failure) -> RunConfiguration {
    var fitted = self
    fitted.data = data.fitted(to: samples)
    try fitted.checkShards()
    return fitted
  }

  /// Throws if the name cannot be a folder of `runs`.
  private func checkName() throws(Failure) {
    let allowed = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
        UInt8(ascii: "."):
        true
      default: false
      }
    }
    guard allowed, !name.isEmpty, !name.hasPrefix("."), name.utf8.count <= 100 else {
      throw settings.failure(
        at: "name",
        "expected up to 100 letters, digits, '-', '_' or '.', not beginning with '.', "
          + "found '\(name)'")
    }
  }

  /// Throws if this processor lacks the instruction set of the configuration.
  package func checkInstructions(
    areAvailable: (InstructionSet) -> Bool = \.isAvailable
  ) throws(Failure) {
    guard !areAvailable(isa) else { return }
    let known = InstructionSet.allCases.filter(areAvailable).map(\.rawValue)
    throw settings.failure(
      at: "isa",
      "this processor (\(Processor.name)) has no \(isa.rawValue), expected one of "
        + known.joined(separator: ", "))
  }

  private func checkShards() throws(Failure) {
    guard let shards = settings.optionalInteger("shards") else { return }
    let below = 1 << (Int.bitWidth - 1 - shards.leadingZeroBitCount)
    guard below == shards else {
      throw settings.failure(
        at: "shards",
        "expected a power of two, found \(shards); the nearest are \(below) and "
          + "\(2 * below)")
    }
    guard shards <= data.batch else {
      throw settings.failure(
        at: "shards",
        "\(shards) shards are more than the \(data.batch) samples of a batch; "
          + "use at most \(1 << (Int.bitWidth - 1 - data.batch.leadingZeroBitCount))")
    }
  }
}
