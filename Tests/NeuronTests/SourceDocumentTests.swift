// The samples stand here as they were written.
// swift-format-ignore-file
import Foundation
import Testing

import Neuron

/// The samples of code in the README of the Swift package Neuron, as they stand there.
@Suite struct SourceDocumentTests {
  enum TestConstants {
    static let lossThreshold: Float = 0.001
    static let inputs = 4
    static let hidden = 5
    static let outputs = 3
    static let numOfHiddenLayers = 1
  }

  final class Classifier {
    private(set) lazy var brain: Brain = {
      let bias: Float = 0.0001

      let brain = Brain(learningRate: 0.01,
                        epochs: 1000,
                        lossFunction: .crossEntropy,
                        lossThreshold: TestConstants.lossThreshold,
                        initializer: .xavierNormal,
                        descent: .mbgd(size: 16),
                        metrics: [.accuracy, .loss, .valLoss])

      brain.addInputs(TestConstants.inputs)

      for _ in 0..<TestConstants.numOfHiddenLayers {
        brain.add(LobeModel(nodes: TestConstants.hidden, activation: .reLu, bias: bias)) //hidden layer
      }

      brain.add(LobeModel(nodes: TestConstants.outputs, activation: .softmax, bias: bias)) //output layer

      brain.logLevel = .none

      return brain
    }()

    func answer(_ data: [Float]) -> [Float] {
      let out = self.brain.feed(input: data)
      return out
    }
  }

  /// Red, green and blue, and shades of them.
  private let colours = (0..<96).map { number in
    let shade = Float(number / 3) / 160
    let parts = (0..<3).map { $0 == number % 3 ? 1 - shade : shade }
    return TrainingData(data: parts + [1], correct: (0..<3).map { $0 == number % 3 ? 1 : 0 })
  }

  @Test func theClassifierOfTheBeginning() {
    let classifier = Classifier()
    classifier.brain.compile()
    classifier.brain.train(data: colours, validation: colours)
    for (place, colour) in ([[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 1, 1]] as [[Float]]).enumerated() {
      let out = classifier.answer(colour)
      #expect(out.firstIndex(of: out.max() ?? 0) == place)
    }
    #expect(classifier.brain.metrics[.accuracy] == 100)
    let model = classifier.brain.exportModel()
    let again = Brain(model: model, epochs: 1)
    again.compile()
    #expect(again.feed(input: [1, 0, 0, 1]) == classifier.answer([1, 0, 0, 1]))
  }

  /// The form of its GAN's layers; `Tests/NeuronDocument` has the whole of them.
  @Test func layersInTheWordsOfAnOlderRelease() {
    let brain = Brain(learningRate: 0.00001, epochs: 1)
    brain.add(.init(nodes: 5, normalize: false))
    brain.add(
      .init(
        nodes: 8, activation: .leakyRelu, bias: 0, normalize: true, bnMomentum: 0.99,
        bnLearningRate: 0.1))
    brain.compile()
    #expect(brain.feed(input: [0.1, 0.2, 0.3, 0.4, 0.5]).count == 8)
    #expect(brain.exportModel().layers[1].batchNormalizerParams?.momentum == 0.99)
  }

  @Test func digitsAreBuilt() async {
    let mnist = MNIST(directory: URL(fileURLWithPath: "/nowhere"))
    let dataset = await mnist.build()
    #expect(dataset.training.isEmpty && dataset.val.isEmpty)
  }

  @Test func theNamesOfTheReadmeAreThere() {
    let initializer: Initializers = .heUniform
    let model = NormalizedLobeModel(
      nodes: 3, activation: .reLu, bias: 0.5, momentum: 0.9, normalizerLearningRate: 0.01)
    let old = NormalizedLobeModel(nodes: 3, momentum: 0.9, normalizerLearningRate: 0.01)
    #expect(initializer == InitializerType.heUniform && model.bias == 0.5 && old.bias == 0)
    #expect(Metric.valLoss.rawValue == "Validation Loss" && GradientDescent.mbgd(size: 3) != .sgd)
    #expect(Brain(model: PretrainedModel(url: URL(fileURLWithPath: "/nowhere")), epochs: 1) == nil)
  }
}
