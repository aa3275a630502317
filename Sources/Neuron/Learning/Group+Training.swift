internal import Communication
internal import Datasets
internal import Diagnostics
internal import Training

extension Group {
  /// A trainer that continues a state if its moments have the right slices, and its group;
  /// collective.
  ///
  /// With fewer shards than ranks, every rank computes the whole batch, to the same bits.
  static func trainer(
    of experiment: Experiment, state: ModelState?, noise: NoiseBuffer? = nil
  ) throws(Failure) -> (trainer: Trainer, group: Communicator) {
    try world.handshake([("training data", experiment.data.contentHash.description)])
    let group =
      experiment.configuration.layout.shards < world.size
      ? try Communicator.alone() : world
    let trainer = try world.together { () throws(Failure) in
      try Trainer(
        experiment, communicator: group, workers: workers, state: state, noise: noise)
    }
    try world.compare(trainer.fingerprint, of: experiment.configuration.engine)
    return (trainer, group)
  }
}
