package import Diagnostics
package import Graphs
package import Networks
package import Optimizers

/// The parameters of a network that is trained, with their optimizer, learning rates and program.
///
/// A supervised run has one group, an adversarial run two.
package struct ParameterGroup: Sendable {
  /// Its index in the cycle.
  package let number: Int
  /// The name of its network; empty if there is only one.
  package var name: String { programs.name }
  package var parameters: [Parameter] { programs.parameters }
  /// The layout of its own parameters.
  package let layout: TensorLayout
  /// Its elements in the vector of all networks.
  package let elements: Range<Int>
  package let optimizer: any Optimizer
  package let learningRates: LearningRates
  /// The entry of its loss in the metrics of the run.
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

  /// The layout of the trained parameters, which have moments; they are its first elements.
  package var trained: TensorLayout { parameters.trained.layout }

  /// The program of a training step on a shard of `samples`.
  package func program(
    _ samples: Int, loops: LoopForm = LoopForm()
  ) throws(Failure) -> Program { try programs.training(samples, loops) }
}

extension ParameterGroup {
  /// The parameters of a network and the program that computes their gradient.
  struct Programs: Sendable {
    let name: String
    let parameters: [Parameter]
    let training: @Sendable (_ samples: Int, _ loops: LoopForm) throws(Failure) -> Program
  }

  static func programs(of network: Network, _ input: SampleInput) -> [Programs] {
    [
      Programs(name: "", parameters: network.parameters) { (samples, loops) throws(Failure) in
        try network.trainingProgram(samples: samples, input: input, loops: loops)
      }
    ]
  }

  /// The critic comes first: it reads the dataset.
  static func programs(of adversaries: Adversaries, _ input: SampleInput) -> [Programs] {
    [
      Programs(name: Adversaries.Name.critic, parameters: adversaries.critic) {
        (samples, loops) throws(Failure) in
        try adversaries.criticProgram(samples: samples, input: input, loops: loops)
      },
      Programs(name: Adversaries.Name.generator, parameters: adversaries.generator) {
        (samples, loops) throws(Failure) in
        try adversaries.generatorProgram(samples: samples, loops: loops)
      },
    ]
  }
}
