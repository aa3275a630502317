// Steps of many sizes, some shared by all ranks and some not, with a network whose moments lie in slices.
// Prints what the weights are after them, on every rank.
import Neuron

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
_ = brain.trainOn([samples[0]])
brain.train(dataset: (samples, samples))
for size in [1, 3, 128, 2, 128] { _ = brain.trainOn(Array(samples[..<size])) }
let loss = brain.validateOn(samples)
let digest = brain.weights().joined().joined().reduce(into: UInt32(0)) {
  $0 = ($0 ^ $1.bitPattern) &* 0x9e37_79b1
}
print("weights \(digest) loss \(loss.bitPattern) \(brain.metrics[.valLoss]?.bitPattern ?? 0)")
