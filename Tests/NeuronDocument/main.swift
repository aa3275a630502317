// The GANs in the README of the Swift package Neuron, as they stand there, in a program that trains them.
// swift-format-ignore-file
import Neuron

final class Program {
  private let generatorInputs = 10
  private let generatorOutputs = 7

 private lazy var generator: Brain = {
    let bias: Float = 0
    
    let bnLearningRate: Float = 0.1
    let bnMomentum: Float = 0.99
    let normalize: Bool = true
    
    let brain = Brain(learningRate: 0.00001,
                      epochs: 1)

    brain.add(.init(nodes: generatorInputs, normalize: false))
    
    brain.add(.init(nodes: 8,
                    activation: .leakyRelu,
                    bias: bias,
                    normalize: normalize,
                    bnMomentum: bnMomentum,
                    bnLearningRate: bnLearningRate))
    
    brain.add(.init(nodes: generatorOutputs, activation: .tanh, bias: bias))

    brain.logLevel = .none
    brain.add(optimizer: .adam())
    brain.compile() //build network

    return brain
  }()
  
  private lazy var discriminator: Brain = {
    let bias: Float = 0
    let brain = Brain(learningRate: 0.00001,
                      epochs: 1)

    brain.add(.init(nodes: generatorOutputs)) 
    brain.add(.init(nodes: 15, activation: .leakyRelu, bias: bias))
    brain.add(.init(nodes: 1, activation: .leakyRelu, bias: bias))
    
    brain.logLevel = .none
    brain.add(optimizer: .adam())
    brain.compile() //build network
 
    return brain
  }()

  lazy var plain: GAN = {
   let gan = GAN(epochs: 1000,
                  criticTrainPerEpoch: 4,
                  batchSize: 10,
                  metrics: [.criticLoss,
                            .gradientPenalty,
                            .generatorLoss])
    
    gan.add(generator: self.generator)
    gan.add(discriminator: self.discriminator)

    gan.logLevel = .none
    return gan
  }()

  lazy var withPenalty: GAN = {
    let gan = WGANGP(epochs: 100,
                     criticTrainPerEpoch: 5,
                     batchSize: 16,
                     metrics: [.criticLoss,
                               .gradientPenalty,
                               .generatorLoss])

    gan.add(generator: self.generator)
    gan.add(discriminator: self.discriminator)
    return gan
  }()

  lazy var ganBrain = plain

  func train(_ trainingData: [TrainingData]) {
  self.ganBrain.train(data: trainingData) { [weak self] epoch in
      print("current epoch completed: ", epoch)
  } complete: { [weak self] metrics in
      print("critic loss: ", metrics[.criticLoss])
      print("generator loss: ", metrics[.generatorLoss])
      print("gradient penalty: ", metrics[.gradientPenalty])
  }
  }

  func made() -> [Float] {
let result = self.ganBrain.getGeneratedSample()
    return result
  }

  func opinion(_ input: [Float]) -> Float {
let result = self.ganBrain.discriminate(input)
    return result
  }
}

let samples = (0..<64).map { number in
  TrainingData(data: (0..<7).map { Float((number * 5 + $0 * 3) % 11) / 11 - 0.5 }, correct: [])
}
let program = Program()
program.train(samples)
print("made", program.made().count, "opinion", program.opinion(program.made()).isFinite)
program.ganBrain = program.withPenalty
program.train(samples)
print("made", program.made().count, "opinion", program.opinion(program.made()).isFinite)
