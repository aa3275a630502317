import Foundation
import TestSupport
import Testing

import Neuron

/// What can be computed without a network.
@Suite struct FunctionTests {
  private let points: [Float] = [-90, -3, -0.5, -0.01, 0.01, 0.5, 3, 90]

  /// The formulas in double precision.
  private func value(_ activation: Activation, _ x: Double) -> Double {
    switch activation {
    case .reLu: max(0, x)
    case .sigmoid: 1 / (1 + Foundation.exp(-x))
    case .leakyRelu: max(0.1 * x, x)
    case .swish: x / (1 + Foundation.exp(-x))
    case .tanh: Foundation.tanh(x)
    case .softmax, .none: x
    }
  }

  @Test(arguments: Activation.allCases) func activations(_ activation: Activation) {
    for x in points {
      let (x64, step) = (Double(x), 1e-6)
      let slope = (value(activation, x64 + step) - value(activation, x64 - step)) / (2 * step)
      #expect(
        isClose(
          Double(activation.activate(input: x)), value(activation, x64), relative: 1e-6,
          absolute: 1e-35))
      #expect(
        isClose(
          Double(activation.derivative(input: x)), slope, relative: 1e-5, absolute: 1e-7))
    }
  }

  /// At the corners, what gradients of networks have there.
  @Test func corners() {
    #expect(Activation.reLu.derivative(input: 0) == 0)
    #expect(Activation.leakyRelu.derivative(input: 0) == 0.1)
    #expect(Activation.leakyRelu.asString() == "Leaky ReLu")
  }

  /// A layer computes the same.
  @Test(arguments: Activation.allCases.filter { $0 != .softmax })
  func layersComputeTheSame(_ activation: Activation) {
    let brain = Brain()
    brain.addInputs(1)
    brain.add(LobeModel(nodes: 1, activation: activation))
    brain.compile()
    brain.replaceWeights(weights: [[[0]], [[1]]])
    for x in points {
      #expect(
        isClose(
          Double(brain.feed(input: [x])[0]), Double(activation.activate(input: x)), relative: 1e-6,
          absolute: 1e-35))
    }
  }

  @Test func losses() {
    #expect(LossFunction.meanSquareError.calculate([1, 3], correct: [0, 1]) == 2.5)
    #expect(LossFunction.meanSquareError.derivative(3, correct: 1) == 2)
    let cross = LossFunction.crossEntropy
    #expect(
      isClose(
        Double(cross.calculate([0.25, 0.75], correct: [1, 0])), -log(0.25), relative: 1e-7))
    #expect(cross.derivative(0.25, correct: 1) == -0.75)
    #expect(cross.calculate([0, 1], correct: [1, 0]).isFinite)
    let binary = LossFunction.binaryCrossEntropy
    #expect(
      isClose(
        Double(binary.calculate([0.25, 0.5], correct: [1, 0])), -(log(0.25) + log(0.5)) / 2,
        relative: 1e-7))
    #expect(binary.derivative(0.25, correct: 1) == -4)
    #expect(binary.calculate([1], correct: [0]).isFinite)
    #expect(binary.derivative(1, correct: 0).isFinite)
  }

  /// The loss that training tells is the same.
  @Test(arguments: LossFunction.allCases) func trainingTellsTheSameLoss(_ loss: LossFunction) {
    let brain = Brain(lossFunction: loss)
    brain.addInputs(2)
    let isCross = loss == .crossEntropy
    brain.add(LobeModel(nodes: 2, activation: isCross ? .softmax : .sigmoid, bias: 0.5))
    brain.compile()
    let correct: [Float] = [0.25, 0.75]
    let answer = brain.feed(input: [1, -2])
    #expect(
      isClose(
        Double(brain.validateOn([TrainingData(data: [1, -2], correct: correct)])),
        Double(loss.calculate(answer, correct: correct)), relative: 1e-5))
  }

  /// Mean and mean square of many; uniform ones stay within √3 deviations.
  @Test(arguments: InitializerType.allCases) func initializers(_ type: InitializerType) {
    let initializer = type.build()
    var generator = XorShift(seed: 5)
    let numbers = (0..<20_000).map { _ in
      Double(initializer.calculate(input: 8, out: 24, using: &generator))
    }
    let isXavier = type == .xavierNormal || type == .xavierUniform
    let variance = isXavier ? 2.0 / 32 : 2.0 / 8
    let mean = numbers.reduce(0, +) / 20_000
    let square = numbers.reduce(0) { $0 + $1 * $1 } / 20_000
    #expect(abs(mean) < 0.03 * variance.squareRoot() && abs(square / variance - 1) < 0.04)
    let reach = numbers.map(abs).max() ?? 0
    let isUniform = type == .xavierUniform || type == .heUniform
    #expect((reach <= (3 * variance).squareRoot() * 1.000001) == isUniform)
    #expect(initializer.type == type && initializer.calculate(input: 1).isFinite)
  }

  @Test func normalNumbers() {
    let distribution = NormalDistribution(randomSource: XorShift(seed: 3), mean: 2, deviation: 0.5)
    let numbers = (0..<20_000).map { _ in Double(distribution.nextFloat()) }
    let mean = numbers.reduce(0, +) / 20_000
    let square = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 20_000
    #expect(abs(mean - 2) < 0.015 && abs(square / 0.25 - 1) < 0.04)
    #expect(NormalDistribution().deviation == 0.01)
  }

  @Test func percentages() {
    #expect(Float(0.98765).percent() == 98.8)
    #expect(Float(0.5).percent(10) == 5 && Float(-1).percent() == 0 && Float(7).percent() == 100)
  }
}
