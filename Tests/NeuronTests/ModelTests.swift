import Foundation
import TestSupport
import Testing

import Neuron

/// Models in and out, through values and files.
@Suite struct ModelTests {
  private let inputs: [[Float]] = [[0.2, -1, 0.5], [1, 2, 3], [-0.3, 0.1, 0]]

  private func brain(normalised: Bool) -> Brain {
    let brain = Brain(learningRate: 0.02, epochs: 5, lossFunction: .crossEntropy)
    brain.addInputs(3)
    if normalised {
      brain.add(
        NormalizedLobeModel(
          nodes: 5, activation: .leakyRelu, bias: 0.2, momentum: 0.9, normalizerLearningRate: 0.05)
      )
    } else {
      brain.add(LobeModel(nodes: 5, activation: .leakyRelu, bias: 0.2))
    }
    brain.add(LobeModel(nodes: 2, activation: .softmax, bias: 0.1))
    brain.add(optimizer: .adam(b1: 0.8, b2: 0.99, eps: 1e-6))
    brain.compile()
    let samples = inputs.enumerated().map {
      TrainingData(data: $1, correct: $0 == 1 ? [1, 0] : [0, 1])
    }
    brain.train(dataset: (samples, []))
    return brain
  }

  @Test(arguments: [false, true])
  func exportedModelsAnswerAlike(normalised: Bool) throws {
    let brain = brain(normalised: normalised)
    let model = brain.exportModel()
    #expect(model.layers.map(\.type) == [.input, .hidden, .output])
    #expect(model.layers.map(\.normalize) == [false, normalised, false])
    #expect(model.layers[1].batchNormalizerParams?.learningRate == (normalised ? 0.05 : nil))
    #expect(model.optimizer == .adam(b1: 0.8, b2: 0.99, eps: 1e-6) && model.learningRate == 0.02)
    let again = Brain(model: model)
    again.compile()
    #expect(again.weights() == brain.weights() && again.learningRate == 0.02)
    for input in inputs { #expect(again.feed(input: input) == brain.feed(input: input)) }
  }

  /// The same through the text of a file, which `Codable` writes and reads.
  @Test func modelsAreCodable() throws {
    let brain = brain(normalised: true)
    let text = try JSONEncoder().encode(brain.exportModel())
    let again = Brain(model: try JSONDecoder().decode(ExportModel.self, from: text))
    again.compile()
    for input in inputs { #expect(again.feed(input: input) == brain.feed(input: input)) }
  }

  /// Files of Neuron 1.6 have their weights permuted; bias is a product, and softmax takes none.
  @Test func filesOfNeuronAnswerAsThere() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      """
      {"layers":[{"activation":"none","nodes":2,"weights":[[0],[0]],"type":"input","bias":[0,0],\
      "biasWeights":[0,0],"normalize":false},
       {"activation":"reLu","nodes":2,"weights":[[1,-1],[0.5,2]],"type":"hidden","bias":[0.1,0.1],\
      "biasWeights":[1,2],"normalize":false},
       {"activation":"softmax","nodes":2,"weights":[[1,0],[0,1]],"type":"output","bias":[0.1,0.1],\
      "biasWeights":[5,-5],"normalize":false}],
       "learningRate":0.25,"optimizer":{"adam":{"b1":0.9,"b2":0.999,"eps":1e-08}}}
      """, to: "model.smodel")
    let url = URL(fileURLWithPath: "\(folder.path)/model.smodel")
    let brain = try #require(Brain(model: PretrainedModel(url: url), epochs: 1))
    brain.compile()
    #expect(brain.learningRate == 0.25)
    let answer = brain.feed(input: [1, 2])
    #expect(isClose(Double(answer[0]), 0.0090133, relative: 0, absolute: 1e-6))
    #expect(isClose(Double(answer[1]), 0.9909867, relative: 0, absolute: 1e-6))
    #expect(brain.trainOn([TrainingData(data: [1, 2], correct: [1, 0])]) > 4)
    try folder.write("{}", to: "model.smodel")
    #expect(Brain(model: PretrainedModel(url: url), epochs: 1) == nil)
  }

  /// The node that holds the bias of a softmax in a file is none of the model's.
  @Test func exportedWeightsAreThoseOfTheBrain() throws {
    let brain = brain(normalised: true)
    let model = brain.exportModel()
    #expect(model.layers.map(\.nodes) == [3, 5, 2])
    #expect(model.layers.map(\.weights) == brain.weights())
    #expect(model.layers[2].biasWeights == brain.lobes[2].neurons.map(\.bias))
    let other = self.brain(normalised: true)
    other.clear()
    #expect(other.weights() != brain.weights())
    other.replaceWeights(weights: model.layers.map(\.weights))
    #expect(other.weights() == brain.weights())
    // In a file there is one, so that Neuron computes the bias.
    let text = String(decoding: try JSONEncoder().encode(model), as: UTF8.self)
    #expect(text.contains("\"constantNode\":true") && text.contains("\"nodes\":6"))
    #expect(text.contains("\"weightLayout\":\"permuted\"") && !text.contains("softmaxHasBias"))
    let again = try JSONDecoder().decode(ExportModel.self, from: Data(text.utf8))
    #expect(again.layers.map(\.weights) == model.layers.map(\.weights))
    #expect(again.layers.map(\.biasWeights) == model.layers.map(\.biasWeights))
  }

  /// A release that a file does not say is asked for.
  @Test func releasesOfFiles() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      """
      {"layers":[{"activation":"none","nodes":2,"weights":[[0],[0]],"type":"input","bias":[0,0],\
      "biasWeights":[0,0],"normalize":false},
       {"activation":"none","nodes":3,"weights":[[1,2],[3,4],[5,6]],"type":"output","bias":[0,0,0],\
      "biasWeights":[0,0,0],"normalize":false}],"learningRate":0.25}
      """, to: "model.smodel")
    let url = URL(fileURLWithPath: folder.path(of: "model.smodel"))
    func answer(_ model: PretrainedModel) -> [Float]? {
      guard let brain = Brain(model: model, epochs: 1) else { return nil }
      brain.compile()
      return brain.feed(input: [1, 0])
    }
    #expect(answer(PretrainedModel(url: url)) == nil)
    #expect(answer(PretrainedModel(url: url, release: "1.7")) == nil)
    #expect(answer(PretrainedModel(url: url, release: "1.4.3")) == [1, 3, 5])
    #expect(answer(PretrainedModel(url: url, release: "1.6")) == [1, 4, 2])
    #expect(answer(PretrainedModel(url: url, isPermuted: false)) == [1, 3, 5])
  }

  /// A copy of Neuron's own colour classifier, 4-3-3, is told apart by its layout in
  /// `Brain(model:)` too.
  @Test func decodedModelsOfNeuronArePermuted() throws {
    let rows: [[Float]] = (0..<3).map { row in (0..<4).map { Float(4 * row + $0) / 10 } }
    let layer = { (nodes: Int, weights: [[Float]], type: LayerType, activation: Activation) in
      Layer(
        activation: activation, nodes: nodes, weights: weights, type: type,
        bias: Array(repeating: 0, count: nodes), biasWeights: Array(repeating: 0, count: nodes),
        normalize: false)
    }
    var ours = ExportModel(
      layers: [
        layer(4, Array(repeating: [0], count: 4), .input, .none), layer(3, rows, .output, .softmax),
      ], learningRate: 0.1)
    let natural = Brain(model: ours)
    natural.compile()
    #expect(natural.weights()[1] == rows)
    // The text of a file as 1.5 and 1.6 compute with it, or as it stands.
    let permuted = try JSONEncoder().encode(ours)
    ours.isPermuted = false
    let text = String(decoding: try JSONEncoder().encode(ours), as: UTF8.self)
      .replacingOccurrences(of: "\"generator\":\"nn-dist\"", with: "\"generator\":\"other\"")
    let theirs = Brain(model: try JSONDecoder().decode(ExportModel.self, from: Data(text.utf8)))
    theirs.compile()
    #expect(theirs.weights()[1][0] == [0, 0.9, 0.7, 0.5])
    let again = try JSONDecoder().decode(ExportModel.self, from: permuted)
    #expect(again.isPermuted && again.layers.map(\.weights) == ours.layers.map(\.weights))
    let other = String(decoding: permuted, as: UTF8.self)
      .replacingOccurrences(of: "\"generator\":\"nn-dist\"", with: "\"generator\":\"other\"")
    let upstream = Brain(model: try JSONDecoder().decode(ExportModel.self, from: Data(other.utf8)))
    upstream.compile()
    #expect(upstream.weights()[1] == rows)
  }
}
