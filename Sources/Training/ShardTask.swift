internal import Datasets
internal import Diagnostics
internal import Execution
internal import Graphs
internal import Networks
internal import Reports

/// What the program of a shard is given, and what its results come to.
protocol ShardTask: Sendable {
  /// What the run follows beside the loss.
  var metrics: [Metric] { get }

  /// Why samples could not be read.
  var failure: Failure? { get }

  /// Writes the inputs for some places of the batch.
  func write(_ places: Range<Int>, to ports: any Ports, _ random: RandomPosition)

  /// Adds a shard that was run to a record.
  ///
  /// How often each class was taken for each is counted where `confusion` points.
  func score(
    _ ports: any Ports, samples: Int, confusion: UnsafeMutablePointer<Int>?,
    into record: inout Metrics
  )
}

/// Samples with what is to be answered for them.
struct SupervisedTask: ShardTask {
  let metrics: [Metric]
  private let loader: BatchLoader
  private let scorer: Scorer

  init(_ loader: BatchLoader, _ experiment: Experiment) {
    self.loader = loader
    metrics = experiment.metrics
    scorer = Scorer(metrics, experiment.network.targets, on: loader.dataset)
  }

  var failure: Failure? { loader.failure }

  func write(_ places: Range<Int>, to ports: any Ports, _ random: RandomPosition) {
    ports.write(places, of: loader)
  }

  func score(
    _ ports: any Ports, samples: Int, confusion: UnsafeMutablePointer<Int>?,
    into record: inout Metrics
  ) {
    let predictions = unsafe ports.output("predictions").assumingMemoryBound(to: Float.self)
    // Where the loss names a field, the program says what it took it for.
    let given = unsafe loader.dataset.targetInput.flatMap { unsafe ports.input($0) }
    let targets = unsafe given ?? UnsafeMutableRawPointer(mutating: ports.output("targets"))
    record.samples += samples
    unsafe scorer.score(
      predictions, targets, samples, losses: ports.sum(of: "losses", samples), confusion,
      into: &record)
  }
}

extension Ports {
  /// The sum of an output that has a number for each sample, in their order.
  func sum(of output: String, _ samples: Int) -> Double {
    let numbers = unsafe self.output(output).assumingMemoryBound(to: Float.self)
    var sum = 0.0
    for sample in 0..<samples { unsafe sum += Double(numbers[sample]) }
    return sum
  }
}
