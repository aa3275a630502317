internal import Datasets
internal import Diagnostics
internal import Execution
internal import Reports

/// A step of the critic: samples of the dataset, and noise for generated ones.
struct CriticTask: ShardTask {
  let metrics: [Metric]
  private let loader: BatchLoader
  private let noiseSource: NoiseSource
  private let outputs: [(entry: Int, name: String)]

  init(_ loader: BatchLoader, _ noiseSource: NoiseSource, _ metrics: [Metric]) {
    self.loader = loader
    self.noiseSource = noiseSource
    self.metrics = metrics
    outputs = metrics.enumerated().compactMap { place, metric in
      metric.criticOutput.map { (Metrics.entry(ofMetric: place), $0) }
    }
  }

  var failure: Failure? { loader.failure }

  func write(_ places: Range<Int>, to ports: any Ports, _ random: RandomPosition) {
    if let samples = unsafe ports.input("samples") {
      unsafe loader.copy(
        samplesAt: places,
        into: UnsafeMutableRawBufferPointer(
          start: samples, count: places.count * loader.dataset.sampleBytes))
    }
    noiseSource.write(places, to: ports, step: random.step)
  }

  func score(
    _ ports: any Ports, samples: Int, confusion: UnsafeMutablePointer<Int>?,
    into record: inout Metrics
  ) {
    record.samples += samples
    record.add(ports.sum(of: "losses", samples), targets: samples, to: Metrics.loss)
    for (entry, name) in outputs {
      record.add(ports.sum(of: name, samples), targets: samples, to: entry)
    }
  }
}

/// A step of the generator: noise alone.
struct GeneratorTask: ShardTask {
  let metrics: [Metric]
  private let noiseSource: NoiseSource
  private let entry: Int

  /// `entry` is the metric that holds the generator's loss; the loss of the run is the critic's.
  init(_ noiseSource: NoiseSource, _ metrics: [Metric], loss entry: Int) {
    self.noiseSource = noiseSource
    self.metrics = metrics
    self.entry = entry
  }

  var failure: Failure? { nil }

  func write(_ places: Range<Int>, to ports: any Ports, _ random: RandomPosition) {
    noiseSource.write(places, to: ports, step: random.step)
  }

  func score(
    _ ports: any Ports, samples: Int, confusion: UnsafeMutablePointer<Int>?,
    into record: inout Metrics
  ) {
    record.add(ports.sum(of: "losses", samples), targets: samples, to: entry)
  }
}
