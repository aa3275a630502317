internal import Datasets
package import Diagnostics
internal import Execution
package import Graphs
internal import Networks

/// The factors that turn sums over a batch into means.
///
/// Every rank computes them from the whole batch before the step, because the number of counting
/// targets differs between shards.
package struct BatchScale: Equatable {
  let samples: Int
  /// The number of counting targets, divided by the targets of a sample.
  package let targets: Double

  /// A batch whose targets all count.
  init(samples: Int) { self.init(samples: samples, targets: Double(samples)) }

  private init(samples: Int, targets: Double) {
    self.samples = samples
    self.targets = targets
  }

  /// Throws if no target of the batch counts, for then there is no mean.
  package init(_ batch: ArraySlice<Int32>, of experiment: Experiment, step: Int? = nil)
    throws(Failure)
  {
    let dataset = experiment.data.training
    guard !experiment.configuration.isAdversarial, experiment.network.ignoresTargets else {
      self.init(samples: batch.count)
      return
    }
    let counting = dataset.countingTargets(in: batch)
    guard counting > 0 else {
      throw Failure(
        .badData,
        (step.map { "step \($0): " } ?? "")
          + "none of the targets of "
          + (batch.count == 1 ? "the sample" : "the \(batch.count.grouped) samples")
          + " counts, all are to be ignored: use a larger batch, or leave such samples out")
    }
    self.init(
      samples: batch.count, targets: Double(counting) / Double(dataset.targets.perSample))
  }

  /// The factor of the loss, and the factor of the statistics of running averages.
  var inputs: [(name: String, factor: Float)] {
    [("scale", 1 / Float(targets)), ("share", 1 / Float(samples))]
  }

  func write(to bindings: any Bindings) {
    for (name, factor) in inputs {
      unsafe bindings.input(name)?.storeBytes(of: factor, as: Float.self)
    }
  }

  /// The factors in Double, for the reference evaluator.
  package var tensors: [String: Tensor] {
    ["scale": Tensor([1], [1 / targets]), "share": Tensor([1], [1 / Double(samples)])]
  }
}
