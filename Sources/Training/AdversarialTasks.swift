internal import Datasets
internal import Diagnostics
internal import Execution

/// Samples of the data beside others that the generator makes of noise.
struct CriticTask: ShardTask {
  private let loader: BatchLoader
  private let draws: Draws
  private let outputs: [(place: Int, name: String)]

  init(_ loader: BatchLoader, _ draws: Draws, _ measures: [Measure]) {
    self.loader = loader
    self.draws = draws
    outputs = measures.enumerated().compactMap { place, measure in
      measure.output.map { (place, $0) }
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
    draws.write(places, to: ports, step: random.step)
  }

  func sums(
    of ports: any Ports, samples: Int, found: UnsafeMutablePointer<Int32>?
  ) -> ShardSums {
    var sums = ShardSums(loss: ports.sum(of: "losses", samples))
    for (place, name) in outputs { sums.counters[place] = ports.sum(of: name, samples) }
    return sums
  }
}

/// Samples that the generator makes of noise alone.
struct GeneratorTask: ShardTask {
  private let draws: Draws

  init(_ draws: Draws) { self.draws = draws }

  var failure: Failure? { nil }

  func write(_ places: Range<Int>, to ports: any Ports, _ random: RandomPosition) {
    draws.write(places, to: ports, step: random.step)
  }

  func sums(
    of ports: any Ports, samples: Int, found: UnsafeMutablePointer<Int32>?
  ) -> ShardSums {
    ShardSums(loss: ports.sum(of: "losses", samples))
  }
}
