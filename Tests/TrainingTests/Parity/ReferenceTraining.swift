import Graphs
import Networks
import Optimizers
import Testing

/// Training in Double on the reference evaluator, the whole batch at once: what every other way of
/// training must come to.
struct ReferenceTraining {
  private let network: Network
  private let fields: [String: Tensor]
  private(set) var learner: Learner<Double>

  /// Other fields of the data are those of all samples.
  init(
    _ network: Network, _ optimizer: any Optimizer, from initial: [String: Tensor],
    fields: [String: Tensor] = [:]
  ) {
    self.network = network
    self.fields = fields
    learner = Learner(network, optimizer, from: initial)
  }

  /// The mean loss over some samples, and its gradient laid out as the weights.
  func evaluate(_ samples: Tensor, _ answers: Tensor) throws -> (loss: Double, gradient: [Double]) {
    let count = samples.shape[0]
    let targets = network.counting(answers)
    let results = try ReferenceEvaluator(network.trainingProgram(samples: count)).evaluate(
      inputs: fields.merging([
        "samples": samples, "labels": answers, "targets": answers,
        "scale": Tensor([1], [1 / targets]), "share": Tensor([1], [1 / Double(count)]),
      ]) { $1 }, parameters: learner.tensors)
    let loss = try network.outputs.reduce(0) { sum, output in
      let losses = try #require(results["losses\(output.suffix)"])
      return sum + output.output.weight * losses.elements.reduce(0, +)
    }
    return (
      loss / targets,
      try learner.parameters.flatMap { try #require(results["gradient/\($0.name)"]).elements }
    )
  }

  /// One update; returns the loss before it.
  @discardableResult
  mutating func step(_ samples: Tensor, _ answers: Tensor) throws -> Double {
    let (loss, gradient) = try evaluate(samples, answers)
    learner.update(by: gradient)
    return loss
  }
}

extension Network {
  /// How many of these targets count, in units of those of a sample.
  func counting(_ answers: Tensor) -> Double {
    guard targets.ignoresSome else { return Double(answers.shape[0]) }
    let count = answers.elements.count { targets.classes == nil ? !$0.isNaN : $0 >= 0 }
    return Double(count) / Double(targets.shape.count)
  }
}
