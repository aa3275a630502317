internal import Diagnostics
internal import Training

/// A generative adversarial network: a generator makes samples from noise, and a discriminator
/// tells them from real samples.
///
///     let gan = GAN(epochs: 1000, criticTrainPerEpoch: 4, batchSize: 10, metrics: [.criticLoss])
///     gan.add(generator: generator)
///     gan.add(discriminator: discriminator)
///     gan.train(dataset: (samples, []))
///     let made = gan.getGeneratedSample()
///
/// Each brain keeps its own optimiser, learning rate and weight constraints, and has the trained
/// weights after every epoch. Under mpirun the same program trains on all ranks, with the same
/// bits. A GAN and its brains are used by one thread at a time.
public class GAN: Logger, Trainable, MetricLogger {
  /// The type of a sample; only its `data` is used.
  public typealias TrainableDatasetType = TrainingData

  /// The generator's loss in each epoch so far.
  public internal(set) var generatorLossHistory: [Float] = []
  /// The gradient penalty of each epoch so far, in a `WGANGP`.
  public internal(set) var gradientPenaltyHistory: [Float] = []
  /// The loss function of both networks.
  public var lossFunction: GANLossFunction = .minimax
  /// The number of rounds: steps of the discriminator, then one of the generator.
  public var epochs: Int
  /// How much is printed to standard output.
  public var logLevel: LogLevel = .none
  /// Returns the noise of one sample: a number for each input of the generator.
  ///
  /// Training calls it for every sample of every step, and for the sample that `validateGenerator`
  /// gets. Under mpirun all ranks call it equally often and use the values of rank 0. By default
  /// the numbers are from 0 to 1 and follow from `seed`.
  public lazy var randomNoise: () -> [Float] = { [weak self] in self?.standardNoise() ?? [] }
  /// Called with a generated sample after every fifth epoch; when it returns true, training ends.
  ///
  /// Under mpirun all ranks call it, and use the result of rank 0.
  public var validateGenerator: (_ output: [Float]) -> Bool = { _ in false }
  /// The greatest distance of drawn labels from 1 and 0, from 0 to 1; nil draws none.
  ///
  /// Only `minimax` has labels.
  public var discriminatorNoiseFactor: Float?
  /// The metrics that training records: `.criticLoss`, `.generatorLoss`, `.gradientPenalty`.
  public var metricsToGather: Set<Metric>
  /// The latest value of each recorded metric.
  public var metrics: [Metric: Float] = [:]
  /// The discriminator's mean loss over its steps of the last epoch, with the penalty.
  public internal(set) var discriminatorLoss: Float = 0
  /// The generator's loss in its step of the last epoch.
  public internal(set) var generatorLoss: Float = 0
  /// The gradient-penalty term of the discriminator's loss in the last epoch, in a `WGANGP`.
  public internal(set) var gradientPenalty: Float = 0
  /// The seed of all random numbers: the order of samples, noise, the points of the penalty,
  /// labels.
  public var seed: UInt64 = 1 { didSet { samplesOfNoise = 0 } }

  let criticTrainPerEpoch: Int
  let gradientPenaltyLambda: Float
  let batchSize: Int
  private(set) var generator: Brain?
  private(set) var discriminator: Brain?
  /// The trained networks, while the brains are the same.
  var contest: Contest?
  /// The number of samples with standard noise so far.
  var samplesOfNoise: UInt64 = 0
  /// Whether a penalty keeps the length of the discriminator's gradient near 1.
  var hasPenalty: Bool { false }

  /// A GAN of two brains, which can be added later.
  ///
  /// - Parameters:
  ///   - generator: Makes samples from noise.
  ///   - discriminator: Scores a sample with one number.
  ///   - epochs: The number of rounds.
  ///   - criticTrainPerEpoch: The discriminator's steps in a round, before the generator's one.
  ///   - gradientPenaltyLambda: The factor of the penalty, in a `WGANGP`.
  ///   - batchSize: The batch size.
  ///   - metrics: The metrics that training records.
  public init(
    generator: Brain? = nil, discriminator: Brain? = nil, epochs: Int,
    criticTrainPerEpoch: Int = 5, gradientPenaltyLambda: Float = 10, batchSize: Int,
    metrics: Set<Metric> = []
  ) {
    self.epochs = epochs
    self.criticTrainPerEpoch = criticTrainPerEpoch
    self.gradientPenaltyLambda = gradientPenaltyLambda
    self.batchSize = batchSize
    metricsToGather = metrics
    if let generator { add(generator: generator) }
    if let discriminator { add(discriminator: discriminator) }
  }

  /// Sets the generator, and compiles it if it is not.
  public func add(generator gen: Brain) {
    gen.compile()
    generator = gen
  }

  /// Sets the discriminator, and compiles it if it is not.
  ///
  /// With `minimax` its output is a probability if the last layer is a sigmoid, otherwise log-odds.
  /// The score of a critic is only greater for samples that look more like the data.
  public func add(discriminator dis: Brain) {
    dis.compile()
    discriminator = dis
  }

  /// The discriminator's output for a sample; 0 after an error, which is printed.
  @discardableResult
  public func discriminate(_ input: [Float]) -> Float {
    guard let discriminator else {
      Group.tell("a GAN needs a discriminator: call add(discriminator:)")
      return 0
    }
    return discriminator.feed(input: input).first ?? 0
  }

  /// A sample that the generator makes from `randomNoise`; empty after an error, which is printed.
  public func getGeneratedSample() -> [Float] {
    guard let generator else {
      Group.tell("a GAN needs a generator: call add(generator:)")
      return []
    }
    return generator.feed(input: randomNoise())
  }
}

/// A GAN with the Wasserstein loss and a gradient penalty; its discriminator is called a critic.
///
/// The penalty is that of Gulrajani and others (2017), with exact second derivatives, at one point
/// between each real and generated sample. No layer of the critic may mix samples, as `batchnorm`
/// does.
public class WGANGP: GAN {
  override var hasPenalty: Bool { true }

  /// A WGANGP of two brains, which can be added later.
  ///
  /// - Parameters:
  ///   - generator: Makes samples from noise.
  ///   - discriminator: Scores a sample with one number.
  ///   - epochs: The number of rounds.
  ///   - criticTrainPerEpoch: The critic's steps in a round, before the generator's one.
  ///   - gradientPenaltyLambda: The factor of the penalty.
  ///   - batchSize: The batch size.
  ///   - metrics: The metrics that training records.
  public override init(
    generator: Brain? = nil, discriminator: Brain? = nil, epochs: Int,
    criticTrainPerEpoch: Int = 5, gradientPenaltyLambda: Float = 10, batchSize: Int,
    metrics: Set<Metric> = []
  ) {
    super.init(
      generator: generator, discriminator: discriminator, epochs: epochs,
      criticTrainPerEpoch: criticTrainPerEpoch, gradientPenaltyLambda: gradientPenaltyLambda,
      batchSize: batchSize, metrics: metrics)
    lossFunction = .wasserstein
  }
}
