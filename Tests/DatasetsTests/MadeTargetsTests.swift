import Datasets
import Diagnostics
import Testing

/// Made datasets with a class for each pixel or step.
@Suite struct MadeTargetsTests {
  private func load(_ name: String, training: Int, test: Int, _ more: String = "") throws -> Splits
  {
    try configuration(name, training: training, test: test, more).load(seed: 1)
  }

  private func configuration(
    _ name: String, training: Int, test: Int, _ more: String = ""
  ) throws -> DataConfiguration {
    try DataConfigurationTests().decode(
      "data: {dataset: \(name), train_samples: \(training), test_samples: \(test), batch: 1\(more)}"
    )
  }

  @Test(arguments: [
    ("shapes", "a0a78e1b43b7a005", "c3cba81276982dd1"),
    ("waves", "6f109f41db953098", "21d0dbbb41538e2f"),
  ])
  func theBitsArePinned(_ name: String, _ training: String, _ test: String) throws {
    let data = try load(name, training: 200, test: 100)
    #expect(data.training.contentHash.description == training)
    #expect(data.test.contentHash.description == test)
    #expect(data.test.normalisation == data.training.normalisation)
  }

  @Test(arguments: ["shapes", "waves", "tokens"])
  func aSampleDoesNotDependOnTheCount(_ name: String) throws {
    let (few, many) = (
      try load(name, training: 3, test: 2).training, try load(name, training: 9, test: 1).training
    )
    #expect(few.labels == Array(many.labels.prefix(few.labels.count)))
    #expect(try few.numbers == Array(many.numbers.prefix(3 * few.sampleSize)))
    #expect(few.labels != (try load(name, training: 9, test: 3).test.labels))
  }

  @Test(arguments: ["", ", validation: 0.1", ", normalise: false"])
  func theOutlineOfShapesIsKnownBefore(_ more: String) throws {
    let data = try configuration("shapes", training: 30, test: 10, more)
    let (outline, loaded) = (try data.outline(seed: 1), try data.load(seed: 1).outline)
    #expect(outline.training.targets == loaded.training.targets)
    #expect(outline.training.ignoresTargets && loaded.test.ignoresTargets)
    #expect(outline.training.count == loaded.training.count)
    #expect(outline.validation?.count == loaded.validation?.count)
  }

  @Test func shapesHaveAllClassesAndIgnoredOutlines() throws {
    let data = try load("shapes", training: 400, test: 1).training
    #expect(data.shape == [32, 32, 1] && data.targets.shape == [32, 32])
    var counts = [Int](repeating: 0, count: 5)
    for label in data.labels { counts[Int(label) + 1] += 1 }
    // Ignored, background, disc, square, triangle, of 409,600 pixels.
    print("shapes: \(counts)")
    #expect(counts[1] > 200_000 && counts[2...].allSatisfy { $0 > 10_000 } && counts[0] > 10_000)
    let perSample = try #require(data.targetCounts)
    #expect(Set(perSample).count > 50 && perSample.allSatisfy { 600..<1024 ~= $0 })
    for sample in 0..<400 {
      let labels = data.labels[1024 * sample..<1024 * (sample + 1)]
      #expect(Int32(labels.count { $0 >= 0 }) == perSample[sample])
      // Background and what is drawn never touch: an outline is between them.
      for pixel in labels.indices where (pixel - labels.startIndex) % 32 < 31 {
        let pair = [labels[pixel], labels[pixel + 1]]
        #expect(pair[0] == pair[1] || pair.contains(-1), "sample \(sample)")
      }
    }
  }

  /// The images are those of `shapes`; a label stands for a shape with pixels of its class.
  @Test func labelsOfShapesAreThoseThatCanBeSeen() throws {
    let data = try load("multilabel_shapes", training: 400, test: 1).training
    let segmented = try load("shapes", training: 400, test: 1).training
    #expect(
      try data.numbers == segmented.numbers
        && data.coding.targetNames == ["disc", "square", "triangle"])
    var expected: [Float] = []
    for sample in 0..<400 {
      let labels = segmented.labels[1024 * sample..<1024 * (sample + 1)]
      for shape in Int32(1)...3 {
        let pixels = labels.count { $0 == shape }
        expected.append(pixels < 10 ? 0 : 1)
      }
    }
    #expect(data.values == expected && data.targets.shape == [3])
    var (counts, combinations) = ([0, 0, 0], Set<[Float]>())
    for sample in 0..<400 {
      let labels = Array(expected[3 * sample..<3 * sample + 3])
      for label in 0..<3 where labels[label] == 1 { counts[label] += 1 }
      combinations.insert(labels)
    }
    print("multilabel_shapes: \(counts) of 400")
    #expect(counts.allSatisfy { 100..<300 ~= $0 } && combinations.count == 7)
  }

  @Test func wavesEndWithIgnoredSteps() throws {
    let data = try load("waves", training: 400, test: 1).training
    #expect(data.shape == [40, 8] && data.targets.shape == [40])
    let (counts, numbers) = (try #require(data.targetCounts), try data.numbers)
    var classes = [Int](repeating: 0, count: 4)
    for sample in 0..<400 {
      let labels = Array(data.labels[40 * sample..<40 * (sample + 1)])
      let length = Int(counts[sample])
      #expect(20...40 ~= length)
      #expect(
        labels[..<length].allSatisfy { 0..<4 ~= $0 } && labels[length...].allSatisfy { $0 == -1 })
      let signal = numbers[320 * sample..<320 * (sample + 1)]
      #expect(signal.suffix(8 * (40 - length)).allSatisfy { $0 == 0 })
      #expect(signal.allSatisfy { abs($0) < 2 })
      for label in labels[..<length] { classes[Int(label)] += 1 }
    }
    print("waves: \(classes), lengths \(counts.min() ?? 0) to \(counts.max() ?? 0)")
    #expect(classes.allSatisfy { $0 > 2000 } && Set(counts).count == 21)
  }

  @Test func tokensAreFollowedByTheirLabels() throws {
    let data = try load("tokens", training: 300, test: 1).training
    #expect(data.shape == [64] && data.targets.shape == [64] && data.classes.count == 65)
    var successors: [Float: Set<Int32>] = [:]
    let numbers = try data.numbers
    for start in stride(from: 0, to: numbers.count, by: 64) {
      let (tokens, labels) = (numbers[start..<start + 64], data.labels[start..<start + 64])
      #expect(labels.dropLast().elementsEqual(tokens.dropFirst().map { Int32($0) }))
      for (token, label) in zip(tokens, labels) { successors[token, default: []].insert(label) }
    }
    #expect(Set(successors.keys) == Set((0..<65).map(Float.init)))
    #expect(successors.values.allSatisfy { $0.count == 4 })
    #expect(successors.values.joined().allSatisfy { 0..<65 ~= $0 })
  }

  @Test(arguments: ["shapes", "waves"])
  func theyAreQuicklyDrawn(_ name: String) throws {
    let time = try ContinuousClock().measure {
      _ = try load(name, training: 4000, test: 1000)
    }
    print("\(name): \(time)")
    #expect(time < .seconds(10))
  }
}
