import Foundation
import TestSupport
import Testing

import Neuron

/// Models through files and back.
@Suite struct RoundTripTests {
  private func brain(_ sizes: [Int], _ seed: UInt64, normalised: Bool = false) -> Brain {
    let brain = Brain(learningRate: 0.003, lossFunction: .crossEntropy)
    brain.seed = seed
    brain.addInputs(sizes[0])
    for (place, nodes) in sizes.enumerated().dropFirst() {
      let isLast = place == sizes.count - 1
      let activation: Activation = isLast ? .softmax : [.reLu, .tanh, .swish][place % 3]
      if normalised && place == 2 {
        brain.add(
          NormalizedLobeModel(
            nodes: nodes, activation: activation, bias: 0.1, momentum: 0.9,
            normalizerLearningRate: 0.1))
      } else {
        brain.add(LobeModel(nodes: nodes, activation: activation, bias: isLast ? 0 : 0.1))
      }
    }
    brain.add(optimizer: .adam())
    brain.compile()
    return brain
  }

  private func write(_ brain: Brain, to folder: TemporaryFolder) throws -> URL {
    let url = URL(fileURLWithPath: folder.path(of: "model.smodel"))
    try JSONEncoder().encode(brain.exportModel()).write(to: url)
    return url
  }

  /// Every bit of weights and biases, over files of the first generation.
  @Test(arguments: [1, 2, 3] as [UInt64]) func bitsOfNeuronOneStay(_ seed: UInt64) throws {
    let folder = try TemporaryFolder()
    let first = brain([7, 5, 11, 3], seed, normalised: seed == 3)
    let samples = (0..<6).map { number in
      TrainingData(
        data: (0..<7).map { sin(Float(number * 7 + $0)) },
        correct: (0..<3).map { $0 == number % 3 ? 1 : 0 })
    }
    for _ in 0..<5 { _ = first.trainOn(samples) }
    let again = try #require(
      Brain(model: PretrainedModel(url: write(first, to: folder)), epochs: 1))
    again.compile()
    #expect(again.lobes.map(\.neurons) == first.lobes.map(\.neurons))
    for sample in samples {
      #expect(again.feed(input: sample.data) == first.feed(input: sample.data))
    }
    let text = try folder.text(of: "model.smodel")
    _ = try write(again, to: folder)
    let (one, other) = try (
      JSONDecoder().decode(ExportModel.self, from: Data(text.utf8)),
      JSONDecoder().decode(ExportModel.self, from: folder.data(of: "model.smodel"))
    )
    #expect(one.layers.map(\.weights) == other.layers.map(\.weights))
    #expect(one.layers.map(\.biasWeights) == other.layers.map(\.biasWeights))
    #expect(one.learningRate == other.learningRate && one.optimizer == other.optimizer)
  }
}
