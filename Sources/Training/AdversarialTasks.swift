internal import Datasets
internal import Diagnostics
internal import Execution
internal import Reports

/// Samples of the data beside others that the generator makes of noise.
struct CriticTask: ShardTask {
  let metrics: [Metric]
  private let loader: BatchLoader
  private let draws: Draws
  private let outputs: [(entry: Int, name: String)]

  init(_ loader: BatchLoader, _ draws: Draws, _ metrics: [Metric]) {
    self.loader = loader
    self.draws = draws
    self.metrics = metrics
    outputs = metrics.enumerated().compactMap { place, metric in
      metric.output.map { (Metrics.entry(ofMetric: place), $0) }
    }
  }

  var failure: Failure? { loader.failure }

  func write(_ places: Range<Int>, to bindings: any Bindings, _ random: RandomPosition) {
    if let samples = unsafe bindings.input("samples") {
      unsafe loader.copy(
        samplesAt: places,
        into: UnsafeMutableRawBufferPointer(
          start: samples, count: places.count * loader.dataset.sampleBytes))
    }
    draws.write(places, to: bindings, step: random.step)
  }

  func score(
    _ bindings: any Bindings, samples: Int, confusion: UnsafeMutablePointer<Int>?,
    into record: inout Metrics
  ) {
    record.samples += samples
    record.add(bindings.sum(of: "losses", samples), targets: samples, to: Metrics.loss)
    for (entry, name) in outputs {
      record.add(bindings.sum(of: name, samples), targets: samples, to: entry)
    }
  }
}

/// Samples that the generator makes of noise alone.
struct GeneratorTask: ShardTask {
  let metrics: [Metric]
  private let draws: Draws
  private let entry: Int

  /// The loss goes to an entry of the record, for the run's loss is that of the critic.
  init(_ draws: Draws, _ metrics: [Metric], loss entry: Int) {
    self.draws = draws
    self.metrics = metrics
    self.entry = entry
  }

  var failure: Failure? { nil }

  func write(_ places: Range<Int>, to bindings: any Bindings, _ random: RandomPosition) {
    draws.write(places, to: bindings, step: random.step)
  }

  func score(
    _ bindings: any Bindings, samples: Int, confusion: UnsafeMutablePointer<Int>?,
    into record: inout Metrics
  ) {
    record.add(bindings.sum(of: "losses", samples), targets: samples, to: entry)
  }
}

extension Metric {
  /// The output of a critic's program that it is the mean of, if it is one.
  fileprivate var output: String? {
    switch self {
    case .wasserstein: "margins"
    case .gradientNorm: "lengths"
    case .gradientPenalty: "penalties"
    case .criticAccuracy: "hits"
    case .top, .meanAbsoluteError, .match, .determination, .intersectionOverUnion, .generatorLoss:
      nil
    }
  }
}
