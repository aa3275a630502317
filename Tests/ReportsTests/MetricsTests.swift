import Reports
import TestSupport
import Testing

@Suite struct MetricsTests {
  /// More than any machine word has lanes.
  private static let many: [Metric] = (1...19).map { .top($0) } + [.determination]

  /// A record with other numbers in each entry, every third one without targets.
  private static func random(_ kinds: [Metric], seed: UInt64) -> Metrics {
    var (random, record) = (XorShift(seed: seed), Metrics(kinds))
    record.samples = random.integer(in: 0...1000)
    for entry in 0...kinds.count where entry % 3 != 2 {
      record.add(random.number(in: -10...10), targets: random.integer(in: 1...64), to: entry)
    }
    return record
  }

  @Test func meansAreOverTheirOwnTargets() {
    var record = Metrics([.top(1), .generatorLoss, .determination])
    for (loss, correct, samples) in [(96.0, 3.0, 48), (3, 6, 6)] {
      record.samples += samples
      record.add(loss, targets: samples, to: Metrics.loss)
      record.add(correct, targets: 2 * samples, to: 1)
    }
    record.add(1.5, targets: 2, to: 3)
    #expect(record.samples == 54 && record.loss == 99.0 / 54)
    #expect(record.values.map(\.metric) == [.top(1), .determination])
    #expect(record.values.map(\.value) == [9.0 / 108, 0.25])
    #expect(record["accuracy"] == 9.0 / 108 && record["loss"] == 99.0 / 54)
    #expect(record["generator_loss"] == nil && record["mae"] == nil)
    #expect(record.targets(of: Metric.top(1)) == 108 && record.targets(of: .match) == 0)
    #expect(record.members.map(\.0) == ["accuracy", "r2"])
    record.setMean(0.25, of: Metrics.loss)
    #expect(record.sum(of: Metrics.loss) == 13.5)
  }

  @Test func nothingYetIsNothing() {
    let record = Metrics(Self.many)
    #expect(record.loss == 0 && record.samples == 0 && record.values.isEmpty)
    var used = Self.random(Self.many, seed: 1)
    used.reset()
    #expect(used == record)
  }

  @Test(arguments: 1...20) func recordsAreAddedAsTheirWordsAre(_ seed: UInt64) {
    let kinds = Array(Self.many.prefix(Int(seed)))
    let parts = (0..<3).map { Self.random(kinds, seed: seed * 3 + $0) }
    var (whole, read) = (Metrics(kinds), Metrics(kinds))
    var words = [UInt64](repeating: 0, count: 3 * whole.wordCount)
    for (number, part) in parts.enumerated() {
      whole += part
      unsafe words.withUnsafeMutableBufferPointer { words in
        guard let start = words.baseAddress else { return }
        unsafe part.write(to: start + number * whole.wordCount)
        unsafe read.add(start + number * whole.wordCount)
      }
    }
    #expect(read == whole && whole.wordCount == 3 + 2 * kinds.count)
    for entry in 0...kinds.count {
      #expect(whole.sum(of: entry) == parts.reduce(0) { $0 + $1.sum(of: entry) })
      #expect(whole.targets(of: entry) == parts.reduce(0) { $0 + $1.targets(of: entry) })
    }
  }

  /// Metrics of the same decisions count them once, for each output.
  @Test func partsAreShared() throws {
    let targets = Metric.Targets.classes(3)
    let kinds = try ["recall", "accuracy", "f1_micro", "balanced_accuracy"].map {
      try #require(Metric($0, fitting: targets))
    }
    let record = Metrics(kinds)
    #expect(record.entryCount == 5 + 6)
    #expect(record.names == ["loss"] + kinds.map(\.name) + (0..<6).map { "recall/\($0)" })
    #expect(record.place(ofMetric: 0).part(0) == record.place(ofMetric: 3).part(0))
    let two = kinds.map { $0.of(output: "a") } + kinds.map { $0.of(output: "b") }
    #expect(Metrics(two).entryCount == 9 + 12 && Metrics.wordCount(of: two) == 1 + 2 * 21)
  }

  /// A metric of the whole set has no value before it is set, and sums do not matter to it.
  @Test func metricsOfAWholeSetAreSet() throws {
    let auc = try #require(Metric("auc", fitting: .classes(2)))
    var record = Metrics([auc, .top(1)])
    record.add(3, targets: 4, to: Metrics.entry(ofMetric: 0))
    #expect(record.values.isEmpty)
    record.set(0.75, ofMetric: 0)
    #expect(record["auc"] == 0.75 && record.members.map(\.0) == ["auc"])
    record.reset()
    #expect(record.values.isEmpty && record == Metrics([auc, .top(1)]))
  }

  @Test func numbersOfACheckpointAreReadBack() {
    let record = Self.random(Self.many, seed: 9)
    func read(_ sums: [Double], _ targets: [Double]) -> Metrics? {
      Metrics(Self.many, samples: record.samples, sums: sums, targets: targets)
    }
    #expect(read(record.sums, record.targets) == record)
    #expect(
      record.names.count == record.sums.count && record.names.prefix(2) == ["loss", "accuracy"])
    #expect(read(record.sums.dropLast(), record.targets) == nil)
    #expect(read(record.sums, record.targets + [1]) == nil)
    #expect(read(record.sums, [-1] + record.targets.dropFirst()) == nil)
    #expect(read(record.sums, [.nan] + record.targets.dropFirst()) == nil)
  }
}
