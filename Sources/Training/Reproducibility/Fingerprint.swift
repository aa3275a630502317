package import Communication
internal import Datasets
package import Diagnostics
package import Execution
internal import Graphs
internal import Kernels
internal import Networks
internal import Randomness

/// The digests of one step on synthetic samples: of each instruction's results and of each update.
///
/// Libraries choose kernels by the processor, and these may round differently. Hosts with equal
/// fingerprints compute equal bits.
package struct Fingerprint: Sendable {
  package let results: [ResultDigest]

  package init(_ results: [ResultDigest]) { self.results = results }

  /// The digest of all digests, as checkpoints hold it.
  package var text: String {
    var digest = Digest()
    for result in results { digest.add(result.digest.value) }
    return digest.description
  }

  /// Eight bits of each digest: short enough for a checkpoint, and enough to find the first
  /// difference.
  package var outline: String {
    results.prefix(16_000).map { String($0.digest.description.prefix(2)) }.joined()
  }

  /// The first instruction whose result differs from an outline; nil if none is found.
  package func firstDifference(from outline: String) -> String? {
    let (own, other) = (Array(self.outline), Array(outline))
    let equal = zip(own, other).prefix { $0 == $1 }.count
    return own.count == other.count && equal < own.count ? results[equal / 2].step : nil
  }
}

extension Fingerprint {
  /// Computes a step without changing the weights.
  ///
  /// `gradient` is scratch memory.
  init(
    of group: ParameterGroup, in experiment: Experiment, _ network: NetworkState,
    by shards: ShardRunner, on pool: WorkerPool, gradient: UnsafeMutablePointer<Float>
  ) {
    shards.packWeights(on: pool)
    let results = unsafe shards.digests(
      gradient: gradient,
      random: RandomPosition(seed: experiment.configuration.seed, step: 0, firstSample: 0)
    ) { bindings, samples in bindings.fill(with: SyntheticSamples(experiment), count: samples) }
    let squares = unsafe Reductions.sumOfSquares(gradient, network.trainedCount)
    let rule = UpdateRule(group, of: experiment.configuration)
    let updates = zip(group.parameters, network.layout.tensors).compactMap {
      unsafe Fingerprint.update(
        of: $0, at: $1.offset, by: rule, network, gradient: gradient,
        norm: squares.squareRoot())
    }
    self.init(results + updates)
  }

  /// The digest of the first update of the first elements of a parameter.
  private static func update(
    of parameter: Parameter, at place: Int, by rule: UpdateRule, _ network: NetworkState,
    gradient: UnsafePointer<Float>, norm: Double
  ) -> ResultDigest? {
    guard parameter.updateKind != .frozen else { return nil }
    let elements = place..<place + min(parameter.count, VectorPartition.chunk)
    var piece = UpdateRule.Piece(
      parameter.updateKind, weights: elements.map { unsafe network.weights[$0] },
      gradient: elements.map { unsafe gradient[$0] })
    piece.penalise(by: rule)
    piece.takeFirstStep(by: rule, norm: norm)
    let numbers = piece.weights + piece.gradient + piece.moments.joined()
    return ResultDigest(
      step: "the update of \(parameter.name)",
      digest: unsafe numbers.withUnsafeBytes { unsafe Digest($0) })
  }
}

/// Random samples with the shapes and ranges of a dataset, with the same bits on every host.
private struct SyntheticSamples {
  private let dataset: Dataset
  private let indexLimits: [String: Int]
  private let lengthLimits: [String: Int]
  private let noiseSize: Int
  private let states: [CarriedState]
  private let stream: RandomStream

  init(_ experiment: Experiment) {
    dataset = experiment.data.training
    let network = experiment.compiled.adversaries == nil ? experiment.network : nil
    indexLimits = network?.indexLimits ?? [:]
    lengthLimits = network?.lengthLimits ?? [:]
    states = experiment.compiled.states
    noiseSize = experiment.compiled.adversaries?.settings.noiseSize ?? 0
    stream = RandomStream(
      seed: 0, purpose: .fingerprint, unit: 0, major: 0, minor: 0)
  }

  /// The inputs of programs beside the fields of a dataset.
  var others: [String] {
    ["noise", "mixture", "label_noise", "scale", "share", CarriedState.begins] + states.map(\.name)
  }

  var fields: [Field] { dataset.fields }

  /// Writes a field; each kind has its own part of the random stream.
  func write(_ field: Field, samples: Int, to place: UnsafeMutableRawPointer) {
    let count = samples * field.size
    let (limit, indexLimit) = (lengthLimits[field.name], indexLimits[field.name])
    func integer(_ number: Float) -> Int {
      limit.map { 1 + Int(number * Float($0)) } ?? Int(number * Float(indexLimit ?? 256))
    }
    switch (field.role, field.number) {
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
      guard let names = dataset.targets.classNames else { return }
      unsafe fill(place, count, from: 1) { Int32($0 * Float(names.count)) }
    case (.targets, _): unsafe fill(place, count, from: 1) { 2 * $0 - 1 }
    case (.weights, _): unsafe fill(place, count, from: 2) { $0 + 0.5 }
    case (.named, .uint8): unsafe fill(place, count, from: 6) { UInt8(clamping: integer($0)) }
    case (.named, .int32): unsafe fill(place, count, from: 6) { Int32(integer($0)) }
    case (.named, .float32): unsafe fill(place, count, from: 6) { $0 }
    }
  }

  /// Writes an input that is no field.
  func write(_ input: String, samples: Int, to place: UnsafeMutableRawPointer) {
    switch input {
    case "noise":
      unsafe fill(place, samples * noiseSize, from: 3) { 2 * $0 - 1 }
    case "mixture": unsafe fill(place, samples, from: 4) { $0 }
    case "label_noise": unsafe fill(place, 2 * samples, from: 5) { $0 }
    case CarriedState.begins:
      unsafe fill(place, samples, from: 7) { UInt8($0 < 0.5 ? 1 : 0) }
    case let name where states.contains { $0.name == name }:
      let size = states.first { $0.name == name }?.size ?? 0
      unsafe fill(place, samples * size, from: 8) { 2 * $0 - 1 }
    default:
      unsafe place.storeBytes(of: 1 / Float(samples), as: Float.self)
    }
  }

  /// A number with the mean and deviation of the dataset.
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

extension Bindings {
  fileprivate func fill(with samples: SyntheticSamples, count: Int) {
    for field in samples.fields {
      if let place = unsafe input(field.name) {
        unsafe samples.write(field, samples: count, to: place)
      }
    }
    for name in samples.others {
      if let place = unsafe input(name) { unsafe samples.write(name, samples: count, to: place) }
    }
  }
}

extension Communicator {
  /// Throws if the fingerprints of ranks differ; names the first instruction that does.
  ///
  /// Collective.
  package func compare(_ fingerprint: Fingerprint, of engine: Engine) throws(Failure) {
    guard let (odd, right) = Self.disagreement(try allGather(fingerprint.text)) else { return }
    let isHeard = rank == odd || rank == right
    let machines = try allGather(isHeard ? "\(Processor.name), \(engine.library)" : "")
    let results = try allGather(
      isHeard
        ? fingerprint.results.map { "\($0.digest) \($0.step)" }.joined(separator: "\n") : "")
    let lines = [odd, right].map { results[$0].split(separator: "\n") }
    let place = zip(lines[0], lines[1]).prefix { $0 == $1 }.count
    let step = lines.lazy.compactMap { $0.dropFirst(place).first?.dropFirst(17) }.first
    try together { () throws(Failure) in
      throw Failure(
        .disagreement,
        "the ranks compute different bits: \(describe(odd)) (\(machines[odd])) and "
          + "\(describe(right)) (\(machines[right])), first in "
          + "\(step ?? "a result without a name"); start on hosts of one kind, or set isa in the "
          + "configuration to what all of them have")
    }
  }
}
