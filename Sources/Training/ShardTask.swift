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
  func write(_ places: Range<Int>, to bindings: any Bindings, _ random: RandomPosition)

  /// Adds a shard that was run to a record.
  ///
  /// How often each class was taken for each is counted where `confusion` points.
  func score(
    _ bindings: any Bindings, samples: Int, confusion: UnsafeMutablePointer<Int>?,
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
    scorer = Scorer(metrics, experiment.network, on: loader.dataset)
  }

  var failure: Failure? { loader.failure }

  func write(_ places: Range<Int>, to bindings: any Bindings, _ random: RandomPosition) {
    bindings.write(places, of: loader)
  }

  func score(
    _ bindings: any Bindings, samples: Int, confusion: UnsafeMutablePointer<Int>?,
    into record: inout Metrics
  ) {
    let predictions = unsafe bindings.output("predictions").assumingMemoryBound(to: Float.self)
    // Where the loss names a field, the program says what it took it for.
    let given = unsafe loader.dataset.targetInput.flatMap { unsafe bindings.input($0) }
    let targets = unsafe given ?? UnsafeMutableRawPointer(mutating: bindings.output("targets"))
    record.samples += samples
    unsafe scorer.score(
      predictions, targets, samples, losses: bindings.sum(of: "losses", samples), confusion,
      into: &record)
  }
}

extension Bindings {
  /// The sum of an output that has a number for each sample, in their order.
  func sum(of output: String, _ samples: Int) -> Double {
    let numbers = unsafe self.output(output).assumingMemoryBound(to: Float.self)
    var sum = 0.0
    for sample in 0..<samples { unsafe sum += Double(numbers[sample]) }
    return sum
  }
}

enum Predictions {
  /// The class with the greatest value, the first of equals.
  static func best(_ values: UnsafePointer<Float>, _ count: Int) -> Int {
    var best = 0
    for i in 1..<max(1, count) where unsafe values[i] > values[best] { best = i }
    return best
  }
}
