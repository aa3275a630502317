import Foundation
import Synchronization
import TestSupport
import Testing

import Neuron

/// The thread that calls computes afterwards as it did before.
@Suite struct CallerTests {
  /// Read and written each time, so that the product is not made by the compiler.
  private static let bits = Atomic<UInt32>(0)

  /// Half of the least normal number, which is 0 where subnormal numbers are.
  private static func keepsSubnormals() -> Bool {
    bits.store(Float.leastNormalMagnitude.bitPattern, ordering: .sequentiallyConsistent)
    let number = Float(bitPattern: bits.load(ordering: .sequentiallyConsistent))
    bits.store((number * 0.5).bitPattern, ordering: .sequentiallyConsistent)
    return bits.load(ordering: .sequentiallyConsistent) != 0
  }

  /// In order: before, and after each call that computes, or in what it calls back.
  private static func look() -> [String: Bool] {
    useSubnormals()
    var seen = ["before": keepsSubnormals()]
    let brain = Brain(epochs: 1, descent: .bgd)
    brain.addInputs(2)
    brain.add(LobeModel(nodes: 2, activation: .tanh, bias: 0.1))
    brain.compile()
    seen["compile"] = keepsSubnormals()
    _ = brain.feed(input: [1, 2])
    seen["feed"] = keepsSubnormals()
    _ = brain.activations(input: [1, 2])
    seen["activations"] = keepsSubnormals()
    let samples = [TrainingData(data: [1, 2], correct: [0, 1])]
    _ = brain.trainOn(samples)
    seen["trainOn"] = keepsSubnormals()
    _ = brain.validateOn(samples)
    seen["validateOn"] = keepsSubnormals()
    brain.train(dataset: (samples, samples)) { _, _ in
      seen["epochCompleted"] = keepsSubnormals()
    } complete: { _ in
      seen["complete"] = keepsSubnormals()
    }
    seen["train"] = keepsSubnormals()
    brain.clear()
    seen["clear"] = keepsSubnormals()

    let maps = ConvBrain(epochs: 1, learningRate: 0.1, inputSize: (4, 4, 1), batchSize: 1)
    maps.logLevel = .none
    maps.addConvolution(filterCount: 1)
    maps.addDense(2, activation: .softmax)
    maps.compile()
    let map = ConvTrainingData(
      data: [Array(repeating: [1, 2, 3, 4], count: 4)], label: [1, 0])
    _ = maps.feed(data: map)
    seen["feed of a ConvBrain"] = keepsSubnormals()
    maps.train(dataset: ([map], []))
    seen["train of a ConvBrain"] = keepsSubnormals()

    let game = GAN(epochs: 1, batchSize: 1)
    for (size, answers, add) in [(2, 2, game.add(generator:)), (2, 1, game.add(discriminator:))] {
      let player = Brain()
      player.addInputs(size)
      player.add(LobeModel(nodes: answers, activation: .sigmoid))
      add(player)
    }
    game.train(dataset: (samples, [])) { _, _ in
      seen["epochCompleted of a GAN"] = keepsSubnormals()
    }
    seen["train of a GAN"] = keepsSubnormals()
    return seen
  }

  @Test func keepsItsSubnormalNumbers() async {
    let seen = await withCheckedContinuation { continuation in
      Thread { continuation.resume(returning: CallerTests.look()) }.start()
    }
    #expect(seen.count == 14 && seen.allSatisfy(\.value), "\(seen)")
  }
}
