internal import Datasets
internal import Diagnostics
internal import Execution
internal import Graphs
internal import Networks

/// What the program of a shard is given, and what its results come to.
protocol ShardTask: Sendable {
  /// Why samples could not be read.
  var failure: Failure? { get }

  /// Writes the inputs for some places of the batch.
  func write(_ places: Range<Int>, to ports: any Ports, _ random: RandomPosition)

  /// Adds up the figures of a shard that was run.
  ///
  /// The class that is found for each sample is noted where `found` points.
  func sums(
    of ports: any Ports, samples: Int, found: UnsafeMutablePointer<Int32>?
  ) -> ShardSums
}

/// Samples with what is to be answered for them.
struct SupervisedTask: ShardTask {
  private let loader: BatchLoader
  private let scorer: Scorer

  init(_ loader: BatchLoader, _ measures: [Measure]) {
    self.loader = loader
    scorer = Scorer(measures, of: loader.dataset)
  }

  var failure: Failure? { loader.failure }

  func write(_ places: Range<Int>, to ports: any Ports, _ random: RandomPosition) {
    ports.write(places, of: loader)
  }

  func sums(
    of ports: any Ports, samples: Int, found: UnsafeMutablePointer<Int32>?
  ) -> ShardSums {
    var sums = ShardSums(loss: ports.sum(of: "losses", samples))
    let predictions = unsafe ports.output("predictions").assumingMemoryBound(to: Float.self)
    guard let truth = unsafe ports.input(loader.dataset.targetInput) else { return sums }
    switch loader.dataset.targets {
    case .classes(_, let names, _):
      let labels = unsafe truth.assumingMemoryBound(to: Int32.self)
      for sample in 0..<samples {
        let values = unsafe predictions + sample * names.count
        unsafe sums.counters += scorer.score(values, names.count, label: Int(labels[sample]))
        unsafe found?[sample] = Int32(Predictions.best(values, names.count))
      }
    case .values:
      let width = loader.dataset.targets.perSample
      let targets = unsafe truth.assumingMemoryBound(to: Float.self)
      for sample in 0..<samples {
        unsafe sums.counters += scorer.score(
          predictions + sample * width, targets: targets + sample * width, width)
      }
    case .none: break
    }
    return sums
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

enum Predictions {
  /// The class with the greatest value, the first of equals.
  static func best(_ values: UnsafePointer<Float>, _ count: Int) -> Int {
    var best = 0
    for i in 1..<max(1, count) where unsafe values[i] > values[best] { best = i }
    return best
  }
}
