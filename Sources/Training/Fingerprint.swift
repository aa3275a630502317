internal import Communication
internal import Datasets
package import Execution
internal import Graphs
internal import Kernels
internal import Networks
internal import Randomness

/// What a process makes of one shard of made-up samples, from the first instruction to the update: equal
/// on hosts that compute equal bits, and the same in every process of a run.
///
/// Libraries choose their kernels by what a processor can do and promise nothing across processors.
package struct Fingerprint: Sendable {
  package let results: [ResultDigest]

  package init(_ results: [ResultDigest]) { self.results = results }

  /// All of it, as a checkpoint holds it.
  package var text: String {
    var digest = Digest()
    for result in results { digest.add(result.digest.value) }
    return digest.description
  }

  /// A few bits of each result: enough to find the first that differs, in what a file has room for.
  package var outline: String {
    results.prefix(16_000).map { String($0.digest.description.prefix(2)) }.joined()
  }

  /// The first instruction whose result differs from that in an outline, as far as can be seen.
  package func firstDifference(from outline: String) -> String? {
    let (own, other) = (Array(self.outline), Array(outline))
    let equal = zip(own, other).prefix { $0 == $1 }.count
    return own.count == other.count && equal < own.count ? results[equal / 2].step : nil
  }
}

extension Fingerprint {
  /// Computes on the weights that a run begins with, which stay as they are; `gradient` is work space.
  init(
    of learner: Learner, in experiment: Experiment, _ network: NetworkState,
    by shards: ShardRunner, on pool: WorkerPool, gradient: UnsafeMutablePointer<Float>
  ) {
    shards.packWeights(on: pool)
    let results = unsafe shards.digests(
      gradient: gradient,
      random: RandomPosition(seed: experiment.configuration.seed, step: 0, firstSample: 0)
    ) { ports, samples in ports.fill(with: MadeUpSamples(experiment), count: samples) }
    let squares = unsafe Reductions.sumOfSquares(gradient, network.trainedCount)
    let rule = UpdateRule(learner, of: experiment.configuration)
    let updates = zip(learner.parameters, network.layout.tensors).compactMap {
      unsafe Fingerprint.update(
        of: $0, at: $1.offset, by: rule, network, gradient: gradient,
        norm: squares.squareRoot())
    }
    self.init(results + updates)
  }

  /// What the first step makes of the beginning of a parameter, in memory of its own.
  private static func update(
    of parameter: Parameter, at place: Int, by rule: UpdateRule, _ network: NetworkState,
    gradient: UnsafePointer<Float>, norm: Double
  ) -> ResultDigest? {
    guard parameter.treatment != .frozen else { return nil }
    let elements = place..<place + min(parameter.count, VectorPartition.chunk)
    var piece = UpdateRule.Piece(
      parameter.treatment, weights: elements.map { unsafe network.weights[$0] },
      gradient: elements.map { unsafe gradient[$0] })
    piece.penalise(by: rule)
    piece.takeFirstStep(by: rule, norm: norm)
    let numbers = piece.weights + piece.gradient + piece.moments.joined()
    return ResultDigest(
      step: "the update of \(parameter.name)",
      digest: unsafe numbers.withUnsafeBytes { unsafe Digest($0) })
  }
}

/// Numbers that look like the samples of a dataset, the same wherever they are made.
private struct MadeUpSamples {
  private let dataset: Dataset
  private let indexLimit: Int?
  private let noiseSize: Int
  private let stream: RandomStream

  init(_ experiment: Experiment) {
    dataset = experiment.data.training
    indexLimit = experiment.configuration.isAdversarial ? nil : experiment.network.indexLimit
    noiseSize = experiment.design.adversaries?.settings.noiseSize ?? 0
    stream = RandomStream(
      seed: 0, purpose: .fingerprint, unit: 0, major: 0, minor: 0)
  }

  /// What programs take beside the fields of a dataset.
  static let others = ["noise", "mixture", "label_noise", "scale", "share"]

  var fields: [Field] { dataset.fields }

  /// The numbers of a field; each kind has a part of the stream for itself.
  func write(_ field: Field, samples: Int, to place: UnsafeMutableRawPointer) {
    let count = samples * field.size
    switch (field.meaning, field.number) {
    case (.samples, .uint8): unsafe fill(place, count, from: 0) { UInt8($0 * 256) }
    case (.samples, .int32):
      unsafe fill(place, count, from: 0) { number in
        guard let indexLimit else { return Int32(clamping: Int(sample(number).rounded())) }
        return Int32(number * Float(indexLimit))
      }
    case (.samples, .float32):
      unsafe fill(place, count, from: 0) { number in
        guard let indexLimit else { return sample(number) }
        return (number * Float(indexLimit)).rounded(.down)
      }
    case (.labels, _):
      guard case .classes(_, let names, _) = dataset.targets else { return }
      unsafe fill(place, count, from: 1) { Int32($0 * Float(names.count)) }
    case (.targets, _): unsafe fill(place, count, from: 1) { 2 * $0 - 1 }
    case (.weights, _): unsafe fill(place, count, from: 2) { $0 + 0.5 }
    case (.named, .uint8): unsafe fill(place, count, from: 6) { UInt8($0 * 256) }
    case (.named, .int32): unsafe fill(place, count, from: 6) { Int32($0 * 256) }
    case (.named, .float32): unsafe fill(place, count, from: 6) { $0 }
    }
  }

  /// The numbers of another input.
  func write(_ input: String, samples: Int, to place: UnsafeMutableRawPointer) {
    switch input {
    case "noise":
      unsafe fill(place, samples * noiseSize, from: 3) { 2 * $0 - 1 }
    case "mixture": unsafe fill(place, samples, from: 4) { $0 }
    case "label_noise": unsafe fill(place, 2 * samples, from: 5) { $0 }
    default:
      unsafe place.storeBytes(of: 1 / Float(samples), as: Float.self)
    }
  }

  /// As far from the mean as samples of the dataset are.
  private func sample(_ number: Float) -> Float {
    let normalisation = dataset.normalisation
    let centred = (2 * number - 1) * normalisation.deviation
    return (centred + normalisation.mean) / normalisation.scale
  }

  private func fill<Number>(
    _ place: UnsafeMutableRawPointer, _ count: Int, from part: Int, _ number: (Float) -> Number
  ) {
    let numbers = unsafe place.assumingMemoryBound(to: Number.self)
    for i in 0..<count { unsafe numbers[i] = number(stream.uniform(at: part << 28 + i)) }
  }
}

extension Ports {
  fileprivate func fill(with samples: MadeUpSamples, count: Int) {
    for field in samples.fields {
      if let place = unsafe input(field.name) {
        unsafe samples.write(field, samples: count, to: place)
      }
    }
    for name in MadeUpSamples.others {
      if let place = unsafe input(name) { unsafe samples.write(name, samples: count, to: place) }
    }
  }
}
