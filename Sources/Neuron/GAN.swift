internal import Diagnostics
internal import Training

/// Two brains against each other: a generator that makes samples of noise, and a discriminator that tells them
/// from samples of the data.
///
///     let gan = GAN(epochs: 1000, criticTrainPerEpoch: 4, batchSize: 10, metrics: [.criticLoss])
///     gan.add(generator: generator)
///     gan.add(discriminator: discriminator)
///     gan.train(dataset: (samples, []))
///     let made = gan.getGeneratedSample()
///
/// Each brain's own optimiser, learning rate and limits of weights count for its network, and each has the trained
/// weights after every epoch. Under mpirun the same program trains on all ranks, with the same bits. A GAN and its
/// brains are used by one thread at a time.
public class GAN: Logger, Trainable, MetricLogger {
  /// What it is trained on; of a sample only `data` is looked at.
  public typealias TrainableDatasetType = TrainingData

  /// The generator's loss in each epoch so far.
  public internal(set) var generatorLossHistory: [Float] = []
  /// The penalty in each epoch so far, of a `WGANGP`.
  public internal(set) var gradientPenaltyHistory: [Float] = []
  /// What the networks play for.
  public var lossFunction: GANLossFunction = .minimax
  /// How many rounds training takes: steps of the discriminator, then one of the generator.
  public var epochs: Int
  /// How much is told on standard output.
  public var logLevel: LogLevel = .none
  /// Makes the noise of one sample, as many numbers as the generator has inputs.
  ///
  /// It is called for every sample of every step, and for nothing else while it trains but the sample that
  /// `validateGenerator` gets. Under mpirun all ranks call it equally often, and what rank 0 gets is what
  /// counts on all of them in training. Left as it is, the numbers are from 0 to 1 and follow from `seed`.
  public lazy var randomNoise: () -> [Float] = { [weak self] in self?.standardNoise() ?? [] }
  /// Told of a sample that the generator makes after every fifth epoch; when it returns true, training ends.
  ///
  /// Under mpirun all ranks ask, and go by the answer on rank 0.
  public var validateGenerator: (_ output: [Float]) -> Bool = { _ in false }
  /// How far from 1 and 0 the labels of each step are drawn at most, from 0 to 1; nil leaves them as they are.
  ///
  /// It is for the loss function `minimax`; a critic has no labels.
  public var discriminatorNoiseFactor: Float?
  /// Which metrics training gathers: `.criticLoss`, `.generatorLoss`, `.gradientPenalty`.
  public var metricsToGather: Set<Metric>
  /// The latest value of each metric that is gathered.
  public var metrics: [Metric: Float] = [:]
  /// The discriminator's mean loss over its steps of the last epoch, with the penalty.
  public internal(set) var discriminatorLoss: Float = 0
  /// The generator's loss in its step of the last epoch.
  public internal(set) var generatorLoss: Float = 0
  /// What the penalty of a `WGANGP` added to the discriminator's loss in the last epoch.
  public internal(set) var gradientPenalty: Float = 0
  /// What everything random follows from: the order of samples, noise, the places of the penalty, labels.
  public var seed: UInt64 = 1 { didSet { samplesOfNoise = 0 } }

  let criticTrainPerEpoch: Int
  let gradientPenaltyLambda: Float
  let batchSize: Int
  private(set) var generator: Brain?
  private(set) var discriminator: Brain?
  /// What has been trained so far, while the brains are the same.
  var contest: Contest?
  /// How many samples standard noise was drawn for.
  var samplesOfNoise: UInt64 = 0
  /// Whether the discriminator's gradient is to have the length 1.
  var hasPenalty: Bool { false }

  /// A GAN of two brains, which can be added later.
  ///
  /// - Parameters:
  ///   - generator: Makes samples of noise.
  ///   - discriminator: Answers a sample with one number.
  ///   - epochs: How many rounds training takes.
  ///   - criticTrainPerEpoch: How many steps the discriminator takes in a round, before the generator's one.
  ///   - gradientPenaltyLambda: The factor of the penalty, in a `WGANGP`.
  ///   - batchSize: How many samples a step takes.
  ///   - metrics: Which metrics training gathers.
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

  /// Takes a brain that makes samples of noise, and compiles it if it is not.
  public func add(generator gen: Brain) {
    gen.compile()
    generator = gen
  }

  /// Takes a brain that answers a sample with one number, and compiles it if it is not.
  ///
  /// With the loss function `minimax` the number is a probability if the last layer is a sigmoid, and otherwise
  /// the logarithm of the odds; a critic's number is only the greater the more a sample looks like the data.
  public func add(discriminator dis: Brain) {
    dis.compile()
    discriminator = dis
  }

  /// What the discriminator answers for a sample; 0, after a line on standard error, if it cannot.
  @discardableResult
  public func discriminate(_ input: [Float]) -> Float {
    guard let discriminator else {
      Group.tell("a GAN needs a discriminator: call add(discriminator:)")
      return 0
    }
    return discriminator.feed(input: input).first ?? 0
  }

  /// A sample that the generator makes of `randomNoise`; nothing, after a line on standard error, if it cannot.
  public func getGeneratedSample() -> [Float] {
    guard let generator else {
      Group.tell("a GAN needs a generator: call add(generator:)")
      return []
    }
    return generator.feed(input: randomNoise())
  }
}

/// A GAN whose discriminator is a critic: it plays for the Wasserstein loss, with a penalty on how far the length of
/// its gradient is from 1.
///
/// The penalty is that of Gulrajani and others (2017), with exact second derivatives: of one point between each
/// sample of the data and one that was made. No layer of the critic may mix samples, as `batchnorm` does.
public class WGANGP: GAN {
  override var hasPenalty: Bool { true }

  /// A WGANGP of two brains, which can be added later.
  ///
  /// - Parameters:
  ///   - generator: Makes samples of noise.
  ///   - discriminator: Answers a sample with one number.
  ///   - epochs: How many rounds training takes.
  ///   - criticTrainPerEpoch: How many steps the critic takes in a round, before the generator's one.
  ///   - gradientPenaltyLambda: The factor of the penalty.
  ///   - batchSize: How many samples a step takes.
  ///   - metrics: Which metrics training gathers.
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
