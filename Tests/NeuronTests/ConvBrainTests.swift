import Foundation
import TestSupport
import Testing

import Neuron

@Suite struct ConvBrainTests {
  /// A bar that lies or stands, somewhere in a map of 5 x 6.
  private let samples = (0..<48).map { number in
    let isLying = number % 2 == 0
    let place = number / 2 % 5
    let map = (0..<5).map { row in
      (0..<6).map { column in Float((isLying ? row : column) == place ? 1 : 0) }
    }
    return ConvTrainingData(data: [map], label: isLying ? [1, 0] : [0, 1])
  }

  @Test func barsAreToldApart() {
    let brain = ConvBrain(
      epochs: 30, learningRate: 0.01, inputSize: (5, 6, 1), batchSize: 16, optimizer: .adam(),
      metrics: [.accuracy, .loss, .valLoss])
    brain.logLevel = .none
    brain.addConvolution(filterSize: (3, 3, 1), filterCount: 4)
    brain.addMaxPool()
    brain.addConvolution(filterCount: 4)
    brain.addMaxPool()
    brain.addDense(8)
    brain.addDenseNormal(6)
    brain.addDense(2, activation: .softmax)
    brain.compile()
    #expect(brain.compiled)
    brain.train(dataset: (samples, samples))
    #expect(brain.metrics[.accuracy] == 100)
    for sample in samples {
      let answer = brain.feed(data: sample)
      #expect((answer[0] > answer[1]) == (sample.label == [1, 0]))
    }
    #expect(brain.validateOn(samples) == brain.metrics[.valLoss])
    #expect(brain.trainOn(samples) < 0.1)
    brain.clear()
    #expect(brain.validateOn(samples) > 0.3)
  }

  /// Maps become vectors channel by channel, row by row.
  @Test func mapsAreFlattenedAsTheyAreGiven() {
    let map: [[[Float]]] = [[[1, 2, 3], [4, 5, 6]], [[-1, 0.5, 7], [8, 9, -3]]]
    let maps = ConvBrain(epochs: 1, learningRate: 0.1, inputSize: (2, 3, 2), batchSize: 1)
    maps.logLevel = .none
    maps.addDense(3, activation: .none)
    maps.compile()
    let vectors = Brain(initializer: .heNormal)
    vectors.addInputs(12)
    vectors.add(layer: "dense: 3")
    vectors.compile()
    let answers = (
      maps.feed(data: ConvTrainingData(data: map, label: [])),
      vectors.feed(input: map.joined().flatMap { $0 })
    )
    #expect(answers.0.count == 3)
    for (a, b) in zip(answers.0, answers.1) {
      #expect(isClose(Double(a), Double(b), relative: 1e-5, absolute: 1e-5))
    }
  }

  @Test func otherMapsAreRefused() {
    let brain = ConvBrain(epochs: 1, learningRate: 0.1, inputSize: (2, 3, 1), batchSize: 1)
    brain.logLevel = .none
    brain.addDense(2)
    brain.compile()
    #expect(brain.feed(data: ConvTrainingData(data: [[[1, 2]]], label: [])) == [])
    #expect(brain.trainOn([ConvTrainingData(data: [[[1]]], label: [1, 0])]) == 0)
  }
}
