import Datasets
import Diagnostics
import Foundation
import HDF5Files
import TestSupport
import Testing

/// Samples, targets and named fields of several shapes and types, in a file that h5py has written.
@Suite struct FieldsTests {
  private let files: DataFolder

  init() throws {
    files = try DataFolder()
    let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../References/fields.h5")
    try files.put([UInt8](Data(contentsOf: golden)), at: "data/f.h5")
  }

  private func load(_ training: String, _ more: String = "") throws -> Dataset {
    try files.load("dataset: {hdf5: {file: f.h5, training: {\(training)}\(more)}}").training
  }

  /// Element [i, j, k, l] of the base array.
  private static func numbers(_ shape: Int...) -> [Int] {
    (0..<shape.reduce(1, *)).map { place in
      var (rest, sum) = (place, 0)
      for axis in shape.indices.reversed() {
        sum += [7, 5, 3, 11][axis] * (rest % shape[axis])
        rest /= shape[axis]
      }
      return sum
    }
  }

  private static let stepClasses = (0..<28).map { (place: Int) -> Int32 in
    let number: Int = 7 * (place / 4) + 3 * (place % 4)
    return Int32(number % 5) - 1
  }

  private static let masks = numbers(6, 5, 4).enumerated().map {
    (place: Int, number: Int) -> Int32 in
    let isIgnored: Bool = number % 4 == 3 || place / 20 == 4
    return isIgnored ? -1 : Int32(number % 4)
  }

  @Test func aClassForEachStep() throws {
    let data = try load("samples: steps/x, labels: steps/y", ", channels: none")
    #expect(data.shape == [4, 3] && data.elements.number == .float32 && data.count == 7)
    #expect(try data.numbers == Self.numbers(7, 4, 3).map { Float($0) / 4 })
    guard case .classes(let labels, let names, [4]) = data.targets else {
      Issue.record("\(data.targets)")
      return
    }
    #expect(labels == Self.stepClasses && names == ["0", "1", "2", "3"])
    let counts = (0..<7).map { sample in
      Int32(labels[4 * sample..<4 * sample + 4].count { $0 >= 0 })
    }
    #expect(data.targetCounts == counts && Set(counts).count > 1)
    #expect(data.countingTargets == counts.reduce(0) { $0 + Int($1) })
    #expect(data.coding.targets == .classes(names, shape: [4]))
    #expect(data.outline.targets == .classes(4, shape: [4]) && data.outline.ignoresTargets)
    // Without `channels: none` two dimensions are those of a picture.
    #expect(try load("samples: steps/x, labels: steps/y").shape == [4, 3, 1])
  }

  @Test func countsOfABatchGoThroughTheSelection() throws {
    let data = try load("samples: steps/x, labels: steps/y")
    let counts = try #require(data.targetCounts).map(Int.init)
    // Sample 4 has another count than the others.
    let part = data.selecting([4, 0, 3, 3])
    #expect(part.countingTargets == counts[4] + counts[0] + 2 * counts[3])
    #expect(part.countingTargets(in: [1, 0]) == counts[0] + counts[4])
    #expect(part.selecting([0]).countingTargets == counts[4] && counts[4] != counts[0])
    #expect(data.countingTargets(in: []) == 0)
    let all = try load("samples: steps/x, targets: steps/pairs")
    #expect(all.targetCounts == nil && all.countingTargets(in: [1, 2]) == 4)
  }

  @Test(arguments: ["images/y, ignore: 255", "images/planar, ignore: 255"])
  func aClassForEachPixel(_ labels: String) throws {
    let channels = labels.contains("planar") ? "first" : "last"
    let data = try load("samples: images/x, labels: \(labels)", ", channels: \(channels)")
    #expect(data.shape == [5, 4, 1] && data.elements.number == .uint8)
    #expect(data.labels == Self.masks && data.classes == ["0", "1", "2"])
    #expect(data.targets.shape == [5, 4] && data.targetBytes == 80)
    // All of a sample may be ignored.
    #expect(data.targetCounts?[4] == 0)
    #expect(data.ignoresTargets && data.countingTargets == Self.masks.count { $0 >= 0 })
    var bytes = [Int32](repeating: 0, count: 40)
    unsafe bytes.withUnsafeMutableBytes { unsafe data.copy(targets: [5, 1], into: $0) }
    #expect(bytes == Array(Self.masks[100...]) + Array(Self.masks[20..<40]))
  }

  @Test func mapsOfRealTargets() throws {
    let data = try load("samples: images/x, targets: images/maps", ", channels: first")
    guard case .values(let values, [5, 4, 2]) = data.targets else {
      Issue.record("\(data.targets)")
      return
    }
    let planar = Self.numbers(6, 2, 5, 4)
    for place in values.indices {
      let (sample, rest) = place.quotientAndRemainder(dividingBy: 40)
      let (pixel, channel) = rest.quotientAndRemainder(dividingBy: 2)
      if sample == 2, channel == 1, pixel == 12 {
        #expect(values[place].isNaN)
      } else {
        #expect(values[place] == Float(planar[40 * sample + 20 * channel + pixel]) / 8)
      }
    }
    #expect(data.targetCounts == [40, 40, 39, 40, 40, 40])
    #expect(data.coding.targets == .values(shape: [5, 4, 2]))
  }

  @Test func samplesWithoutAnswersAndNamedFields() throws {
    let data = try load(
      "samples: steps/y, fields: [{name: lengths, array: steps/lengths}, "
        + "{name: pairs, array: steps/pairs}, {name: first, array: steps/x}]", ", channels: none")
    // Integers stay integers.
    #expect(data.elements.number == .int32 && data.shape == [4])
    #expect(
      data.fields == [
        Field("samples", [4], .int32, .samples), Field("lengths", [], .int32, .named),
        Field("pairs", [2], .float32, .named), Field("first", [4, 3], .float32, .named),
      ])
    #expect(data.targetBytes == 0 && data.coding.targets == .none && data.targetCounts == nil)
    func numbers<Number>(_ name: String, of samples: [Int32], _ zero: Number) throws -> [Number] {
      let field = try #require(data.field(name))
      var numbers = [Number](repeating: zero, count: samples.count * field.size)
      try unsafe numbers.withUnsafeMutableBytes {
        try unsafe data.copy(field, of: samples[...], into: $0)
      }
      return numbers
    }
    let two = Array(Self.stepClasses[24...]) + Array(Self.stepClasses[..<4])
    #expect(try numbers("samples", of: [6, 0], Int32(0)) == two)
    #expect(try numbers("lengths", of: [6, 0, 2], Int32(0)) == [3, 1, 3])
    let pairs = Self.numbers(7, 2).map { Float($0) / 2 }
    #expect(try numbers("pairs", of: [4, 5], Float(0)) == Array(pairs[8..<12]))
    #expect(
      try numbers("first", of: Array(0..<7), Float(0))
        == Self.numbers(7, 4, 3).map { Float($0) / 4 })
    // A part of the set shares them.
    let part = data.selecting([5, 4])
    var pair = [Float](repeating: 0, count: 2)
    let field = try #require(part.field("pairs"))
    try unsafe pair.withUnsafeMutableBytes { try unsafe part.copy(field, of: [1], into: $0) }
    #expect(pair == Array(pairs[8..<10]))
  }

  /// Integers are normalised as the real numbers that they become in a network.
  @Test func integersHaveTheirMoments() throws {
    let data = try load("samples: steps/lengths, targets: steps/pairs")
    #expect(data.shape == [1] && data.elements.number == .int32)
    let lengths: [Float] = [1, 2, 3, 4, 1, 2, 3]
    #expect(
      data.normalisation == Normalisation(of: .floats(lengths)))
    #expect(data.normalisation == Normalisation(of: .integers(lengths.map { Int32($0) })))
  }

  @Test(arguments: [
    ("samples: bad/large", "'bad/large' holds 3000000000 in sample 5, expected integers"),
    ("samples: bad/infinite", "'bad/infinite' holds inf in sample 2 at [3]"),
    ("samples: steps/x, targets: bad/infinite", "'bad/infinite' holds inf in sample 2 at [3]"),
    ("samples: images/maps", "'images/maps' holds nan in sample 2 at [1, 3, 0]"),
    ("samples: steps/x, labels: bad/short", "'steps/x' has 7 samples, 'bad/short' 6 labels"),
    (
      "samples: steps/x, labels: bad/label",
      "'bad/label': sample 3 has the label -2 at [1], expected 0 to 0"
    ),
    ("samples: images/x, labels: images/maps", "'images/maps' holds"),
    (
      "samples: steps/x, fields: [{name: a, array: bad/short}]",
      "'steps/x' has 7 samples, 'bad/short' 6 parts"
    ),
    ("samples: steps/x, fields: [{name: a, array: steps/z}]", "'/steps/z' is missing"),
  ])
  func whatDoesNotFit(_ training: String, _ text: String) {
    files.expect(
      "dataset: {hdf5: {file: f.h5, training: {\(training)}}}", fails: .badData, text)
  }

  @Test(arguments: [
    ("samples: steps/x, labels: steps/y, targets: steps/pairs", "found both"),
    ("samples: steps/x, ignore: 255", "is a number in labels, and there are none"),
    ("samples: steps/x, fields: [{name: labels, array: steps/y}]", "cannot be the name of a field"),
    (
      "samples: steps/x, fields: [{name: a, array: steps/y}, {name: a, array: steps/y}]",
      "there is a field 'a' already, the array 'steps/y': expected another name"
    ),
    (
      "samples: steps/x, fields: [{name: a, array: steps/y}, {name: b, array: steps/y}]",
      "'steps/y' is the field 'a' already"
    ),
    ("samples: steps/x, fields: [{name: ../a, array: steps/y}]", "'../a' cannot be the name"),
  ])
  func settingsThatDoNotFit(_ training: String, _ text: String) {
    files.expect(
      "dataset: {hdf5: {file: f.h5, training: {\(training)}}}", fails: .badConfiguration, text)
  }

  @Test func theTestSetHasTheSameFields() {
    let pair = "samples: steps/x, labels: steps/y"
    func expect(_ training: String, _ test: String, _ text: String) {
      files.expect(
        "dataset: {hdf5: {file: f.h5, training: {\(training)}, test: {\(test)}}}", fails: .badData,
        text)
    }
    expect(
      pair, "samples: steps/x, labels: steps/lengths",
      "'f.h5': 'steps/lengths': holds a class a sample, the training set 4 classes a sample"
        .replacing("'f.h5': ", with: ""))
    expect(
      "\(pair), fields: [{name: a, array: steps/pairs}]", pair,
      "has the fields none, the training set has a (2 float32)")
    expect(pair, "samples: steps/x", "holds no targets, the training set 4 classes a sample")
  }

  /// The number of classes is that of the settings where the data show fewer.
  @Test func moreClassesThanOccur() throws {
    let arrays = "dataset: {hdf5: {file: f.h5, training: {samples: steps/x, labels: steps/y}}}"
    #expect(try files.load("\(arrays), classes: 6").training.classes.count == 6)
    #expect(try files.load("\(arrays), classes: 4").training.classes.count == 4)
    #expect(files.folder.names(in: "cache").count == 2)
    let few = files.failure("\(arrays), classes: 3")
    #expect(
      few?.message.contains("'steps/y': sample 0 has the label 3 at [") == true
        && few?.message.contains("expected 0 to 2") == true, "\(String(describing: few))")
    let reals = files.failure(
      "dataset: {hdf5: {file: f.h5, training: {samples: steps/x, targets: steps/pairs}}}, classes: 2"
    )
    #expect(reals?.message.contains("classes: the data have no classes: leave it out") == true)
  }

  /// Other datasets have other hashes, and equal ones equal hashes, wherever they lie.
  @Test func hashesTellFieldsApart() throws {
    func hash(
      _ targets: Dataset.Targets, _ fields: [NamedField] = [],
      _ elements: Dataset.Elements = .floats([1, 2])
    ) -> ContentHash {
      Dataset(shape: [1], elements: elements, targets: targets, namedFields: fields).contentHash
    }
    let labels: [Int32] = [0, 1, 1, 0]
    let hashes = [
      hash(.classes(labels, names: ["a", "b"], shape: [2])),
      hash(.classes(labels, names: ["a", "b"], shape: [1, 2])),
      hash(.classes([0, 1, -1, 0], names: ["a", "b"], shape: [2])),
      hash(.values([0, 1, 1, 0], shape: [2])), hash(.values([0, 1, 1, 0], shape: [1, 2])),
      hash(.values([0, 1, .nan, 0], shape: [2])), hash(.none),
      hash(.none, [], .integers([1, 2])),
      hash(.none, [NamedField("a", shape: [], .floats([0, 1]))]),
      hash(.none, [NamedField("b", shape: [], .floats([0, 1]))]),
      hash(.none, [NamedField("a", shape: [], .integers([0, 1]))]),
    ]
    #expect(Set(hashes).count == hashes.count)
  }
}
