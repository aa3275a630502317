import Configuration
import Datasets
import Diagnostics
import Foundation
import TestSupport
import Testing

/// Random ways to divide samples: what every one of them keeps.
@Suite struct SplittingTests {
  struct Golden: Decodable {
    struct Case: Decodable {
      let labels: [Int]
      let folds: Int
      let counts: [[Int]]
    }

    let stratified: [Case]
    let groups: [Case]
    let sizes: [Case]
    let weights: [[Float]]

    /// Of scikit-learn.
    static func read() throws -> Golden {
      let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("../References/splits.json")
      return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
    }
  }

  /// A table in the configuration; its only number is the place of the sample.
  private func load(
    labels: [Int], _ data: String, seed: UInt64 = 1
  ) throws -> Splits {
    let samples = labels.indices.map { "[\($0)]" }.joined(separator: ", ")
    let settings = try Settings(
      text: """
        data: {dataset: table, samples: [\(samples)],
               labels: [\(labels.map(String.init).joined(separator: ", "))], batch: 1, \(data)}
        """, source: "t.yaml", schema: DataConfigurationTests.schema)
    return try DataConfiguration(settings.section("data")).load(seed: seed)
  }

  private func places(_ set: Dataset?) throws -> [Int] {
    try set?.numbers.map { Int($0) } ?? []
  }

  /// Labels of some classes, few of some and many of others, in any order.
  private func labels(_ random: inout some RandomNumberGenerator) -> [Int] {
    let classes = Int.random(in: 1...5, using: &random)
    return (0..<classes).flatMap { name in
      [Int](repeating: name, count: Int.random(in: 8...40, using: &random))
    }.shuffled(using: &random)
  }

  @Test(arguments: ["random", "stratified"])
  func setsArePartsOfTheWhole(split: String) throws {
    var random = XorShift(seed: 7)
    for number in 0..<40 {
      let labels = labels(&random)
      let (test, validation) = (
        Double.random(in: 0.1...0.4, using: &random), Double.random(in: 0.1...0.4, using: &random)
      )
      let sets = try load(
        labels: labels, "split: \(split), test: \(test), validation: \(validation)",
        seed: UInt64(number))
      let parts = try [sets.training, sets.validation, sets.test].map { try places($0) }
      #expect(parts.flatMap(\.self).sorted() == Array(labels.indices))
      #expect(parts.allSatisfy { !$0.isEmpty && $0 == $0.sorted() })
      let wanted = Int((test * Double(labels.count)).rounded())
      #expect(parts[2].count == wanted)
      guard split == "stratified" else { continue }
      for name in Set(labels) {
        let all = Double(labels.count { $0 == name })
        let quota = Double(wanted) * all / Double(labels.count)
        let found = Double(parts[2].count { labels[$0] == name })
        #expect(abs(found - quota) < 1 || found == 1, "class \(name): \(found) of \(quota)")
      }
    }
  }

  @Test(arguments: ["random", "stratified"])
  func foldsTakeTurns(split: String) throws {
    var random = XorShift(seed: 11)
    for number in 0..<12 {
      let labels = labels(&random)
      let count = Int.random(in: 2...8, using: &random)
      var tested: [Int] = []
      var ofClasses: [[Int]] = []
      for fold in 1...count {
        let sets = try load(
          labels: labels, "split: \(split), fold: \(fold)/\(count), validation: none",
          seed: UInt64(number))
        let test = try places(sets.test)
        #expect(try (places(sets.training) + test).sorted() == Array(labels.indices))
        #expect(sets.validation == nil)
        #expect(abs(test.count - labels.count / count) <= 1)
        tested += test
        ofClasses.append(Set(labels).sorted().map { name in test.count { labels[$0] == name } })
      }
      #expect(tested.sorted() == Array(labels.indices))
      guard split == "stratified", let first = ofClasses.first else { continue }
      for name in first.indices {
        let counts = ofClasses.map { $0[name] }
        #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 1, "class \(name): \(counts)")
      }
    }
  }

  /// The number of samples of each class in each fold is that of StratifiedKFold.
  @Test func stratifiedFoldsAsScikitLearn() throws {
    let golden = try Golden.read()
    for (one, weights) in zip(golden.stratified, golden.weights) {
      for fold in 1...one.folds {
        let sets = try load(
          labels: one.labels, "split: stratified, fold: \(fold)/\(one.folds)")
        let test = try places(sets.test)
        let counts = weights.indices.map { name in test.count { one.labels[$0] == name } }
        #expect(counts == one.counts[fold - 1])
      }
      let whole = try load(labels: one.labels, "weights: balanced, validation: none")
      #expect(whole.training.weights == one.labels.map { weights[$0] })
    }
  }

  @Test func sizesOfFoldsAsScikitLearn() throws {
    for one in try Golden.read().sizes {
      let sizes = try (1...one.folds).map {
        try load(labels: one.labels, "fold: \($0)/\(one.folds)").test.count
      }
      #expect(sizes == one.counts[0])
    }
  }

  @Test func validationIsAShareOfTheRest() throws {
    let labels = [Int](repeating: 0, count: 100)
    let held = try load(labels: labels, "test: 0.2, validation: 0.25")
    #expect(held.test.count == 20 && held.validation?.count == 20 && held.training.count == 60)
    let fold = try load(labels: labels, "fold: 2/5, validation: 0.25")
    #expect(fold.test.count == 20 && fold.validation?.count == 20 && fold.training.count == 60)
    // A fold takes the place of a share.
    let both = try load(labels: labels, "fold: 2/5, validation: 0.25, test: 0.4")
    #expect(both.contentHash == fold.contentHash)
    let watched = try load(labels: labels, "fold: 2/5")
    #expect(watched.validation?.contentHash == watched.test.contentHash)
  }

  @Test func theSeedChooses() throws {
    let labels = (0..<60).map { $0 % 3 }
    for split in ["random", "stratified"] {
      let first = try load(labels: labels, "split: \(split), test: 0.3")
      let second = try load(labels: labels, "split: \(split), test: 0.3", seed: 2)
      #expect(try places(first.test) != places(second.test))
    }
  }

  @Test(arguments: [
    ("fold: 3", "as 2/5"), ("fold: 0/5", "as 2/5"), ("fold: 6/5", "as 2/5"),
    ("fold: 1/1", "as 2/5"), ("fold: 1/7", "6 samples are too few for 7 folds"),
    ("split: stratified, fold: 1/4", "the class '0' has 3 samples"),
    ("split: {group: house}, test: 0.5", "takes a column of a table in files"),
    ("split: {column: part}", "takes a column of a table in files"),
    ("order: streams, fold: 1/2, drop_last: true", "of streams the end is held out"),
    ("fold: 1/6, validation: 0.5, split: {column: part}", "leave validation or split out"),
  ])
  func whatDoesNotFitIsRefused(data: String, message: String) {
    let failure = #expect(throws: Failure.self) {
      _ = try load(labels: [0, 1, 0, 1, 0, 1], data)
    }
    #expect(failure?.message.contains(message) == true, "\(failure?.message ?? "")")
  }

  @Test func drawnDataHaveATestSet() throws {
    let failure = #expect(throws: Failure.self) {
      _ = try DataConfigurationTests().decode("data: {dataset: digits, test: 0.1}").load(seed: 1)
    }
    #expect(failure?.message.contains("has a test set") == true)
    let folds = try DataConfigurationTests().decode(
      "data: {dataset: digits, train_samples: 50, split: stratified, fold: 5/5}")
    #expect(try folds.load(seed: 1).test.count == 10)
    #expect(try folds.outline(seed: 1).test.count == 10)
  }

  /// Streams are held out at their end: the test set last, the validation set before it.
  @Test func theEndOfStreams() throws {
    let sets = try load(
      labels: [Int](repeating: 0, count: 20), "order: streams, test: 0.2, validation: 0.25")
    #expect(try places(sets.test) == Array(16..<20))
    #expect(try places(sets.validation) == Array(12..<16))
  }

  @Test func balancedWeights() throws {
    let labels = [0, 0, 0, 0, 0, 0, 1, 1, 2, -1]
    let sets = try load(labels: labels, "weights: balanced, validation: none")
    #expect(sets.training.weights == [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 1.5, 1.5, 3, 1])
    #expect(!sets.training.weighsMetrics)
    let held = try load(
      labels: (0..<40).map { $0 % 4 == 0 ? 1 : 0 },
      "weights: balanced, split: stratified, test: 0.2")
    #expect(held.test.weights.map(Set.init) == [1])
    #expect(held.training.weights.map { Set($0).sorted() } == [Float(32) / 48, 2])
  }

  /// Left out, a batch is no larger than the training set.
  @Test func aBatchForFewSamples() throws {
    let data = try DataConfigurationTests().decode(
      "data: {dataset: table, samples: [[1], [2], [3]], targets: [[1], [2], [3]]}")
    #expect(try data.load(seed: 1).training.count == 3)
    #expect(data.fitted(to: 3).batch == 3)
    #expect(data.fitted(to: 100).batch == 64)
    #expect(data.sampler(over: 3, seed: 1).batchSizes == [3])
    let given = try DataConfigurationTests().decode(
      "data: {dataset: table, batch: 4, samples: [[1], [2], [3]], targets: [[1], [2], [3]]}")
    #expect(throws: Failure.self) { _ = try given.load(seed: 1) }
  }
}
