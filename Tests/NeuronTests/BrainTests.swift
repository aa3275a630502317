import Foundation
import TestSupport
import Testing

import Neuron

@Suite struct BrainTests {
  /// Sums and products of two numbers.
  private let samples = (0..<24).map { number in
    let (a, b) = (Float(number % 5) / 5, Float(number % 7) / 7)
    return TrainingData(data: [a, b], correct: [a + b, a * b])
  }

  private func brain(
    _ descent: GradientDescent = .mbgd(size: 4), limits: ClosedRange<Float>? = nil
  ) -> Brain {
    let brain = Brain(
      learningRate: 0.05, epochs: 3, descent: descent, weightConstraints: limits,
      metrics: [.loss, .valLoss, .accuracy])
    brain.addInputs(2)
    brain.add(LobeModel(nodes: 6, activation: .tanh, bias: 0.1))
    brain.add(LobeModel(nodes: 2))
    return brain
  }

  /// An epoch is the steps over its batches, whichever way they are asked for.
  @Test(arguments: [nil, Optimizer.adam()])
  func trainingIsStepAfterStep(_ optimizer: Optimizer?) {
    let (one, other) = (brain(), brain())
    for brain in [one, other] {
      if let optimizer { brain.add(optimizer: optimizer) }
      brain.compile()
    }
    one.train(dataset: (samples, []))
    for _ in 0..<3 {
      for start in stride(from: 0, to: 24, by: 4) {
        _ = other.trainOn(Array(samples[start..<start + 4]))
      }
    }
    #expect(one.weights() == other.weights())
  }

  @Test func metricsAreThoseOfTheLastEpoch() {
    let brain = brain()
    brain.compile()
    var epochs: [Int] = []
    var last: [Metric: Float] = [:]
    brain.train(dataset: (samples, samples)) { epoch, metrics in
      epochs.append(epoch)
      #expect(Set(metrics.keys) == [.loss, .valLoss, .accuracy])
    } complete: {
      last = $0
    }
    #expect(epochs == [0, 1, 2])
    #expect(brain.loss.count == 3 && brain.loss[2] < brain.loss[0])
    #expect(last[.loss] == brain.loss[2])
    #expect(last[.valLoss] == brain.validateOn(samples))
  }

  @Test func trainingEndsAtTheThresholdOfFiveEpochs() {
    let brain = Brain(learningRate: 0.05, epochs: 20, lossThreshold: 100)
    brain.addInputs(2)
    brain.add(LobeModel(nodes: 2))
    brain.compile()
    var passed: Bool?
    brain.train(data: samples, validation: samples, complete: { passed = $0 })
    #expect(passed == true && brain.loss.count == 5)
  }

  /// One sample a step, and all in one step, computed by hand for a node without activation.
  @Test func stepsFollowTheErrorAndNotTwiceThat() {
    let brain = Brain(learningRate: 0.5, epochs: 1, descent: .bgd)
    brain.addInputs(1)
    brain.add(LobeModel(nodes: 2))
    brain.compile()
    brain.replaceWeights(weights: [[[0]], [[1], [0]]])
    brain.train(
      dataset: (
        [TrainingData(data: [1], correct: [0, 1]), TrainingData(data: [2], correct: [0, 1])], []
      ))
    // The means of (p - c) x: (1 + 4) / 2 and (-1 - 2) / 2.
    #expect(brain.weights()[1] == [[-0.25], [0.75]])
  }

  @Test func weightsStayWithinTheirLimits() {
    let brain = brain(limits: -0.1...0.1)
    brain.compile()
    _ = brain.trainOn(samples)
    let weights = brain.weights().joined().joined()
    #expect(weights.allSatisfy { (-0.1...0.1).contains($0) })
    #expect(weights.contains(0.1) || weights.contains(-0.1))
  }

  @Test func clearBeginsAnew() {
    let brain = brain()
    brain.add(optimizer: .adam())
    brain.compile()
    let first = brain.weights()
    brain.train(dataset: (samples, []))
    let trained = brain.weights()
    #expect(trained != first)
    brain.clear()
    #expect(brain.weights() == first && brain.loss.isEmpty && brain.metrics.isEmpty)
    brain.train(dataset: (samples, []))
    #expect(brain.weights() == trained)
  }

  @Test func anotherOptimizerStartsWithoutMemory() {
    let (one, other) = (brain(), brain())
    one.add(optimizer: .adam())
    for brain in [one, other] { brain.compile() }
    let first = one.weights()
    one.trainOn(samples, times: 2)
    one.replaceWeights(weights: first)
    one.replaceOptimizer(nil)
    other.replaceOptimizer(Optimizer.adam())
    other.trainOn(samples, times: 2)
    one.replaceOptimizer(Adam(alpha: 0.25))
    #expect(one.learningRate == 0.25 && one.trainOn(samples).isFinite)
    other.replaceOptimizer(nil)
    #expect(other.trainOn(samples).isFinite)
  }

  /// The first step of Adam moves every weight by the learning rate, whatever its gradient.
  @Test func adamHasMomentsForEveryWeight() {
    let brain = brain()
    brain.add(optimizer: .adam())
    brain.compile()
    let before = brain.weights().dropFirst().joined().joined()
    _ = brain.trainOn(samples)
    let after = brain.weights().dropFirst().joined().joined()
    #expect(
      zip(before, after).allSatisfy {
        isClose(Double(abs($0 - $1)), 0.05, relative: 1e-3, absolute: 0)
      })
  }

  @Test func seedsGiveWeights() {
    let brains = ([1, 1, 2] as [UInt64]).map { seed in
      let brain = brain()
      brain.seed = seed
      brain.compile()
      return brain.weights()
    }
    #expect(brains[0] == brains[1] && brains[0] != brains[2])
  }

  @Test func otherInputsDrawAllAnew() {
    let brain = brain()
    brain.compile()
    brain.replaceInputs(5)
    #expect(brain.compiled && brain.weights()[1].allSatisfy { $0.count == 5 })
    #expect(brain.feed(input: [1, 2, 3, 4, 5]).count == 2)
  }

  @Test func anyLayerCanBeAdded() {
    let brain = Brain(learningRate: 0.01, epochs: 5, lossFunction: .crossEntropy)
    brain.addInputs(16)
    brain.add(layer: "reshape: [4, 4, 1]")
    brain.add(layer: "conv: {filters: 3, kernel: 3}")
    brain.add(layer: "gelu")
    brain.add(layer: "flatten")
    brain.add(layer: "dropout: 0.1")
    brain.add(LobeModel(nodes: 2, activation: .softmax))
    brain.compile()
    #expect(brain.compiled)
    let samples = (0..<32).map { number in
      TrainingData(
        data: (0..<16).map { Float($0 % 2 == number % 2 ? 1 : 0) },
        correct: number % 2 == 0 ? [1, 0] : [0, 1])
    }
    brain.train(dataset: (samples, []))
    #expect(brain.loss[4] < brain.loss[0])
    let answer = brain.feed(input: samples[0].data)
    #expect(isClose(Double(answer[0] + answer[1]), 1, relative: 1e-6))
  }

  @Test func whatDoesNotFitIsRefused() {
    let brain = brain()
    #expect(brain.feed(input: [1, 2]) == [])
    brain.add(layer: "densee: 3")
    brain.compile()
    #expect(!brain.compiled)
    let other = self.brain()
    other.compile()
    #expect(other.feed(input: [1]) == [])
    let weights = other.weights()
    other.replaceWeights(weights: [[[1]]])
    _ = other.trainOn([TrainingData(data: [1], correct: [1, 2])])
    other.train(dataset: ([], []))
    #expect(other.weights() == weights && other.loss.isEmpty)
  }

  /// What is not finite spoils nothing.
  @Test func trainingStopsBeforeWeightsAreSpoilt() {
    let brain = brain()
    brain.compile()
    let weights = brain.weights()
    var isComplete = false
    let samples = [TrainingData(data: [.infinity, 1], correct: [0, 0])]
    brain.train(dataset: (samples, []), complete: { _ in isComplete = true })
    #expect(isComplete && brain.weights() == weights)
  }

  @Test func everyLayerTellsWhatItMakes() {
    let brain = brain()
    brain.compile()
    let layers = brain.activations(input: [1, 2])
    #expect(layers.map(\.count) == [6, 6, 2] && layers[2] == brain.feed(input: [1, 2]))
    for (node, weights) in brain.weights()[1].enumerated() {
      let sum = Double(weights[0] + 2 * weights[1]) + 0.1
      #expect(isClose(Double(layers[0][node]), sum, relative: 1e-5, absolute: 1e-6))
      #expect(isClose(Double(layers[1][node]), tanh(sum), relative: 1e-5, absolute: 1e-6))
    }
  }

  @Test func observersSeeEpochsAndAnswers() {
    final class Witness: BrainObserver {
      var epochs: [Int] = []
      var inputs: [[Float]] = []
      func brain(_ brain: Brain, didFinishEpoch epoch: Int) { epochs.append(epoch) }
      func brain(_ brain: Brain, didFeed input: [Float]) { inputs.append(input) }
    }
    let (brain, witness) = (brain(), Witness())
    brain.observer = witness
    brain.compile()
    brain.train(dataset: (samples, []))
    _ = brain.feed(input: [1, 2])
    #expect(witness.epochs == [0, 1, 2] && witness.inputs == [[1, 2]])
  }
}

extension Brain {
  fileprivate func trainOn(_ batch: [TrainingData], times: Int) {
    for _ in 0..<times { _ = trainOn(batch) }
  }
}
