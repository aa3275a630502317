import Datasets
import Diagnostics
import GradientChecks
import Graphs
import Reports
import TestSupport
import Testing
import Training

/// Targets for each step or pixel, targets that do not count, and samples that are to be returned.
@Suite struct AnyShapeTests {
  private func experiment(
    _ model: String, loss: String = "cross_entropy", train: String = "{epochs: 1}",
    batch: Int = 4, shards: Int = 2, _ data: Dataset
  ) throws -> Experiment {
    try Experiment(
      RunConfiguration(
        text: """
          name: shapes
          shards: \(shards)
          data: {dataset: digits, batch: \(batch), validation: test}
          model: \(model)
          loss: \(loss)
          optimizer: {sgd: 0.1}
          train: \(train)
          """, source: "shapes.yaml"),
      data: Splits(training: data, test: data, validation: .test, seed: 1))
  }

  private func noise(_ count: Int, seed: UInt64) -> [Float] {
    var random = XorShift(seed: seed)
    return (0..<count).map { _ in Float(random.number(in: -1...1)) }
  }

  /// All ranks know it before the step: nothing hangs, and the weights stay as they were.
  @Test func batchWithoutTargets() throws {
    let labels = [Int32](repeating: -1, count: 4 * 3) + [0, -1, 1, -1, -1, 1, 0, 0, 0, 1, 1, 1]
    let data = Dataset(
      shape: [3, 2], elements: .floats(noise(8 * 6, seed: 1)),
      targets: .classes(labels, names: ["a", "b"], shape: [3]),
      normalisation: Normalisation(scale: 1, mean: 0, deviation: 1))
    let experiment = try experiment("[{dense: 2}]", data)
    try withTrainer(experiment) { trainer in
      let before = StateBits(trainer.state)
      #expect(
        throws: Failure(
          .badData,
          "step 1: none of the targets of the 4 samples counts, all are to be ignored: use a larger "
            + "batch, or leave such samples out")
      ) { try trainer.step(Batch(samples: [0, 1, 2, 3])) }
      #expect(StateBits(trainer.state) == before)
      let report = try trainer.step(Batch(samples: [3, 4, 0, 7]))
      #expect(report.metrics.targets(of: Metrics.loss) == 5)
    }
  }

  /// Predictions are the samples, so everything can be counted by hand.
  @Test func metricsAreOverTargetsThatCount() throws {
    let (samples, places, classes) = (70, 6, 4)
    var random = XorShift(seed: 2)
    let scores = noise(samples * places * classes, seed: 3)
    let labels = (0..<samples * places).map { _ in Int32(random.integer(in: -1...classes - 1)) }
    let data = Dataset(
      shape: [2, 3, classes], elements: .floats(scores),
      targets: .classes(labels, names: ["a", "b", "c", "d"], shape: [2, 3]),
      normalisation: Normalisation(scale: 1, mean: 0, deviation: 1))
    let identity = (0..<4).map { row in (0..<4).map { row == $0 ? 1 : 0 } }
    let experiment = try experiment(
      "[{dense: {units: 4, weight: \(identity), bias: false}}]",
      train: "{epochs: 1, metrics: [accuracy, top2, iou]}", data)
    let found = try withTrainer(experiment) { trainer in
      (
        try #require(try trainer.validate()), try #require(try trainer.evaluator?.confusion()),
        try trainer.evaluator?.confusion()
      )
    }
    var (right, second) = (0, 0)
    var confusion = [[Int]](repeating: [0, 0, 0, 0], count: 4)
    for (place, label) in labels.enumerated() where label >= 0 {
      let row = Array(scores[place * 4..<place * 4 + 4])
      let order = row.indices.sorted { row[$0] > row[$1] }
      right += order[0] == Int(label) ? 1 : 0
      second += order[..<2].contains(Int(label)) ? 1 : 0
      confusion[Int(label)][order[0]] += 1
    }
    let counting = labels.count { $0 >= 0 }
    let shares = (0..<4).map { label in
      let union =
        confusion[label].reduce(0, +) + confusion.reduce(0) { $0 + $1[label] }
        - confusion[label][label]
      return Double(confusion[label][label]) / Double(union)
    }
    #expect(found.0.targets(of: Metrics.loss) == Double(counting))
    #expect(found.0["accuracy"] == Double(right) / Double(counting))
    #expect(found.0["top2"] == Double(second) / Double(counting))
    #expect(isClose(found.0["iou"] ?? .nan, shares.reduce(0, +) / 4, relative: 1e-12))
    #expect(found.1.counts == confusion && found.2 == found.1)
  }

  /// Errors, shares of right answers and R² of real targets, some of which are NaN.
  @Test func metricsOfMapsAreOverTargetsThatCount() throws {
    let (samples, size) = (70, 6)
    let numbers = noise(samples * size, seed: 4)
    var truth = noise(samples * size, seed: 5)
    var random = XorShift(seed: 6)
    for place in truth.indices where random.integer(in: 0...3) == 0 { truth[place] = .nan }
    let data = Dataset(
      shape: [1, 3, 2], elements: .floats(numbers), targets: .values(truth, shape: [1, 3, 2]),
      normalisation: Normalisation(scale: 1, mean: 0, deviation: 1))
    let experiment = try experiment(
      "[{dense: {units: 2, weight: [[1, 0], [0, 1]], bias: false}}]", loss: "mse",
      train: "{epochs: 1, metrics: [mae, r2, match]}", data)
    let found = try withTrainer(experiment) { try #require(try $0.validate()) }
    let counting = truth.indices.filter { !truth[$0].isNaN }
    func error(_ place: Int) -> Double { Double(numbers[place]) - Double(truth[place]) }
    let determination = (0..<size).reduce(0.0) { sum, output in
      let own = counting.filter { $0 % size == output }
      let mean = own.reduce(0) { $0 + Double(truth[$1]) } / Double(own.count)
      let spread = own.reduce(0) { $0 + (Double(truth[$1]) - mean) * (Double(truth[$1]) - mean) }
      return sum + 1 - own.reduce(0) { $0 + error($1) * error($1) } / spread
    }
    let rows = (0..<samples * 3).filter { !truth[2 * $0].isNaN && !truth[2 * $0 + 1].isNaN }
    let matches = rows.count {
      (numbers[2 * $0] >= numbers[2 * $0 + 1]) == (truth[2 * $0] >= truth[2 * $0 + 1])
    }
    let mean = counting.reduce(0) { $0 + abs(error($1)) } / Double(counting.count)
    #expect(isClose(found["mae"] ?? .nan, mean, relative: 1e-12))
    #expect(isClose(found["r2"] ?? .nan, determination / Double(size), relative: 1e-10))
    #expect(found["match"] == Double(matches) / Double(rows.count))
    let squares = counting.reduce(0) { $0 + error($1) * error($1) } / Double(counting.count)
    #expect(isClose(found.loss, squares, relative: 1e-6))
  }

  /// A loss that names a field reads it, the fingerprint and the check of gradients do as well.
  @Test(arguments: [true, false])
  func fieldsCanBeTargets(_ areBytes: Bool) throws {
    let bytes = (0..<24).map { UInt8($0 * 7 % 5) }
    let data = Dataset(
      shape: [2], elements: .floats(noise(16, seed: 7)),
      targets: .classes([Int32](repeating: 0, count: 8), names: ["a"]),
      namedFields: [
        NamedField(
          "depth", shape: [3], areBytes ? .bytes(bytes) : .floats(bytes.map { Float($0) }))
      ], normalisation: Normalisation(scale: 1, mean: 0, deviation: 1))
    let model = "[{dense: {units: 3, weight: [[1, 0], [0, 1], [1, 1]], bias: false}}]"
    let experiment = try experiment(model, loss: "{mse: {target: depth}}", data)
    let (fingerprint, found) = try withTrainer(experiment) {
      ($0.fingerprint.text, try #require(try $0.validate()))
    }
    let numbers = try data.numbersOfSamples
    let errors = bytes.enumerated().map { place, target in
      let (x, y) = (numbers[place / 3 * 2], numbers[place / 3 * 2 + 1])
      return [x, y, x + y][place % 3] - Double(target)
    }
    #expect(isClose(found.loss, errors.reduce(0) { $0 + $1 * $1 } / 24, relative: 1e-6))
    let mean = errors.reduce(0) { $0 + abs($1) } / 24
    #expect(isClose(found["mae"] ?? .nan, mean, relative: 1e-6))
    #expect(try withTrainer(experiment) { $0.fingerprint.text } == fingerprint)
    let check = try GradientChecker.check(experiment, workers: 1)
    #expect(check.rows.allSatisfy { $0.verdict == .right })
  }

  /// What a loss can make nothing of is refused, wherever the targets stand.
  @Test func fieldsBeyondTheRangeOfALoss() {
    let data = Dataset(
      shape: [2], elements: .floats(noise(16, seed: 8)), targets: .none,
      namedFields: [NamedField("depth", shape: [], .floats([0, 1, 0.5, 1, 1.5, 0, 0, 0]))])
    func refusal(_ target: String, _ units: Int) -> String? {
      let error = #expect(throws: Failure.self) {
        try experiment(
          "[{dense: \(units)}]", loss: "{binary_cross_entropy: {target: \(target)}}", data)
      }
      return error?.message
    }
    #expect(
      refusal("depth", 1)
        == "sample 4 has 1.5 in the field 'depth', expected 0 to 1 for binary_cross_entropy")
    #expect(refusal("samples", 2)?.contains("the samples are normalised or no pixels") == true)
  }

  /// Held-out digits through 16 numbers, against the best linear way through as many.
  @Test func autoencoderIsBetterThanPrincipalComponents() throws {
    let configuration = try RunConfiguration(
      text: """
        name: autoencoder
        data: {dataset: digits, train_samples: 6000, test_samples: 500, batch: 32}
        model:
          [{conv: {filters: 8, stride: 2}}, relu, {conv: {filters: 16, stride: 2}}, relu, flatten,
           {dense: 16}, {dense: 784}, relu, {reshape: [7, 7, 16]},
           {conv_transpose: {filters: 8, stride: 2}}, relu, {conv_transpose: {filters: 1, stride: 2}}]
        loss: {mse: {target: samples}}
        optimizer: {adam: 0.003}
        train: {epochs: 6}
        """, source: "autoencoder.yaml")
    let experiment = try Experiment(configuration)
    let loss = try withTrainer(experiment) { trainer in
      var sampler = experiment.sampler
      for step in 0..<6 * sampler.stepsPerEpoch {
        _ = try trainer.step(sampler.batch(atStep: step))
      }
      let found = try #require(try trainer.validate())
      #expect(found.values.map(\.metric) == [.meanAbsoluteError])
      return found.loss
    }
    let components = try PrincipalComponents(of: experiment.data.training.numbers, width: 784, 16)
    let bound = components.error(of: try experiment.data.test.numbers)
    #expect(loss < bound, "\(loss), principal components \(bound)")
    print("autoencoder of 16 numbers: \(loss), principal components: \(bound)")
  }
}

extension Dataset {
  /// All samples, which are real numbers.
  fileprivate var numbersOfSamples: [Double] {
    get throws {
      var numbers = [Float](repeating: 0, count: count * sampleSize)
      try unsafe numbers.withUnsafeMutableBytes {
        try unsafe copy(samples: Array(0..<Int32(count))[...], into: $0)
      }
      return numbers.map { Double($0) }
    }
  }

  /// All samples as a network sees them.
  fileprivate var numbers: [Double] {
    get throws {
      var bytes = [UInt8](repeating: 0, count: count * sampleSize)
      try unsafe bytes.withUnsafeMutableBytes {
        try unsafe copy(samples: Array(0..<Int32(count))[...], into: $0)
      }
      let (scale, mean) = (Double(normalisation.scale), Double(normalisation.mean))
      return bytes.map { (Double($0) * scale - mean) / Double(normalisation.deviation) }
    }
  }
}

/// The directions in which samples vary most, by orthogonal iteration.
private struct PrincipalComponents {
  private let width: Int
  private let mean: [Double]
  private var directions: [[Double]]

  init(of samples: [Double], width: Int, _ count: Int) throws {
    self.width = width
    let rows = samples.count / width
    mean = (0..<width).map { column in
      (0..<rows).reduce(0) { $0 + samples[$1 * width + column] } / Double(rows)
    }
    var random = XorShift(seed: 9)
    directions = (0..<count).map { _ in (0..<width).map { _ in random.number(in: -1...1) } }
    let centred = samples.indices.map { samples[$0] - mean[$0 % width] }
    for _ in 0..<12 {
      var next = [[Double]](repeating: [Double](repeating: 0, count: width), count: count)
      for row in 0..<rows {
        let place = row * width
        for (k, direction) in directions.enumerated() {
          var score = 0.0
          for i in 0..<width { score += centred[place + i] * direction[i] }
          for i in 0..<width { next[k][i] += score * centred[place + i] }
        }
      }
      directions = next
      orthonormalise()
    }
  }

  private mutating func orthonormalise() {
    for k in directions.indices {
      for other in 0..<k {
        let share = zip(directions[k], directions[other]).reduce(0) { $0 + $1.0 * $1.1 }
        for i in 0..<width { directions[k][i] -= share * directions[other][i] }
      }
      let length = directions[k].reduce(0) { $0 + $1 * $1 }.squareRoot()
      for i in 0..<width { directions[k][i] /= length }
    }
  }

  /// The mean squared error of samples that come back from their coordinates.
  func error(of samples: [Double]) -> Double {
    var sum = 0.0
    for first in stride(from: 0, to: samples.count, by: width) {
      var rest = (0..<width).map { samples[first + $0] - mean[$0] }
      for direction in directions {
        let score = zip(rest, direction).reduce(0) { $0 + $1.0 * $1.1 }
        for i in 0..<width { rest[i] -= score * direction[i] }
      }
      sum += rest.reduce(0) { $0 + $1 * $1 }
    }
    return sum / Double(samples.count)
  }
}
