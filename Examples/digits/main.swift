// Learns handwritten digits: MNIST, or files in its form, from a folder or from NN_DIST_DATA.
//
//     swift run -c release digits FOLDER
import Foundation
import Neuron

let folder = CommandLine.arguments.dropFirst().first.map { URL(fileURLWithPath: $0) }
let mnist = MNIST(directory: folder)
let dataset = mnist.build()
guard !dataset.training.isEmpty else { exit(66) }

let brain = ConvBrain(
  epochs: 1, learningRate: 0.001, bias: 0, inputSize: (28, 28, 1), batchSize: 64,
  optimizer: .adam(), metrics: [.accuracy, .loss, .valLoss])
brain.addConvolution(filterCount: 16)
brain.addMaxPool()
brain.addConvolution(filterCount: 32)
brain.addMaxPool()
brain.addDense(128)
brain.addDense(10, activation: .softmax)
brain.compile()
brain.train(data: dataset) { epoch, metrics in
  print("epoch \(epoch + 1): validation loss \(metrics[.valLoss] ?? 0)")
}

let right = dataset.val.count { sample in
  let answer = brain.feed(data: sample)
  return answer.firstIndex(of: answer.max() ?? 0) == sample.label.firstIndex(of: 1)
}
print("right \(right) of \(dataset.val.count)")
