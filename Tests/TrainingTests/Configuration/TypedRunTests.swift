import Configuration
import Datasets
import Diagnostics
import Networks
import Optimizers
import TestSupport
import Testing
import Training

/// Runs that Swift code describes, beside the same runs in YAML.
@Suite struct TypedRunTests {
  private func experiment(_ configuration: RunConfiguration) throws -> Experiment {
    let samples = (0..<48 * 64).map { Float(($0 * 7) % 23) / 23 }
    let data = Dataset(
      shape: [8, 8, 1], elements: .floats(samples),
      targets: .values((0..<48 * 3).map { Float($0 % 3) / 3 }, shape: [3]),
      normalisation: Normalisation(scale: 1, mean: 0, deviation: 1))
    return try Experiment(
      configuration, data: Splits(training: data, test: nil, validation: .none, seed: 1))
  }

  private func weights(_ configuration: RunConfiguration) throws -> [UInt32] {
    try withTrainer(experiment(configuration)) { trainer in
      var sampler = trainer.experiment.sampler
      for step in 0..<4 { _ = try trainer.step(sampler.batch(atStep: step)) }
      return (0..<trainer.state.count).map { unsafe trainer.state.weights[$0].bitPattern }
    }
  }

  @Test func sameBitsAsAFile() throws {
    let layers = LayerList {
      Conv(filters: 4, kernel: 3, bias: false).node(named: "stem")
      BatchNorm(momentum: 0.2)
      Activation.leakyRelu(slope: 0.1)
      MaxPool(2)
      Residual(
        LayerList {
          Conv(filters: 6, stride: 2)
          Activation.gelu
        })
      LayerNorm(over: .features)
      Conv(filters: 6).node(named: "left", reading: "layernorm1")
      Add().node(reading: "left", "layernorm1")
      Flatten()
      Dropout(0.25)
      Dense(units: 3, initialiser: .normal(deviation: 0.1), constraint: .maxNorm(2))
    }
    let optimizers: [(any Optimizer, String)] = [
      (
        Adam(learningRate: 0.01, beta1: 0.8, weightDecay: 0.001),
        "{adam: {learning_rate: 0.01, beta1: 0.8, weight_decay: 0.001}}"
      ),
      (
        SGD(learningRate: 0.1, momentum: 0.9, nesterov: true),
        "{sgd: {learning_rate: 0.1, momentum: 0.9, nesterov: true}}"
      ),
    ]
    for (optimizer, text) in optimizers {
      let built = try RunConfiguration(
        name: "run", model: Model(layers, loss: Huber(delta: 0.5)), optimizer: optimizer, batch: 16,
        seed: 3, metrics: ["mae"])
      let read = try RunConfiguration(
        text: """
          name: run
          seed: 3
          data: {dataset: given, batch: 16}
          model:
            - conv: {filters: 4, kernel: 3, bias: false, name: stem}
            - batchnorm: {momentum: 0.2}
            - leaky_relu: 0.1
            - maxpool: 2
            - residual: [{conv: {filters: 6, stride: 2}}, gelu]
            - layernorm: {over: features}
            - conv: {filters: 6, name: left, input: layernorm1}
            - add: [left, layernorm1]
            - flatten
            - dropout: 0.25
            - dense: {units: 3, init: {normal: 0.1}, constraint: {max_norm: 2}}
          loss: {huber: {delta: 0.5}}
          optimizer: \(text)
          train: {metrics: [mae], report: false}
          """, source: "run.yaml")
      #expect(built.settings.yaml(includingAll: true) == read.settings.yaml(includingAll: true))
      let bits = try weights(built)
      #expect(try bits == weights(read))
      #expect(Set(bits).count > 500)
    }
  }

  @Test func twoNetworksAreThoseOfAFile() throws {
    let built = try RunConfiguration(
      name: "gan",
      generator: LayerList {
        Dense(units: 8)
        Activation.tanh
        Dense(units: 2)
      },
      critic: LayerList { Dense(units: 1) },
      rules: AdversarialSettings(loss: .wassersteinGP, penalty: 5, criticSteps: 2, noiseSize: 3),
      generatorOptimizer: Adam(learningRate: 0.01), criticOptimizer: RMSProp(), batch: 8, seed: 9)
    let read = try RunConfiguration(
      text: """
        name: gan
        seed: 9
        data: {dataset: given, batch: 8}
        generator: [{dense: 8}, tanh, {dense: 2}]
        critic: [{dense: 1}]
        adversarial: {loss: wasserstein_gp, penalty: 5, critic_steps: 2, noise: 3}
        optimizer: {generator: {adam: 0.01}, critic: rmsprop}
        train: {report: false}
        """, source: "gan.yaml")
    #expect(built.settings.yaml(includingAll: true) == read.settings.yaml(includingAll: true))
  }

  /// One line, whatever is out of its range.
  @Test func valuesOutOfRangeAreRefused() {
    func message(_ layer: any Layer, _ optimizer: any Optimizer = Adam()) -> String {
      do throws(Failure) {
        _ = try RunConfiguration(
          name: "run", model: Model(LayerList { layer }, loss: MeanSquaredError()),
          optimizer: optimizer, batch: 4)
        return ""
      } catch { return error.message }
    }
    #expect(message(Dense(units: 3)) == "")
    #expect(
      message(Dense(units: 0)).hasPrefix("dense.units: expected an integer of at least 1")
        || message(Dense(units: 0)).hasPrefix("dense.units: expected an integer from 1"))
    #expect(
      message(Dropout(1)) == "dropout.rate: expected a number of at least 0 and below 1, found 1")
    #expect(
      message(Dense(units: 3), SGD(learningRate: -1))
        == "sgd.learning_rate: expected a number above 0 and at most 1000, found -1")
  }
}
