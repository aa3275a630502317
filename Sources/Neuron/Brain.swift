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
/// Under mpirun the same program trains on all ranks, with the same bits. A brain is used by one
/// thread at a time.
public final class Brain: Logger, Trainable, MetricLogger {
  /// The type of a sample.
  public typealias TrainableDatasetType = TrainingData

  /// The metrics that training records.
  public var metricsToGather: Set<Metric>
  /// The latest value of each recorded metric.
  public var metrics: [Metric: Float] = [:]
  /// How much is printed to standard output.
  public var logLevel: LogLevel = .none
  /// The number of epochs.
  public var epochs: Int
  /// The learning rate.
  public var learningRate: Float
  /// The mean loss of each epoch so far.
  public internal(set) var loss: [Float] = []
  /// Whether `trainOn` came after `validateOn`; it changes nothing, for a network here computes the
  /// same answers in training and after it.
  public var trainable = true
  /// The seed of all random numbers: equal seeds give equal weights.
  ///
  /// Set it before `compile`.
  public var seed: UInt64 = 1
  /// Whether `compile` has built the network.
  public var compiled: Bool { learner != nil }

  let lossFunction: LossFunction
  let lossThreshold: Float
  let initializer: InitializerType
  let descent: GradientDescent
  let weightConstraints: WeightConstraint?
  var optimizer: Optimizer?
  var inputs: Int?
  var layers: [BrainLayer] = []
  /// The layers and weights of a model file, before `layers`.
  var imported: StoredModel?
  var learner: Learner?
  /// Called after epochs and answers.
  public weak var observer: (any BrainObserver)?
  /// The visualizer that `visualize` set.
  public internal(set) var visualizer: NetworkVisualizer?

  /// A brain without layers, or with those of a model.
  ///
  /// - Parameters:
  ///   - model: The first layers and their weights.
  ///   - learningRate: The learning rate.
  ///   - epochs: The number of epochs.
  ///   - lossFunction: The loss that training minimises.
  ///   - lossThreshold: Training ends when the validation loss, a mean over five epochs, is at most
  ///     this.
  ///   - initializer: The distribution of the first weights.
  ///   - descent: The batch size of a step.
  ///   - weightConstraints: The range to which the weights of lobes are clipped after every step.
  ///   - metrics: The metrics that training records.
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

  /// A brain of a model file, with its learning rate; nil after an error, which is printed.
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
