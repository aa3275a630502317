internal import Datasets
internal import Diagnostics
internal import Execution
internal import Reports

/// A step of an adversarial run: noise, and for the critic samples of the dataset.
struct AdversarialTask: ShardTask {
  let metrics: [Metric]
  /// Nil for the generator.
  private let loader: BatchLoader?
  private let noiseSource: NoiseSource
  private let loss: Int
  /// The outputs of the critic's program that metrics average.
  private let outputs: [(entry: Int, name: String)]

  /// `loss` is the entry of the network's loss in the metrics.
  init(
    reading loader: BatchLoader?, _ noiseSource: NoiseSource, _ metrics: [Metric], loss: Int
  ) {
    self.loader = loader
    self.noiseSource = noiseSource
    self.metrics = metrics
    self.loss = loss
    outputs = metrics.enumerated().compactMap { place, metric in
      loader == nil ? nil : metric.criticOutput.map { (Metrics.entry(ofMetric: place), $0) }
    }
  }

  var failure: Failure? { loader?.failure }

  func write(_ places: Range<Int>, to bindings: any Bindings, _ random: RandomPosition) {
    if let loader { bindings.write(places, of: loader) }
    noiseSource.write(places, to: bindings, step: random.step)
  }

  func score(
    _ bindings: any Bindings, at places: Range<Int>, confusion: UnsafeMutablePointer<Int>?,
    kept: AnswerMemory?, findings: SampleFindings?, into record: inout Metrics
  ) {
    let samples = places.count
    if loader != nil { record.samples += samples }
    record.add(bindings.sum(of: "losses", samples), targets: samples, to: loss)
    for (entry, name) in outputs {
      record.add(bindings.sum(of: name, samples), targets: samples, to: entry)
    }
  }
}
