// Teaches a generator to make normal numbers of even ones: a WGAN-GP on pairs of them.
//
//     swift run -c release normal
//     mpirun -np 2 .build/release/normal
import Neuron

/// A program's own generator: under mpirun all ranks must make the same samples.
struct Dice: RandomNumberGenerator {
  var state: UInt64 = 1

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ state >> 29
  }

  /// A number of mean 4 and deviation 1.25, near enough to a normal one: the sum of twelve even ones.
  mutating func normal() -> Float {
    4 + 1.25 * ((0..<12).reduce(-6) { sum, _ in sum + Float.random(in: 0...1, using: &self) })
  }
}

let generator = Brain(learningRate: 0.001)
generator.addInputs(8)
generator.add(LobeModel(nodes: 32, activation: .leakyRelu, bias: 0.01))
generator.add(LobeModel(nodes: 2, bias: 0.01))
generator.add(optimizer: .adam(b1: 0, b2: 0.9))

let critic = Brain(learningRate: 0.001)
critic.addInputs(2)
critic.add(LobeModel(nodes: 32, activation: .leakyRelu, bias: 0.01))
critic.add(LobeModel(nodes: 32, activation: .leakyRelu, bias: 0.01))
critic.add(LobeModel(nodes: 1))
critic.add(optimizer: .adam(b1: 0, b2: 0.9))

let gan = WGANGP(
  epochs: 1000, criticTrainPerEpoch: 5, gradientPenaltyLambda: 0.3, batchSize: 64,
  metrics: [.criticLoss, .gradientPenalty, .generatorLoss])
gan.add(generator: generator)
gan.add(discriminator: critic)

var dice = Dice()
let samples = (0..<8192).map { _ in
  TrainingData(data: [dice.normal(), dice.normal()], correct: [])
}
gan.train(dataset: (samples, []))
// With small steps at the end both come to rest.
gan.epochs = 1500
for brain in [generator, critic] { brain.learningRate = 0.0002 }
gan.train(dataset: (samples, []))

let made = (0..<4096).flatMap { _ in gan.getGeneratedSample() }
let mean = made.reduce(0, +) / Float(made.count)
let variance = made.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(made.count)
let digest = generator.weights().joined().joined().reduce(into: UInt32(0)) {
  $0 = ($0 ^ $1.bitPattern) &* 0x9e37_79b1
}
print("mean \(mean), deviation \(variance.squareRoot()), weights \(digest)")
