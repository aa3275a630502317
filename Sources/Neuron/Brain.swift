internal import Diagnostics
internal import ModelFiles

/// A network: layers that are added, compiled and trained.
///
///     let brain = Brain(learningRate: 0.01, epochs: 100, descent: .mbgd(size: 16))
///     brain.addInputs(4)
///     brain.add(LobeModel(nodes: 3, activation: .reLu, bias: 0.1))
///     brain.add(LobeModel(nodes: 3, activation: .softmax))
///     brain.compile()
///     brain.train(dataset: (training, validation))
///     let answer = brain.feed(input: [1, 0, 0, 1])
///
/// Under mpirun the same program trains on all ranks, with the same bits. A brain is used by one thread at a
/// time.
public final class Brain: Logger, Trainable, MetricLogger {
  /// What it is trained on.
  public typealias TrainableDatasetType = TrainingData

  /// Which metrics training gathers.
  public var metricsToGather: Set<Metric>
  /// The latest value of each metric that is gathered.
  public var metrics: [Metric: Float] = [:]
  /// How much is told on standard output.
  public var logLevel: LogLevel = .none
  /// How many times training goes through all samples.
  public var epochs: Int
  /// How far a step goes.
  public var learningRate: Float
  /// The mean loss of each epoch so far.
  public internal(set) var loss: [Float] = []
  /// Whether `trainOn` came after `validateOn`; it changes nothing, for a network here computes the same
  /// answers in training and after it.
  public var trainable = true
  /// What everything random follows from: equal seeds give equal weights.
  ///
  /// It counts when `compile` is called.
  public var seed: UInt64 = 1
  /// Whether `compile` has made a network of the layers.
  public var compiled: Bool { learner != nil }

  let lossFunction: LossFunction
  let lossThreshold: Float
  let initializer: InitializerType
  let descent: GradientDescent
  let weightConstraints: WeightConstraint?
  var optimizer: Optimizer?
  var inputs: Int?
  var layers: [BrainLayer] = []
  /// Layers and weights of a model file, which stand before `layers`.
  var imported: StoredModel?
  var learner: Learner?
  /// What is told of changes to see.
  public weak var observer: (any BrainObserver)?
  /// What draws the network, as `visualize` was told.
  public internal(set) var visualizer: NetworkVisualizer?

  /// A brain without layers, or one that `compile` makes of a model.
  ///
  /// - Parameters:
  ///   - model: Layers and weights to begin with.
  ///   - learningRate: How far a step goes.
  ///   - epochs: How many times training goes through all samples.
  ///   - lossFunction: What training makes small.
  ///   - lossThreshold: Training ends when the validation loss, a mean over five epochs, is not above.
  ///   - initializer: What first weights are drawn from.
  ///   - descent: How many samples make a step.
  ///   - weightConstraints: Where the weights of lobes are kept in, after every step.
  ///   - metrics: Which metrics training gathers.
  public init(
    model: ExportModel? = nil, learningRate: Float = 0.001, epochs: Int = 10,
    lossFunction: LossFunction = .meanSquareError, lossThreshold: Float = 0.001,
    initializer: InitializerType = .xavierNormal, descent: GradientDescent = .sgd,
    weightConstraints: WeightConstraint? = nil, metrics: Set<Metric> = []
  ) {
    self.learningRate = learningRate
    self.epochs = epochs
    self.lossFunction = lossFunction
    self.lossThreshold = lossThreshold
    self.initializer = initializer
    self.descent = descent
    self.weightConstraints = weightConstraints
    metricsToGather = metrics
    guard let model else { return }
    do throws(Failure) { try take(model.stored()) } catch { Group.tell(error.message) }
  }

  /// A brain of a model file, with its learning rate; nil, after a line on standard error, if it cannot be
  /// read.
  public convenience init?(
    model: PretrainedModel, epochs: Int, lossFunction: LossFunction = .crossEntropy,
    lossThreshold: Float = 0.001, initializer: InitializerType = .xavierNormal,
    descent: GradientDescent = .sgd
  ) {
    self.init(
      epochs: epochs, lossFunction: lossFunction, lossThreshold: lossThreshold,
      initializer: initializer, descent: descent)
    do throws(Failure) { try take(model.stored()) } catch {
      Group.tell(error.message)
      return nil
    }
  }
}
