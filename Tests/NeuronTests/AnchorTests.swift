import Testing

import Neuron

/// Numbers of Neuron's own tests.
@Suite struct AnchorTests {
  /// Layers of relu, all weights a half, from one input to one output.
  private func brain(_ hidden: [Int]) -> Brain {
    let brain = Brain(learningRate: 1, epochs: 1)
    brain.addInputs(1)
    for nodes in hidden { brain.add(LobeModel(nodes: nodes, activation: .reLu)) }
    brain.compile()
    brain.replaceWeights(weights: brain.weights().map { $0.map { $0.map { _ in 0.5 } } })
    return brain
  }

  @Test func oneToOneToOne() {
    let brain = brain([1, 1])
    #expect(brain.feed(input: [1]) == [0.25])
    let before = brain.weights()
    #expect(brain.trainOn([TrainingData(data: [1], correct: [1])]) == 0.5625)
    #expect(brain.weights().dropFirst() == [[[0.875]], [[0.875]]])
    let gradients = zip(before.joined().joined(), brain.weights().joined().joined()).map { $0 - $1 }
    #expect(gradients == [0, -0.375, -0.375])
  }

  @Test func oneToTwoToTwoToOne() {
    let brain = brain([2, 2, 1])
    #expect(brain.feed(input: [1]) == [0.5])
    _ = brain.trainOn([TrainingData(data: [1], correct: [1])])
    #expect(
      brain.weights().dropFirst()
        == [[[0.75], [0.75]], [[0.625, 0.625], [0.625, 0.625]], [[0.75, 0.75]]])
  }

  @Test func fourToThreeToThree() {
    let brain = Brain()
    brain.addInputs(4)
    brain.add(LobeModel(nodes: 3, activation: .reLu, bias: 0.1))
    brain.add(LobeModel(nodes: 3, activation: .softmax, bias: 0.1))
    brain.compile()
    #expect(brain.weights().joined().joined().count == 25)
  }
}
