internal import Datasets
internal import Diagnostics
internal import Networks

/// A convolutional network for classes: convolutions and pools, then fully connected layers.
///
///     let brain = ConvBrain(epochs: 3, learningRate: 0.001, inputSize: (28, 28, 1), batchSize: 32,
///                           optimizer: .adam())
///     brain.addConvolution(filterCount: 16)
///     brain.addMaxPool()
///     brain.addDense(10, activation: .softmax)
///     brain.compile()
///     brain.train(dataset: (training, validation))
///
/// Its loss is the cross entropy. Under mpirun the same program trains on all ranks, with the same
/// bits. A brain is used by one thread at a time.
public final class ConvBrain: Logger, Trainable, MetricLogger, Learning {
  /// The type of a sample.
  public typealias TrainableDatasetType = ConvTrainingData

  /// The metrics that training records.
  public var metricsToGather: Set<Metric>
  /// The latest value of each recorded metric.
  public var metrics: [Metric: Float] = [:]
  /// How much is printed to standard output.
  public var logLevel: LogLevel = .low
  /// The number of epochs.
  public var epochs: Int
  /// The learning rate.
  public var learningRate: Float
  /// The mean loss of each epoch so far.
  public internal(set) var loss: [Float] = []
  /// The seed of all random numbers: equal seeds give equal weights.
  ///
  /// Set it before `compile`.
  public var seed: UInt64 = 1
  /// Whether `compile` has built the network.
  public var compiled: Bool { learner != nil }

  private let bias: Float
  private let inputSize: TensorSize
  private let optimizer: Optimizer?
  private let initializer: InitializerType
  let descent: GradientDescent
  let lossThreshold: Float = 0
  private(set) var learner: Learner?
  private var layers: [Node] = []
  /// The error of the first text that is no layer.
  private var misfit: Failure?
  /// The extents of maps after the layers so far; nil once they are vectors.
  private var extent: (rows: Int, columns: Int)?

  /// A brain without layers.
  ///
  /// - Parameters:
  ///   - epochs: The number of epochs.
  ///   - learningRate: The learning rate.
  ///   - bias: The first value of the learned biases of filters.
  ///   - inputSize: The extents of a sample.
  ///   - batchSize: The batch size of a step.
  ///   - optimizer: The optimiser; nil is plain gradient descent.
  ///   - initializer: The distribution of the first weights.
  ///   - metrics: The metrics that training records.
  public init(
    epochs: Int, learningRate: Float, bias: Float = 1.0, inputSize: TensorSize, batchSize: Int,
    optimizer: Optimizer? = nil, initializer: InitializerType = .heNormal,
    metrics: Set<Metric> = []
  ) {
    precondition(
      inputSize.rows > 0 && inputSize.columns > 0 && inputSize.depth > 0,
      "inputSize: expected extents of at least 1, found \(inputSize)")
    self.epochs = epochs
    self.learningRate = learningRate
    self.bias = bias
    self.inputSize = inputSize
    self.optimizer = optimizer
    self.initializer = initializer
    descent = .mbgd(size: batchSize)
    metricsToGather = metrics
    extent = (inputSize.rows, inputSize.columns)
  }

  var rule: Rule { Rule(optimizer: optimizer, learningRate: learningRate) }

  // MARK: Layers

  /// Appends a convolution that keeps the extents of a map, and a relu.
  public func addConvolution(filterSize: TensorSize = (3, 3, 3), filterCount: Int) {
    precondition(extent != nil, "addConvolution: convolutions come before dense layers")
    append(
      Conv(
        filters: filterCount,
        kernel: Sides(height: filterSize.rows, width: filterSize.columns),
        bias: bias == 0 ? .zeros : Bias(Array(repeating: bias, count: max(0, filterCount))),
        initialiser: initializer.initialiser), Networks.Activation.relu)
  }

  /// Appends a max-pooling that halves the extents of a map; an odd map is padded with zeros.
  public func addMaxPool() {
    guard let (rows, columns) = extent else {
      preconditionFailure("addMaxPool: pools come before dense layers")
    }
    if rows % 2 + columns % 2 > 0 {
      append(
        Pad(.explicit(vertical: Margin(0, rows % 2), horizontal: Margin(0, columns % 2))))
    }
    append(MaxPool(2))
    extent = ((rows + 1) / 2, (columns + 1) / 2)
  }

  /// Appends a fully connected layer; the first one flattens maps.
  public func addDense(_ count: Int, activation: Activation = .reLu) {
    flatten()
    append(Dense(units: count, initialiser: initializer.initialiser))
    if let layer = activation.layer { append(layer) }
  }

  /// Appends a fully connected layer after layer normalisation.
  ///
  /// `rate` and `momentum` are Neuron's; scale and shift are learned at the rate of all weights.
  public func addDenseNormal(
    _ count: Int, rate: Float = 0.1, momentum: Float = 0.99, activation: Activation = .reLu
  ) {
    flatten()
    append(LayerNorm.ofLobes)
    addDense(count, activation: activation)
  }

  /// Appends a layer written in YAML: `"batchnorm"`, `"dropout: 0.2"`.
  ///
  /// The layer must keep the extents of a map.
  public func add(layer: String) {
    do throws(Failure) { append(try LayerList(text: layer).nodes) } catch {
      misfit = misfit ?? error
    }
  }

  /// Appends a layer that keeps the extents of a map: `.batchNorm`, `.dropout(0.2)`.
  public func add(_ layer: NetworkLayer) { append([layer.node]) }

  private func append(_ layers: any Networks.Layer...) { append(layers.map { Node($0) }) }

  private func append(_ nodes: [Node]) {
    precondition(!compiled, "the network is compiled already; add layers before")
    layers += nodes
  }

  private func flatten() {
    if extent != nil { append(Flatten()) }
    extent = nil
  }

  /// Builds the network and draws its first weights; does nothing if it is compiled.
  ///
  /// Errors are printed to standard error, and `compiled` stays false.
  public func compile() {
    guard !compiled else { return }
    flatten()
    do throws(Failure) {
      if let misfit { throw misfit }
      guard layers.count > 1 else { throw Failure(.usage, "a brain needs at least one layer") }
      learner = try Learner(
        NetworkDesign(
          sample: [inputSize.rows, inputSize.columns, inputSize.depth],
          layers: LayerList(layers), loss: .crossEntropy, seed: seed), rule)
      log(.low, "compiled a network of \(learner?.parameterCount ?? 0) parameters")
    } catch {
      Group.report(error)
    }
  }

  // MARK: Training

  /// Trains for `epochs` epochs.
  ///
  /// Samples are used in their order. An error is printed to standard error and ends training;
  /// `complete` is called in any case.
  public func train(
    dataset: InputData, epochCompleted: ((Int, [Metric: Float]) -> Void)? = nil,
    complete: (([Metric: Float]) -> Void)? = nil
  ) {
    _ = run(dataset.training, dataset.validation, epochCompleted)
    complete?(metrics)
  }

  /// Trains on the samples of a `Dataset`.
  public func train(
    data: DatasetData, epochCompleted: ((Int, [Metric: Float]) -> Void)? = nil,
    complete: (([Metric: Float]) -> Void)? = nil
  ) {
    train(dataset: (data.training, data.val), epochCompleted: epochCompleted, complete: complete)
  }

  /// Takes one step on a batch and returns the mean loss before it; 0 after an error.
  public func trainOn(_ batch: [ConvTrainingData]) -> Float { step(on: batch) }

  /// The mean loss on a batch, without training; 0 after an error.
  public func validateOn(_ batch: [ConvTrainingData]) -> Float { meanLoss(on: batch) }

  /// The network's output for a sample; empty if it is not compiled or the size differs.
  public func feed(data: ConvTrainingData) -> [Float] {
    var numbers: [Float] = []
    guard data.append(to: &numbers, as: inputSize) else {
      Group.tell("feed: expected a sample of \(inputSize)")
      return []
    }
    return answer(to: numbers)
  }

  /// Draws the first weights again, and drops metrics and moments.
  public func clear() {
    metrics = [:]
    loss = []
    guard compiled else { return }
    attempt(()) { learner throws(Failure) in try learner.reset() }
  }

  func epochEnded(_ epoch: Int) {}

  func dataset(
    _ samples: [ConvTrainingData], for learner: Learner
  ) throws(Failure) -> Datasets.Dataset {
    var numbers: [Float] = []
    numbers.reserveCapacity(samples.count * inputSize.rows * inputSize.columns * inputSize.depth)
    for (place, sample) in samples.enumerated() {
      guard sample.label.count == learner.design.outputs,
        sample.append(to: &numbers, as: inputSize)
      else {
        throw Failure(
          .badData,
          "sample \(place): expected a map of \(inputSize) and \(learner.design.outputs) outputs")
      }
    }
    return learner.design.dataset(numbers, answers: samples.flatMap(\.label))
  }
}
