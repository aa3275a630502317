import Execution
import Graphs
import Kernels
import Networks
import Testing
import Training

/// Activations run as one pass over memory, whatever they are made of.
@Suite struct FusionTests {
  /// The steps that stand between the products of two dense layers.
  private func steps(of layer: String, isTraining: Bool) throws -> [String] {
    let configuration = try RunConfiguration(
      text: """
        name: fusion
        data: {dataset: digits}
        model: [{dense: 8}, \(layer), {dense: 3}]
        loss: cross_entropy
        optimizer: sgd
        """, source: "fusion.yaml")
    let network = try Network(configuration.settings, sample: [4], labels: .classes(3))
    var count = 0
    var offsets: [(name: String, offset: Int)] = []
    for parameter in network.parameters {
      offsets.append((parameter.name, count))
      count += parameter.count
    }
    let weights = try Arena(byteCount: 4 * count)
    let vector = unsafe ParameterVector(
      start: weights.start.bindMemory(to: Float.self, capacity: count), count: count,
      offsets: offsets)
    let program =
      isTraining
      ? try network.trainingProgram(samples: 16) : try network.evaluationProgram(samples: 16)
    return try Engine.standard.prepare(program, parameters: vector).listing
      .split(separator: "\n").map(String.init)
  }

  @Test(arguments: [
    "{leaky_relu: 0.2}", "prelu", "{prelu: {per: channel}}", "{elu: 0.5}", "selu", "gelu",
    "{gelu: tanh}", "swish", "mish", "softplus", "sigmoid", "tanh",
  ])
  func asManyStepsAsRelu(_ layer: String) throws {
    NumericThread.prepare()
    let (relu, found) = try (
      steps(of: "relu", isTraining: false), steps(of: layer, isTraining: false)
    )
    #expect(found.count == relu.count, "\(found.joined(separator: "\n"))")
  }
}
