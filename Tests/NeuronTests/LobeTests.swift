import Testing

import Neuron

@Suite struct LobeTests {
  private func brain() -> Brain {
    let brain = Brain(learningRate: 0.5)
    brain.addInputs(3)
    brain.add(LobeModel(nodes: 4, activation: .leakyRelu, bias: 0.25))
    brain.add(
      NormalizedLobeModel(nodes: 2, activation: .tanh, momentum: 0.9, normalizerLearningRate: 1))
    brain.add(layer: "dropout: 0.5")
    brain.add(LobeModel(nodes: 5, activation: .softmax, bias: 0.5))
    return brain
  }

  @Test func lobesAreLayersWithWeights() {
    let brain = brain()
    #expect(brain.lobes.isEmpty)
    brain.compile()
    let lobes = brain.lobes
    #expect(lobes.map(\.layer) == [.input, .hidden, .hidden, .output])
    #expect(lobes.map(\.activation) == [.none, .leakyRelu, .tanh, .softmax])
    #expect(lobes.map(\.isNormalized) == [false, false, true, false])
    #expect(lobes.map(\.outputCount) == [3, 4, 2, 5])
    #expect(lobes.map { $0.weights() } == brain.weights())
    #expect(
      lobes.map { $0.neurons.map(\.bias) }
        == [[0, 0, 0], [0.25, 0.25, 0.25, 0.25], [0, 0], [0.5, 0.5, 0.5, 0.5, 0.5]])
  }

  @Test func normalisedLobes() throws {
    let brain = brain()
    brain.compile()
    let lobe = try #require(brain.lobes[2] as? NormalizedLobe)
    #expect(
      lobe.normalizerLearningParams
        == BatchNormalizerParams(movingMean: 0, momentum: 0.9, learningRate: 1))
    #expect(brain.lobes.count { $0 is NormalizedLobe } == 1)
    _ = brain.trainOn([TrainingData(data: [1, 2, 3], correct: [1, 0, 0, 0, 0])])
    let trained = try #require(brain.lobes[2] as? NormalizedLobe)
    #expect(trained != lobe && trained.normalizerLearningParams.gamma != 1)
    let again = Brain(model: brain.exportModel())
    again.compile()
    #expect(again.lobes[2] == trained)
    #expect(
      brain.lobes.map { $0.neurons.last?.biasWeight } == [0, 1, 0, 1]
        && brain.lobes.allSatisfy { $0.neurons.allSatisfy { $0.bias * $0.biasWeight == $0.bias } })
    #expect(brain.layerWeights == brain.weights())
  }

  /// Norms that other words add have no one scale, or say nothing of momentum.
  @Test func normsInOtherWords() throws {
    let brain = Brain()
    brain.addInputs(3)
    brain.add(layer: "layernorm")
    brain.add(LobeModel(nodes: 4))
    brain.add(layer: "layernorm: {epsilon: 5e-5, affine: shared}")
    brain.add(LobeModel(nodes: 4))
    brain.add(NormalizedLobeModel(nodes: 2, momentum: 0.5, normalizerLearningRate: 2))
    brain.compile()
    #expect(brain.lobes.map(\.isNormalized) == [false, true, true, true])
    #expect(
      brain.lobes.map { ($0 as? NormalizedLobe)?.normalizerLearningParams.momentum }
        == [nil, nil, 0.99, 0.5])
  }

  @Test func wordsOfUpstream() {
    let limits: WeightConstraint = -0.5...0.5
    let brain = Brain(lossFunction: .crossEntropy, weightConstraints: limits)
    brain.addInputs(2)
    brain.add(LobeModel(nodes: 3))
    #expect(OutputModifier.allCases == [.softmax])
    brain.add(modifier: .softmax)
    brain.compile()
    let answer = brain.feed(input: [1, 2])
    #expect(abs(answer.reduce(0, +) - 1) < 1e-6 && brain.lobes.last?.activation == .softmax)
    #expect((2..<5).array() == [2, 3, 4] && (3..<3).array().isEmpty)
  }

  /// They are copies, and a new look shows what has changed.
  @Test func lobesAreThoseOfTheMoment() {
    let brain = brain()
    brain.compile()
    let before = brain.lobes
    _ = brain.trainOn([TrainingData(data: [1, 2, 3], correct: [1, 0, 0, 0, 0])])
    #expect(before != brain.lobes && brain.lobes[1].weights() == brain.weights()[1])
  }

  @Test func filtersAreNodes() {
    let brain = Brain()
    brain.addInputs(18)
    brain.add(layer: "reshape: [3, 3, 2]")
    brain.add(layer: "conv: {filters: 4, kernel: 3}")
    brain.add(layer: "gelu")
    brain.add(layer: "flatten")
    brain.add(layer: "residual: [{dense: 36}, relu]")
    brain.add(LobeModel(nodes: 2))
    brain.compile()
    let lobes = brain.lobes
    #expect(lobes.map(\.kind) == ["inputs", "conv", "residual", "dense"])
    #expect(lobes.map(\.outputCount) == [18, 36, 36, 2])
    #expect(lobes.map(\.neurons.count) == [18, 4, 0, 2])
    #expect(lobes[1].neurons.allSatisfy { $0.weights.count == 18 } && lobes[1].activation == .none)
  }

  /// Nodes that have a bias take another; before `compile` all do.
  @Test func nucleusSetsRateAndBias() {
    let brain = brain()
    brain.compile()
    brain.updateNucleus(Nucleus(learningRate: 0.125, bias: -1))
    #expect(brain.learningRate == 0.125)
    #expect(brain.lobes.map { $0.neurons.last?.bias } == [0, -1, 0, -1])
    let before = brain.weights()
    #expect(
      before
        == {
          let other = self.brain(); other.compile(); return other.weights()
        }())
    let answer = brain.feed(input: [0, 0, 0])
    #expect(Set(answer).count == 1)

    let later = self.brain()
    later.updateNucleus(Nucleus(learningRate: 0.125, bias: 2))
    later.compile()
    #expect(later.lobes.map { $0.neurons.last?.bias } == [0, 2, 2, 2])
  }
}
