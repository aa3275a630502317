import Configuration
import Datasets
import Diagnostics
import Foundation
import TestSupport
import Testing

/// Texts of which tokens are hidden and to be predicted.
@Suite struct MaskingTests {
  private let files: DataFolder

  init() throws { files = try DataFolder() }

  /// What an independent implementation makes of samples (`make_hidden_tokens.py`).
  private struct Known: Decodable {
    let text: [UInt8]
    let length: Int
    let share: Double
    let seed: UInt64
    let epoch: Int?
    let samples: [[Int32]]
    let targets: [[Int32]]
  }

  private func load(_ known: Known) throws -> Dataset {
    try files.put(known.text, at: "data/t.txt")
    return try load(
      "dataset: {text: {training: t.txt, length: \(known.length), tokens: bytes}}, "
        + "masked: \(known.share), validation: none", seed: known.seed
    ).training
  }

  private func load(_ data: String, seed: UInt64) throws -> Splits {
    let settings = try Settings(
      text: "data: {\(data), from: \(files.path("data")), batch: 1}", source: "t.yaml",
      schema: DataConfigurationTests.schema)
    return try DataConfiguration(settings.section("data")).load(seed: seed, in: files.places)
  }

  @Test func samplesAreThoseOfAnotherImplementation() throws {
    let path = "\(FileManager.default.currentDirectoryPath)/Tests/References/hidden_tokens.json"
    let all = try JSONDecoder().decode(
      [Known].self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    for known in all {
      let data = try load(known)
      #expect(data.count == 4)
      let all = try data.read([0, 1, 2, 3], epoch: known.epoch)
      #expect(all.samples == known.samples.flatMap(\.self), "\(known.share) \(known.length)")
      #expect(all.targets == known.targets.flatMap(\.self), "\(known.share) \(known.length)")
      // Each sample for itself, in any order.
      let other = try data.read([2, 0], epoch: known.epoch)
      #expect(other.samples == known.samples[2] + known.samples[0])
      #expect(other.targets == known.targets[2] + known.targets[0])
    }
  }

  /// The number of targets is known before a batch is read; their kinds are in BERT's shares.
  @Test func eachSampleHasAsManyTargets() throws {
    let text = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) }
    try files.put(text, at: "data/t.txt")
    let data = try load(
      "dataset: {text: {training: t.txt, length: 33, tokens: bytes}}, masked: 0.15, validation: 0.1",
      seed: 3)
    let set = data.training
    #expect(set.ignoresTargets && set.outline.isMasked && set.outline.tokens == 257)
    #expect(set.outline.targets == .classes(256, shape: [33]))
    #expect(set.countingTargets(in: [4, 7, 9]) == 15)
    let all = Array(0..<Int32(set.count))
    let epochs = try [0, 1].map { try set.read(all, epoch: $0) }
    var (masks, kept, others, inEveryPlace) = (0, 0, 0, [Int](repeating: 0, count: 33))
    for shown in epochs {
      let (samples, targets) = (shown.samples, shown.targets)
      for sample in 0..<set.count {
        let found = targets[sample * 33..<(sample + 1) * 33].count { $0 >= 0 }
        #expect(found == 5)
      }
      for place in targets.indices {
        let original = Int32(text[place])
        guard targets[place] >= 0 else {
          #expect(samples[place] == original)
          continue
        }
        #expect(targets[place] == original)
        inEveryPlace[place % 33] += 1
        if samples[place] == 256 {
          masks += 1
        } else if samples[place] == original {
          kept += 1
        } else {
          others += 1
          #expect((0..<256).contains(samples[place]))
        }
      }
    }
    let count = Double(masks + kept + others)
    #expect(abs(Double(masks) / count - 0.8) < 0.02)
    #expect(abs(Double(kept) / count - 0.1) < 0.02)
    #expect(abs(Double(others) / count - 0.1) < 0.02)
    let mean = count / 33
    let limit = 5 * mean.squareRoot()
    for found in inEveryPlace { #expect(abs(Double(found) - mean) < limit) }
    let same = zip(epochs[0].targets, epochs[1].targets).count { $0 >= 0 && $1 >= 0 }
    // As many as by chance.
    let share = 2 * Double(same) / count
    #expect(abs(share - 5.0 / 33) < 0.03)
  }

  /// A loader reads what the dataset has for the epoch, whichever part of a batch it is for.
  @Test func batchesAreThoseOfTheirEpoch() throws {
    try files.put((0..<3000).map { UInt8(truncatingIfNeeded: $0 * $0 / 5) }, at: "data/t.txt")
    let set = try load(
      "dataset: {text: {training: t.txt, length: 20, tokens: bytes}}, masked: 0.3", seed: 9
    ).training
    let batches = [4, 4, 5].map { Batch(samples: [8, 3, 40, 41, 2, 77], epoch: $0) }
    let whole = try batches.map { try set.read(Array($0.samples), epoch: $0.epoch) }
    #expect(whole[0] == whole[1] && whole[0].samples != whole[2].samples)
    for places in [0..<6, 1..<4, 5..<6] {
      let loader = try BatchLoader(set, places: places)
      for (place, batch) in batches.enumerated() {
        loader.load(batch, next: place < 2 ? batches[place + 1] : nil)
        var found = [Int32](repeating: 0, count: places.count * 20)
        unsafe found.withUnsafeMutableBytes { unsafe loader.copy(samplesAt: places, into: $0) }
        let wanted = places.lowerBound * 20..<places.upperBound * 20
        #expect(found == Array(whole[place].samples[wanted]))
        unsafe found.withUnsafeMutableBytes { unsafe loader.copy(targetsAt: places, into: $0) }
        #expect(found == Array(whole[place].targets[wanted]))
      }
    }
  }

  /// The seed of a run changes what it trains on, and not what it is evaluated on.
  @Test func evaluationsAlwaysHideTheSame() throws {
    try files.put((0..<3000).map { UInt8(truncatingIfNeeded: $0 * $0 / 5) }, at: "data/t.txt")
    try files.put((0..<900).map { UInt8(33 + $0 * $0 / 3 % 90) }, at: "data/u.txt")
    let data =
      "dataset: {text: {training: t.txt, test: u.txt, length: 20, tokens: bytes}}, masked: 0.15, "
      + "validation: 0.2"
    let (one, two) = (try load(data, seed: 1), try load(data, seed: 2))
    for (a, b) in zip(one.sets, two.sets) {
      let all = Array(0..<Int32(a.count))
      #expect(try a.read(all, epoch: nil) == b.read(all, epoch: nil))
      #expect(try a.read(all, epoch: 0) != b.read(all, epoch: 0))
    }
    // A file to evaluate on is read as training read its own.
    let coding = one.test.coding
    #expect(coding.masked == 0.15 && coding.inputTokens == 257)
    let read = try SampleCoding(text: coding.text, source: "coding")
    #expect(read == coding)
    let input = StoredDataset(
      LabelledInput(files.path("data/u.txt")), for: coding, in: files.places)
    let other = try Dataset(input: input.prepare().cache, for: coding)
    let all = Array(0..<Int32(other.count))
    #expect(try other.read(all, epoch: nil) == one.test.read(all, epoch: nil))
    // Masks belong to the run and not to the cache, which serves both kinds of networks.
    let next = try load(data.replacing("masked: 0.15, ", with: ""), seed: 1)
    #expect(next.training.contentHash == one.training.contentHash)
    #expect(!next.training.ignoresTargets && next.training.coding.masked == nil)
    let caches = files.folder.names(in: "cache").filter { $0.hasPrefix("text-") }
    #expect(caches.count == 1)
  }

  @Test func otherDataAndOrdersAreRefused() throws {
    try files.put("x,y\n1,a\n2,b\n", at: "data/t.csv")
    try files.put("abcdefghijkl", at: "data/t.txt")
    for data in [
      "dataset: digits", "dataset: sentences",
      "dataset: {csv: {training: t.csv, label: y}}, from: \(files.path("data"))",
    ] {
      let failure = #expect(throws: Failure.self) {
        try DataConfigurationTests().decode("data: {\(data), masked: 0.15, batch: 1}")
          .load(seed: 1, in: files.places)
      }
      #expect(
        failure?.message.contains("masked: hides tokens of text files, and ") == true,
        "\(failure?.message ?? "")")
    }
    let failure = files.failure(
      "dataset: {text: {training: t.txt, length: 2}}, order: streams, masked: 0.15")
    #expect(
      failure?.message.contains("leave masked or order: streams out") == true,
      "\(failure?.message ?? "")")
    for share in ["0", "1", "-0.1", "nan"] {
      #expect(files.failure("dataset: {text: {training: t.txt}}, masked: \(share)") != nil)
    }
  }
}

extension Dataset {
  /// Samples and targets in an epoch of training, or of an evaluation.
  fileprivate func read(
    _ wanted: [Int32], epoch: Int?
  ) throws -> Shown {
    var shown = Shown(
      samples: [Int32](repeating: 0, count: wanted.count * sampleSize),
      targets: [Int32](repeating: 0, count: wanted.count * sampleSize))
    try unsafe shown.samples.withUnsafeMutableBytes {
      try unsafe copy(samples: wanted[...], epoch: epoch, into: $0)
    }
    try unsafe shown.targets.withUnsafeMutableBytes {
      try unsafe read(targets: wanted[...], epoch: epoch, into: $0)
    }
    return shown
  }

  fileprivate struct Shown: Equatable {
    var samples: [Int32]
    var targets: [Int32]
  }
}
