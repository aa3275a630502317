internal import Diagnostics
package import Graphs
package import Networks
package import Optimizers

/// A network that a run trains: what it holds, what the gradient of that is, and how it is followed.
///
/// A supervised run has one, an adversarial run two.
package struct Learner: Sendable {
  /// Its place in the cycle of all.
  package let number: Int
  /// Empty where there is only one.
  package var name: String { programs.name }
  package var parameters: [Parameter] { programs.parameters }
  /// Of its own parameters, from its first element on.
  package let layout: TensorLayout
  /// Where its elements stand among those of all networks.
  package let elements: Range<Int>
  package let optimizer: any Optimizer
  package let learningRates: LearningRates
  /// The entry of the run's metrics that has its loss.
  let loss: Int
  private let programs: Programs

  init(
    number: Int, _ programs: Programs, from first: Int, optimizer: any Optimizer,
    learningRates: LearningRates, loss: Int
  ) {
    self.number = number
    self.programs = programs
    layout = programs.parameters.layout
    elements = first..<first + layout.count
    self.optimizer = optimizer
    self.learningRates = learningRates
    self.loss = loss
  }

  /// Of what follows a gradient and so has moments: the first of its elements.
  package var trained: TensorLayout { parameters.trained.layout }

  /// The program of a training step on so many samples.
  func program(_ samples: Int) throws(Failure) -> Program { try programs.training(samples) }
}

extension Learner {
  /// What a network computes in training.
  struct Programs: Sendable {
    let name: String
    let parameters: [Parameter]
    let training: @Sendable (_ samples: Int) throws(Failure) -> Program
  }

  static func programs(of network: Network, _ input: SampleInput) -> [Programs] {
    [
      Programs(name: "", parameters: network.parameters) { (samples) throws(Failure) in
        try network.trainingProgram(samples: samples, input: input)
      }
    ]
  }

  /// The critic's come first: it sees the data.
  static func programs(of adversaries: Adversaries, _ input: SampleInput) -> [Programs] {
    [
      Programs(name: Adversaries.Name.critic, parameters: adversaries.critic) {
        (samples) throws(Failure) in
        try adversaries.criticProgram(samples: samples, input: input)
      },
      Programs(name: Adversaries.Name.generator, parameters: adversaries.generator) {
        (samples) throws(Failure) in
        try adversaries.generatorProgram(samples: samples)
      },
    ]
  }
}
