import Datasets
import Diagnostics
import Foundation
import Randomness
import TestSupport
import Testing

/// Drawn sequences, whose number of steps can be set.
@Suite struct SequencesTests {
  static let names = ["adding", "copy", "induction", "sines", "tags", "sentences"]

  func load(
    _ name: String, _ training: Int, test: Int = 1, steps: Int? = nil, _ more: String = ""
  ) throws -> Splits {
    let steps = steps.map { ", steps: \($0)" } ?? ""
    return try DataConfigurationTests().decode(
      "data: {dataset: \(name), train_samples: \(training), test_samples: \(test), batch: 1"
        + "\(steps)\(more)}"
    ).load(seed: 1)
  }

  func integers(_ data: Dataset, _ name: String = "samples") throws -> [Int] {
    let field = try #require(data.field(name))
    #expect(field.number == .int32)
    var numbers = [Int32](repeating: 0, count: data.count * field.size)
    try unsafe numbers.withUnsafeMutableBytes {
      try unsafe data.copy(field, of: Array(0..<Int32(data.count))[...], into: $0)
    }
    return numbers.map(Int.init)
  }

  // MARK: All of them

  @Test(arguments: [
    ("adding", "2d7b46ec746bfac1", "7af1db785cd1f5dc"),
    ("copy", "dda68d65b654c482", "6da2c542ce36687a"),
    ("induction", "1008989405a08f30", "367b3362f2e7d0a4"),
    ("sines", "9a5ddb67cd3dc0b8", "e2f6564fa78de82d"),
    ("tags", "f38b767e473ea701", "4cb325b9d31dfc1e"),
    ("sentences", "739ba8e04204f61a", "6a0b0fa81f0a808a"),
  ])
  func theBitsArePinned(_ name: String, _ training: String, _ test: String) throws {
    let data = try load(name, 200, test: 100)
    #expect(data.training.contentHash.description == training)
    #expect(data.test.contentHash.description == test)
  }

  @Test(arguments: names)
  func aSampleDoesNotDependOnTheCount(_ name: String) throws {
    let (few, many) = (try load(name, 3, test: 3), try load(name, 9, test: 3).training)
    let part = few.training
    #expect(try part.numbers == Array(many.numbers.prefix(3 * part.sampleSize)))
    #expect(part.labels == Array(many.labels.prefix(part.labels.count)))
    #expect(part.values == Array(many.values.prefix(part.values.count)))
    #expect(try few.test.numbers != part.numbers)
  }

  /// Of all drawn datasets: shapes, types and fields are known before a sample is drawn.
  @Test func outlinesAreThoseOfWhatIsDrawn() {
    for drawn in DrawnDataset.all {
      let (known, found) = (drawn.outline, drawn.datasets(training: 30, test: 1).training.outline)
      #expect(known.shape == found.shape && known.number == found.number, "\(drawn.name)")
      #expect(known.targets == found.targets, "\(drawn.name)")
      #expect(known.namedFields == found.namedFields, "\(drawn.name)")
      #expect(known.ignoresTargets == found.ignoresTargets, "\(drawn.name)")
      #expect(known.isText == found.isText, "\(drawn.name)")
    }
  }

  /// Nothing changes their numbers: marks stay 0 and 1, and samples have the scale of the targets.
  @Test(arguments: names, ["true", "false"])
  func theyAreNotNormalised(_ name: String, _ normalise: String) throws {
    let data = try load(name, 4, ", normalise: \(normalise), validation: 0.5")
    #expect(data.sets.count == 3 && data.sets.allSatisfy { $0.normalisation == .identity })
  }

  @Test(arguments: [
    ("dataset: adding, steps: 1", "data.steps: expected at least 2 for adding, found 1"),
    ("dataset: copy, steps: 20", "data.steps: expected at least 21 for copy, found 20"),
    ("dataset: induction, steps: 2", "data.steps: expected at least 3 for induction, found 2"),
    ("dataset: tags, steps: 0", "from 1 to"), ("dataset: sines, steps: 2.5", "an integer"),
    ("dataset: copy, horizon: 2", "data.horizon: means nothing for the dataset copy"),
    ("dataset: waves, steps: 50", "data.steps: means nothing for the dataset waves"),
    ("dataset: table, samples: [[1]], labels: [0], steps: 3", "nothing for the dataset table"),
    ("dataset: {idx: {training: {samples: x, labels: y}}}, steps: 3", "for the dataset idx"),
  ])
  func stepsThatCannotBe(_ data: String, _ text: String) throws {
    let failure = DataConfigurationTests().failure("data: {\(data), batch: 1}")
    #expect(failure?.code == .badConfiguration)
    #expect(failure?.message.contains(text) == true, "\(failure?.message ?? "")")
  }

  /// More steps than memory holds are refused before anything is drawn.
  @Test func stepsBeyondMemory() throws {
    let data = try DataConfigurationTests().decode(
      "data: {dataset: adding, steps: 1000000, train_samples: 2000000000}")
    let failure = #expect(throws: Failure.self) { _ = try data.outline(seed: 1) }
    #expect(failure?.code == .outOfMemory, "\(String(describing: failure))")
  }

  // MARK: The adding problem

  @Test(arguments: [2, 3, 7, 200])
  func targetsOfAddingAreSumsOfMarkedNumbers(steps: Int) throws {
    let data = try load("adding", 2000, steps: steps).training
    #expect(data.shape == [steps, 2] && data.targets.shape == [1])
    let numbers = try data.numbers
    var marked = [Int](repeating: 0, count: steps)
    var error = 0.0
    for sample in 0..<2000 {
      let rows = (0..<steps).map { step in
        (
          number: numbers[2 * (sample * steps + step)],
          mark: numbers[2 * (sample * steps + step) + 1]
        )
      }
      #expect(rows.allSatisfy { 0..<1 ~= $0.number && ($0.mark == 0 || $0.mark == 1) })
      let places = rows.indices.filter { rows[$0].mark == 1 }
      #expect(places.count == 2 && places[0] < steps / 2 && places[1] >= steps / 2)
      #expect(data.values[sample] == rows.reduce(0) { $0 + $1.number * $1.mark })
      for place in places { marked[place] += 1 }
      error += (Double(data.values[sample]) - 1) * (Double(data.values[sample]) - 1) / 2000
    }
    // The squared error of a sample has the deviation √(1/15 - 1/36) < 0.2.
    #expect(abs(error - 1 / 6.0) < 4 * 0.2 / 2000.0.squareRoot(), "\(error)")
    if steps == 7 { #expect(marked.allSatisfy { $0 > 350 }, "\(marked)") }
  }

  // MARK: The copy task

  @Test(arguments: [21, 22, 120])
  func copiesEndWithTheSymbolsOfTheirBeginning(steps: Int) throws {
    let data = try load("copy", 1000, steps: steps).training
    #expect(data.shape == [steps] && data.targets.shape == [steps])
    #expect(data.classes == ["blank", "1", "2", "3", "4", "5", "6", "7", "8"])
    let tokens = try integers(data)
    var counts = [Int](repeating: 0, count: 10)
    for sample in 0..<1000 {
      let row = Array(tokens[sample * steps..<(sample + 1) * steps])
      let symbols = Array(row[..<10])
      let blanks = [Int](repeating: 0, count: steps - 21)
      let rest = [Int](repeating: 0, count: 10)
      #expect(row == symbols + blanks + [9] + rest)
      #expect(
        data.labels[sample * steps..<(sample + 1) * steps].map(Int.init)
          == rest + blanks + [0] + symbols)
      for symbol in symbols { counts[symbol] += 1 }
    }
    // 1250 of each, with a deviation of 33.
    #expect(counts[0] == 0 && counts[9] == 0)
    #expect(counts[1...8].allSatisfy { abs($0 - 1250) < 140 }, "\(counts)")
  }

  // MARK: Induction heads

  @Test(arguments: [3, 4, 64])
  func theLastTargetIsTheTokenAfterTheSignal(steps: Int) throws {
    let data = try load("induction", 3000, steps: steps).training
    #expect(data.shape == [steps] && data.targets.shape == [steps])
    #expect(data.classes == (0..<15).map(String.init))
    #expect(data.targetCounts?.allSatisfy { $0 == 1 } == true)
    let tokens = try integers(data)
    var places = [Int](repeating: 0, count: steps)
    var counts = [Int](repeating: 0, count: 15)
    for sample in 0..<3000 {
      let row = Array(tokens[sample * steps..<(sample + 1) * steps])
      let labels = data.labels[sample * steps..<(sample + 1) * steps].map(Int.init)
      let signals = row.indices.filter { row[$0] == 15 }
      try #require(signals.count == 2 && signals[1] == steps - 1)
      #expect(row.allSatisfy { 0...15 ~= $0 })
      #expect(labels == [Int](repeating: -1, count: steps - 1) + [row[signals[0] + 1]])
      places[signals[0]] += 1
      counts[labels[steps - 1]] += 1
    }
    // 200 of each token, with a deviation of 14, and as many of each place.
    #expect(counts.allSatisfy { abs($0 - 200) < 60 }, "\(counts)")
    let each = 3000 / Double(steps - 2)
    #expect(
      places.dropLast(2).allSatisfy { abs(Double($0) - each) < 5 * each.squareRoot() },
      "\(places)")
    #expect(places.suffix(2) == [0, 0])
  }

  // MARK: Sums of sines

  @Test(arguments: [1, 48, 300])
  func sinesGoOnToTheirTargets(steps: Int) throws {
    let data = try load("sines", 100, steps: steps).training
    #expect(data.shape == [steps, 1] && data.targets.shape == [1])
    let numbers = try data.numbers
    for sample in 0..<100 {
      func stream(_ part: UInt64) -> RandomStream {
        RandomStream(drawing: "sines", .training, sample: sample, part: part)
      }
      let draws = (0..<6).map { Double(stream(0).uniform(at: $0)) }
      for step in 0...steps {
        var expected = 0.1 * Double(stream(1).normal(at: step))
        for sine in [0, 3] {
          let turn = draws[sine + 2] + Double(step) / (5 + 20 * draws[sine])
          expected += (0.5 + 0.5 * draws[sine + 1]) * sin(2 * .pi * turn)
        }
        let number = step < steps ? numbers[sample * steps + step] : data.values[sample]
        #expect(isClose(Double(number), expected, relative: 0, absolute: 1e-3), "\(step)")
      }
    }
  }

  /// More targets are the numbers after the first one; the samples stay the same.
  @Test func sinesOfALongerHorizon() throws {
    let one = try load("sines", 20, steps: 30).training
    let four = try load("sines", 20, steps: 30, ", horizon: 4").training
    let later = try load("sines", 20, steps: 33).training
    #expect(four.targets.shape == [4])
    #expect(try one.numbers == four.numbers)
    let numbers = try later.numbers
    for sample in 0..<20 {
      let ahead = numbers[(33 * sample + 30)..<(33 * sample + 33)] + [later.values[sample]]
      #expect(ahead == four.values[4 * sample..<4 * sample + 4])
      #expect(one.values[sample] == four.values[4 * sample])
    }
    #expect(four.coding.targetNames == ["value +1", "value +2", "value +3", "value +4"])
    let baselines = try #require(try ForecastBaselines(on: four, fittedTo: four))
    #expect(baselines.lastValue.count == 4 && baselines.autoregression.count == 4)
  }

  /// What the documentation says of forecasts that take no network.
  @Test func simpleForecastsOfSinesHaveKnownErrors() throws {
    let data = try load("sines", 20_000).training
    let (numbers, steps) = (try data.numbers, data.shape[0])
    var (zero, last) = (0.0, 0.0)
    for (sample, target) in data.values.enumerated() {
      let change = Double(target - numbers[(sample + 1) * steps - 1])
      zero += Double(target) * Double(target) / 20_000
      last += change * change / 20_000
    }
    // Means over amplitudes from 0.5 to 1 and periods from 5 to 25.
    let squares = (1 - 0.125) / 1.5
    let periods = (0..<1000).map { 5 + 20 * (Double($0) + 0.5) / 1000 }
    let turns = periods.reduce(0) { $0 + 2 * (1 - cos(2 * .pi / $1)) / 1000 }
    print("sines: error of 0 \(zero), of the last number \(last)")
    #expect(isClose(zero, squares + 0.01, relative: 0.03))
    #expect(isClose(last, squares * turns + 0.02, relative: 0.03))
  }

  // MARK: Tags

  @Test(arguments: [1, 2, 40])
  func tagsNameTheMarksOnBothSides(steps: Int) throws {
    let data = try load("tags", 1000, steps: steps).training
    #expect(data.shape == [steps] && data.targets.shape == [steps])
    #expect(data.field("lengths") == Field("lengths", [], .int32, .named))
    let (tokens, lengths) = (try integers(data), try integers(data, "lengths"))
    #expect(Set(lengths) == Set((steps + 1) / 2...steps))
    #expect(data.targetCounts?.map(Int.init) ?? lengths.map { _ in steps } == lengths)
    for sample in 0..<1000 {
      let row = Array(tokens[sample * steps..<(sample + 1) * steps])
      let labels = data.labels[sample * steps..<(sample + 1) * steps].map(Int.init)
      let length = lengths[sample]
      #expect(row[..<length].allSatisfy { 1...12 ~= $0 } && row[length...].allSatisfy { $0 == 0 })
      #expect(labels[length...].allSatisfy { $0 == -1 })
      for step in 0..<length {
        let before = row[..<step].last { $0 <= 3 }.map { ["a", "b", "c"][$0 - 1] } ?? "start"
        let after =
          row[(step + 1)..<length].first { $0 <= 3 }.map { ["a", "b", "c"][$0 - 1] } ?? "end"
        #expect(data.classes[labels[step]] == "\(before)-\(after)")
      }
    }
  }

  /// The accuracy of the best network that reads forwards alone: it knows the tokens up to a step,
  /// and that the sequence is longer than them, so at each step the likeliest mark is the same for
  /// all: one of three, or none if no mark follows in most sequences.
  private static func bestForwards(steps: Int) -> Double {
    let lengths = Array(Tags.lengths(upTo: steps))
    var right = 0.0
    for step in 0..<steps {
      let left = lengths.filter { $0 > step }.map { $0 - step - 1 }
      let none = left.reduce(0) { $0 + pow(0.75, Double($1)) }
      right += max(none, (Double(left.count) - none) / 3)
    }
    return right / Double(lengths.reduce(0, +))
  }

  /// By all sequences of up to three tokens, each prefix with its likeliest tag.
  @Test func theBestForwardsIsExact() {
    var right = 0.0
    var weights: [[Int]: [Int: Double]] = [:]
    for length in Tags.lengths(upTo: 3) {
      let count = Int(pow(12, Double(length)))
      for number in 0..<count {
        let row = (0..<length).map { 1 + number / Int(pow(12, Double($0))) % 12 }
        for step in 0..<length {
          let after = row[(step + 1)...].first { $0 <= 3 } ?? 0
          weights[Array(row[...step]), default: [:]][after, default: 0] += 1 / Double(count)
        }
      }
    }
    for (_, tags) in weights { right += tags.values.max() ?? 0 }
    #expect(isClose(right / 5, Self.bestForwards(steps: 3), relative: 1e-12))
  }

  /// The documented bound of 40 steps, and what its rule reaches on the test set.
  @Test func aForwardNetworkCannotTag() throws {
    let best = Self.bestForwards(steps: 40)
    let data = try load("tags", 1, test: 2000).test
    let (labels, lengths) = (data.labels.map(Int.init), try integers(data, "lengths"))
    var right = 0
    for (sample, length) in lengths.enumerated() {
      for step in 0..<length {
        let after = labels[sample * 40 + step] % 4
        // No mark follows in most sequences of 38 tokens and more.
        let left = (max(20, step + 1)...40).map { $0 - step - 1 }
        let none = left.reduce(0) { $0 + pow(0.75, Double($1)) } / Double(left.count)
        if after == (none > (1 - none) / 3 ? 0 : 1) { right += 1 }
      }
    }
    let found = Double(right) / Double(lengths.reduce(0, +))
    print("tags: the best forwards \(best), on the test set \(found)")
    #expect(abs(found - best) < 0.01 && best < 0.5)
  }
}
