package import Checkpoints
package import Datasets
package import Diagnostics
internal import Graphs
package import Networks

/// Evaluates the network of a checkpoint on samples with the coding that it was trained on.
package struct CheckpointEvaluation: Sendable {
  /// The configuration of the run, with the changes.
  package let configuration: RunConfiguration
  /// The coding of the samples that the network was trained on, for the steps of these data.
  package let coding: SampleCoding
  /// The configuration without settings that need a whole batch of samples.
  private let scored: RunConfiguration

  /// Checkpoints do not hold the folder of the dataset; `changes` are those of `--set`.
  package init(
    _ checkpoint: borrowing Checkpoint, dataFrom folder: String?, set changes: [String] = []
  ) throws(Failure) {
    let (text, path) = (checkpoint.configuration, checkpoint.path)
    let saved = try RunConfiguration(saved: text, of: path, dataFrom: folder)
    func changed(_ more: [String]) throws(Failure) -> RunConfiguration {
      try RunConfiguration(
        text: text, source: "\(path) /config", dataFrom: folder, set: changes + more)
    }
    configuration = changes.isEmpty ? saved : try changed([])
    // Balanced weights are for the steps of training.
    scored = try changed(
      [
        "data.batch=1", "data.drop_last=false", "shards=null", "schedule=constant",
        "train.overfit_batches=null",
      ] + (configuration.data.hasBalancedWeights ? ["data.weights=null"] : []))
    coding = configuration.data.adapted(
      try SampleCoding(text: checkpoint.coding, source: "\(path) /coding"))
  }

  /// The network, fitted to its samples.
  package func network() throws(Failure) -> Network {
    try Network(
      configuration.settings, sample: Shape(coding.shape), targets: TargetType(coding),
      fields: [TargetType.NamedField](coding))
  }

  /// The coding of a file to evaluate on: that of the run, with only the fields that the network
  /// reads.
  package func codingOfInput() throws(Failure) -> SampleCoding {
    let program = try network().evaluationProgram(samples: 1, input: SampleInput(coding))
    return coding.keeping(fields: program.inputs.map(\.name))
  }

  /// Loads the dataset of the run.
  package func splits(cache: String?) throws(Failure) -> Splits {
    func load(_ configuration: RunConfiguration) throws(Failure) -> Splits {
      try configuration.data.load(
        seed: configuration.seed, cache: cache, as: KnownCoding(coding))
    }
    // With `overfit_batches` the run's dataset is those batches.
    guard let batches = configuration.schedule.overfitBatches else { return try load(scored) }
    return try load(configuration).first(batches, of: configuration)
  }

  /// An experiment on these samples.
  package func experiment(on samples: Dataset) throws(Failure) -> Experiment {
    guard samples.shape == coding.shape, samples.elements.number == coding.number else {
      throw Failure(
        .badData,
        "the samples are \(samples.shape) \(samples.elements.number.rawValue), the network "
          + "was trained on \(coding.shape) \(coding.number.rawValue)")
    }
    return try Experiment(
      scored, data: Splits(training: samples, test: samples, validation: .none, seed: 1))
  }
}
