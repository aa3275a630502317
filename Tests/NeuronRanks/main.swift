// Steps of many sizes, some shared by all ranks and some not, with networks whose moments lie in
// slices. Prints what the weights are after them, on every rank; in a folder that is named, it
// draws the network.
import Foundation
import Neuron

func digest(_ brain: Brain) -> UInt32 {
  brain.weights().joined().joined().reduce(into: UInt32(0)) {
    $0 = ($0 ^ $1.bitPattern) &* 0x9e37_79b1
  }
}

let samples = (0..<256).map { number in
  let data = (0..<64).map { place in Float((number * 37 + place * 11) % 17) / 17 }
  let correct = (0..<10).map { place -> Float in place == number % 10 ? 1 : 0 }
  return TrainingData(data: data, correct: correct)
}

let brain = Brain(
  learningRate: 0.01, epochs: 2, lossFunction: .crossEntropy, descent: .mbgd(size: 64),
  metrics: [.valLoss])
brain.addInputs(64)
brain.add(LobeModel(nodes: 80, activation: .tanh, bias: 0.1))
brain.add(LobeModel(nodes: 10, activation: .softmax, bias: 0.1))
brain.add(optimizer: .adam())
brain.compile()
if let folder = CommandLine.arguments.dropFirst().first {
  // A file of its own would show a rank that writes what the first alone should.
  let rank = ProcessInfo.processInfo.environment["OMPI_COMM_WORLD_RANK"] ?? "0"
  let visualizer = NetworkVisualizer()
  visualizer.url = URL(fileURLWithPath: "\(folder)/\(rank).svg")
  brain.visualize(visualizer)
}
_ = brain.trainOn([samples[0]])
brain.train(dataset: (samples, samples))
for size in [1, 3, 128, 2, 128] { _ = brain.trainOn(Array(samples[..<size])) }
let loss = brain.validateOn(samples)
var report =
  "weights \(digest(brain)) loss \(loss.bitPattern) \(brain.metrics[.valLoss]?.bitPattern ?? 0)"

// Noise that is another on each rank, and so is what each rank thinks of the generator: rank 0
// decides.
let rank = Int(ProcessInfo.processInfo.environment["OMPI_COMM_WORLD_RANK"] ?? "0") ?? 0
for gan in [
  GAN(epochs: 3, criticTrainPerEpoch: 2, batchSize: 128, metrics: [.criticLoss]),
  WGANGP(epochs: 7, criticTrainPerEpoch: 3, batchSize: 96, metrics: [.criticLoss]),
] {
  let (generator, critic) = (Brain(learningRate: 0.002), Brain(learningRate: 0.001))
  generator.addInputs(8)
  generator.add(LobeModel(nodes: 70, activation: .leakyRelu, bias: 0.1))
  generator.add(LobeModel(nodes: 64, activation: .tanh))
  critic.addInputs(64)
  critic.add(LobeModel(nodes: 80, activation: .leakyRelu, bias: 0.1))
  critic.add(LobeModel(nodes: 1))
  for brain in [generator, critic] { brain.add(optimizer: .adam()) }
  gan.add(generator: generator)
  gan.add(discriminator: critic)
  gan.discriminatorNoiseFactor = 0.1
  gan.train(dataset: (samples, []))
  var count = 0
  gan.randomNoise = {
    count += 1
    return (0..<8).map { Float((count * 5 + $0 * 3) % 13) / 13 + Float(rank) }
  }
  gan.validateGenerator = { _ in rank == 0 }
  for size in [16, 1, 256, 2] { _ = gan.trainOn(Array(samples[..<size])) }
  gan.train(dataset: (samples, []))
  // What rank 0 draws fits no generator: all refuse it together, and go on afterwards.
  let noise = gan.randomNoise
  gan.randomNoise = { rank == 0 ? [1] : noise() }
  guard gan.trainOn(samples) == 0 else { fatalError("noise of the wrong size was taken") }
  gan.randomNoise = noise
  _ = gan.trainOn(samples)
  let loss = gan.metrics[.criticLoss]?.bitPattern ?? 0
  report += " GAN \(gan.generatorLossHistory.count) \(digest(generator)) \(digest(critic)) \(loss)"
}
print(report)
