// Learns to tell red, green and blue apart, and prints how often it is right.
//
//     swift run -c release colours
//     swift run -c release colours network.svg     # and draws the network, after every epoch
//     mpirun -np 2 .build/release/colours
import Foundation
import Neuron

/// A program's own generator: under mpirun all ranks must make the same samples.
struct Dice: RandomNumberGenerator {
  var state: UInt64 = 1

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ state >> 29
  }
}

/// Colours of which one part is strong and the others are weak; the fourth number is the opacity.
func colours(_ count: Int, _ dice: inout Dice) -> [TrainingData] {
  (0..<count).map { number in
    let parts = (0..<3).map {
      $0 == number % 3
        ? Float.random(in: 0.7...1, using: &dice) : .random(in: 0...0.3, using: &dice)
    }
    return TrainingData(data: parts + [1], correct: (0..<3).map { $0 == number % 3 ? 1 : 0 })
  }
}

let brain = Brain(
  learningRate: 0.01, epochs: 100, lossFunction: .crossEntropy, lossThreshold: 0.01,
  initializer: .xavierNormal, descent: .mbgd(size: 16), metrics: [.accuracy, .loss, .valLoss])
brain.addInputs(4)
// Three nodes of relu may all be dead from the start; leaky ones never are.
brain.add(
  NormalizedLobeModel(
    nodes: 3, activation: .leakyRelu, bias: 0.01, momentum: 0.99, normalizerLearningRate: 0.1))
brain.add(LobeModel(nodes: 3, activation: .softmax, bias: 0.01))
brain.add(optimizer: .adam())
brain.logLevel = .low
if let path = CommandLine.arguments.dropFirst().first {
  let visualizer = NetworkVisualizer(layerColor: .blue)
  visualizer.url = URL(fileURLWithPath: path)
  brain.visualize(visualizer)
}
brain.compile()

var dice = Dice()
let training = colours(480, &dice)
let watching = colours(90, &dice)
brain.train(dataset: (training, watching))

let right = watching.count { sample in
  let answer = brain.feed(input: sample.data)
  return answer.firstIndex(of: answer.max() ?? 0) == sample.correct.firstIndex(of: 1)
}
let digest = brain.weights().joined().joined().reduce(into: UInt32(0)) {
  $0 = ($0 ^ $1.bitPattern) &* 0x9e37_79b1
}
print("epochs \(brain.loss.count), right \(right) of \(watching.count), weights \(digest)")
