internal import Datasets
internal import Diagnostics
internal import Execution
internal import Graphs
internal import Networks

/// What turns the sums over a batch into means.
///
/// Every rank computes it before the step, from the samples that the batch holds: the shards of a
/// batch may have targets that count in any numbers, or none.
struct BatchScale: Equatable {
  let samples: Int
  /// The targets that count, in units of those of a sample.
  let targets: Double

  /// Of a batch whose targets all count.
  init(samples: Int) { self.init(samples: samples, targets: Double(samples)) }

  private init(samples: Int, targets: Double) {
    self.samples = samples
    self.targets = targets
  }

  /// Throws where no target of the batch counts, of which there is no mean.
  init(_ batch: ArraySlice<Int32>, of experiment: Experiment, step: Int? = nil) throws(Failure) {
    let dataset = experiment.data.training
    guard !experiment.configuration.isAdversarial, experiment.network.targets.ignoresSome else {
      self.init(samples: batch.count)
      return
    }
    let counting = dataset.countingTargets(in: batch)
    guard counting > 0 else {
      throw Failure(
        .badData,
        (step.map { "step \($0): " } ?? "")
          + "none of the targets of \(batch.count == 1 ? "the sample counts" : "the \(batch.count.grouped) samples counts")"
          + ", all are to be ignored: use a larger batch, or leave such samples out")
    }
    self.init(
      samples: batch.count, targets: Double(counting) / Double(dataset.targets.perSample))
  }

  /// The factor of the sum of losses, and that of what running averages follow.
  var inputs: [(name: String, factor: Float)] {
    [("scale", 1 / Float(targets)), ("share", 1 / Float(samples))]
  }

  func write(to bindings: any Bindings) {
    for (name, factor) in inputs {
      unsafe bindings.input(name)?.storeBytes(of: factor, as: Float.self)
    }
  }

  /// The same for the reference evaluator.
  var tensors: [String: Tensor] {
    ["scale": Tensor([1], [1 / targets]), "share": Tensor([1], [1 / Double(samples)])]
  }
}
