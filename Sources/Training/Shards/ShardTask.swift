internal import Datasets
internal import Diagnostics
internal import Execution
internal import Graphs
internal import Networks
internal import Reports

/// Writes the inputs of a shard's program and computes metrics from its outputs.
protocol ShardTask: Sendable {
  /// The metrics of the run beside the loss.
  var metrics: [Metric] { get }

  /// The reason why samples could not be read, nil if they were.
  var failure: Failure? { get }

  /// Writes the inputs for some positions of the batch.
  func write(_ places: Range<Int>, to bindings: any Bindings, _ random: RandomPosition)

  /// Adds the results of a shard to its metrics, and its predictions to a confusion matrix; keeps
  /// its answers where `kept` has memory for them, and shows them to `findings`.
  func score(
    _ bindings: any Bindings, at places: Range<Int>, confusion: UnsafeMutablePointer<Int>?,
    kept: AnswerMemory?, findings: SampleFindings?, into record: inout Metrics
  )
}

/// A step of one network: samples and their targets.
struct SupervisedTask: ShardTask {
  let metrics: [Metric]
  private let loader: BatchLoader
  private let outputs: [(output: NetworkOutput, scorer: Scorer)]
  /// The program's input of weights, if metrics have them too.
  private let weights: String?

  /// The metrics of the run if no others are given; `threshold` is that between two classes.
  init(
    _ loader: BatchLoader, _ experiment: Experiment, metrics: [Metric]? = nil,
    threshold: Double? = nil
  ) {
    self.loader = loader
    let metrics = metrics ?? experiment.metrics
    self.metrics = metrics
    outputs = experiment.network.outputs.map {
      ($0, Scorer(metrics, $0, on: loader.dataset, threshold: threshold))
    }
    weights = loader.dataset.isWeighted && loader.dataset.weighsMetrics ? "weights" : nil
  }

  var failure: Failure? { loader.failure }

  func write(_ places: Range<Int>, to bindings: any Bindings, _ random: RandomPosition) {
    bindings.write(places, of: loader)
  }

  func score(
    _ bindings: any Bindings, at places: Range<Int>, confusion: UnsafeMutablePointer<Int>?,
    kept: AnswerMemory?, findings: SampleFindings?, into record: inout Metrics
  ) {
    let samples = places.count
    let weights = unsafe self.weights.flatMap { unsafe bindings.input($0) }
    record.samples += samples
    if outputs.count > 1 { record.add(0, targets: samples, to: Metrics.loss) }
    for (output, scorer) in outputs {
      let suffix = output.suffix
      let predictions = unsafe bindings.output("predictions\(suffix)")
        .assumingMemoryBound(to: Float.self)
      // If the loss names a field, the program returns the targets that it made from it.
      let given =
        unsafe output.output.target == nil
        ? loader.dataset.targetInput.flatMap { unsafe bindings.input($0) } : nil
      let targets =
        unsafe given ?? UnsafeMutableRawPointer(mutating: bindings.output("targets\(suffix)"))
      unsafe kept?.write(predictions, targets, of: output.name, at: places)
      if let findings, findings.output.name == output.name {
        let losses = unsafe bindings.output("losses\(suffix)").assumingMemoryBound(to: Float.self)
        unsafe findings.add(losses, predictions, targets, at: places)
      }
      unsafe scorer.score(
        predictions, targets, samples, losses: bindings.sum(of: "losses\(suffix)", samples),
        weights: UnsafePointer(weights?.assumingMemoryBound(to: Float.self)),
        output.output.target == nil ? confusion : nil, into: &record)
    }
  }
}

extension Bindings {
  /// The sum of an output that has one number for each sample.
  func sum(of output: String, _ samples: Int) -> Double {
    let numbers = unsafe self.output(output).assumingMemoryBound(to: Float.self)
    var sum = 0.0
    for sample in 0..<samples { unsafe sum += Double(numbers[sample]) }
    return sum
  }
}

extension Bindings {
  /// Copies the fields of some samples of the batch to the inputs of the same names.
  ///
  /// Fields that the program does not read are skipped.
  func write(_ places: Range<Int>, of loader: BatchLoader) {
    for field in loader.dataset.fields {
      guard let input = unsafe input(field.name) else { continue }
      unsafe loader.copy(
        field, at: places,
        into: UnsafeMutableRawBufferPointer(start: input, count: places.count * field.byteCount))
    }
  }
}
