import Execution
import Graphs
import Kernels
import Networks
import Testing
import Training

/// Activations run as one pass over memory, whatever they are made of.
@Suite struct FusionTests {
  /// The steps with an activation between two dense layers.
  private func steps(of layer: String, isTraining: Bool) throws -> [String] {
    try steps("[{dense: 8}, \(layer), {dense: 3}]", sample: [4], isTraining: isTraining)
  }

  private func steps(_ model: String, sample: Shape, isTraining: Bool) throws -> [String] {
    let configuration = try RunConfiguration(
      text: """
        name: fusion
        data: {dataset: digits}
        model: \(model)
        loss: cross_entropy
        optimizer: sgd
        """, source: "fusion.yaml")
    let network = try Network(configuration.settings, sample: sample, targets: .classes(3))
    let layout = network.parameters.layout
    let weights = try Arena(byteCount: 4 * layout.count)
    let vector = unsafe ParameterVector(
      start: weights.start.bindMemory(to: Float.self, capacity: layout.count), layout: layout)
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
  func oneStep(_ layer: String) throws {
    NumericThread.prepare()
    let (relu, found) = try (
      steps(of: "relu", isTraining: false), steps(of: layer, isTraining: false)
    )
    // Tiles make relu with the product before it, so there it is no step at all.
    #expect(
      found.count == relu.count + (Engine.standard.rawValue == "onednn" ? 1 : 0),
      "\(found.joined(separator: "\n"))")
  }

  #if ONEDNN
    /// What begins a chain is computed with its end, and nowhere else.
    @Test(
      arguments: [
        ("[{conv: 16}, relu, flatten, {dense: 3}]", "= convolution", 0),
        ("[{conv: 16}, relu, flatten, {dense: 3}]", "= maximum", 1),
        ("[{conv: 16}, batchnorm, relu, flatten, {dense: 3}]", "= batchNorm(", 0),
        (
          "[{conv: 16}, {residual: [{conv: 16}, batchnorm]}, relu, flatten, {dense: 3}]",
          "= batchNorm(", 0
        ),
        ("[{conv: 16}, {maxpool: 2}, relu, flatten, {dense: 3}]", "= maxPool", 0),
        ("[{conv: 5}, relu, {maxpool: 3}, relu, flatten, {dense: 3}]", "= maxPool", 0),
        ("[flatten, {dense: 8}, relu, {dense: 3}]", "= matrixProduct", 0),
      ])
    func chainsAreOneStep(_ model: String, _ step: String, _ count: Int) throws {
      NumericThread.prepare()
      let found = try steps(
        model, sample: [8, 8, 1], isTraining: model.contains("batchnorm"))
      #expect(found.count { $0.contains(step) } == count, "\(found.joined(separator: "\n"))")
    }
  #endif
}
