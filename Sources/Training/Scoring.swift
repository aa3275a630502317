package import Checkpoints
package import Datasets
package import Diagnostics
internal import Graphs
internal import Networks

/// The network of a checkpoint, to be evaluated on samples that are coded as those of training.
package struct Scoring: Sendable {
  /// That of the run.
  package let configuration: RunConfiguration
  /// How the network knows its data.
  package let coding: SampleCoding
  /// The same network where nothing depends on how many samples there are to make steps of.
  private let scored: RunConfiguration

  /// The checkpoint itself does not tell the folder of the data.
  package init(_ checkpoint: borrowing Checkpoint, dataFrom folder: String?) throws(Failure) {
    let (text, path) = (checkpoint.configuration, checkpoint.path)
    configuration = try RunConfiguration(saved: text, of: path, dataFrom: folder)
    scored = try RunConfiguration(
      saved: text, of: path, dataFrom: folder,
      set: [
        "data.batch=1", "data.drop_last=false", "shards=null", "schedule=constant",
        "train.overfit_batches=null",
      ])
    coding = try SampleCoding(text: checkpoint.coding, source: "\(path) /coding")
  }

  /// The coding of a file to evaluate on: that of the run, with only the fields that the network
  /// reads.
  package func codingOfInput() throws(Failure) -> SampleCoding {
    let network = try Network(
      configuration.settings, sample: Shape(coding.shape), targets: TargetType(coding),
      fields: [TargetType.NamedField](coding))
    let program = try network.evaluationProgram(samples: 1, input: SampleInput(coding))
    return coding.keeping(fields: program.inputs.map(\.name))
  }

  /// The data of the run as they are now.
  package func splits(cache: String?) throws(Failure) -> Splits {
    func load(_ configuration: RunConfiguration) throws(Failure) -> Splits {
      try configuration.data.load(
        seed: configuration.seed, cache: cache, as: KnownCoding(coding))
    }
    // The batches that a run learns by heart are all that it has.
    guard let batches = configuration.schedule.overfitBatches else { return try load(scored) }
    return try load(configuration).first(batches, of: configuration)
  }

  /// An experiment whose data are these samples.
  package func experiment(on samples: Dataset) throws(Failure) -> Experiment {
    guard samples.shape == coding.shape, samples.elements.number == coding.number else {
      throw Failure(
        .badData,
        "the data have samples of \(samples.shape) \(samples.elements.number.rawValue), the network "
          + "was trained on \(coding.shape) \(coding.number.rawValue)")
    }
    return try Experiment(
      scored, data: Splits(training: samples, test: samples, validation: .none, seed: 1))
  }
}
