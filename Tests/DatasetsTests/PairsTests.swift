import Datasets
import Diagnostics
import Testing

/// Pairs of drawn characters.
@Suite struct PairsTests {
  private func load(_ training: Int, _ test: Int) throws -> Splits {
    try DataConfigurationTests().decode(
      "data: {dataset: pairs, train_samples: \(training), test_samples: \(test), batch: 1}"
    ).load(seed: 1)
  }

  private func images(_ data: Dataset, _ name: String) throws -> [[UInt8]] {
    let field = try #require(data.field(name))
    #expect(field.shape == [28, 28, 1] && field.number == .uint8)
    var bytes = [UInt8](repeating: 0, count: data.count * field.byteCount)
    try unsafe bytes.withUnsafeMutableBytes {
      try unsafe data.copy(field, of: Array(0..<Int32(data.count))[...], into: $0)
    }
    return (0..<data.count).map { Array(bytes[784 * $0..<784 * ($0 + 1)]) }
  }

  /// The cosine of two images, each less its mean.
  private func similarity(_ a: [UInt8], _ b: [UInt8]) -> Double {
    func centred(_ image: [UInt8]) -> [Double] {
      let mean = image.reduce(0.0) { $0 + Double($1) } / 784
      return image.map { (pixel: UInt8) -> Double in Double(pixel) - mean }
    }
    let (a, b) = (centred(a), centred(b))
    func dot(_ a: [Double], _ b: [Double]) -> Double {
      var sum = 0.0
      for (x, y) in zip(a, b) { sum += x * y }
      return sum
    }
    let lengths = dot(a, a) * dot(b, b)
    return dot(a, b) / lengths.squareRoot()
  }

  @Test func halfOfThePairsAreTheSame() throws {
    let data = try load(600, 200).training
    for (sample, label) in data.labels.enumerated() { #expect(Int(label) == sample % 2) }
    #expect(data.classes == ["different", "same"])
    let (first, second) = (try images(data, "samples"), try images(data, "second"))
    #expect(zip(first, second).allSatisfy { $0 != $1 } && Set(first).count == 600)
    // Two images of one character overlap more, though moved, turned and bent.
    var sums = [0.0, 0.0]
    for sample in 0..<600 {
      let overlap = similarity(first[sample], second[sample])
      sums[sample % 2] += overlap / 300
    }
    print("pairs: overlap \(sums[0]) of different, \(sums[1]) of the same character")
    #expect(sums[1] > sums[0] + 0.1)
  }

  @Test func theBitsArePinned() throws {
    let data = try load(200, 100)
    #expect(data.training.contentHash.description == "10eb49e93cd8c21f")
    #expect(data.test.contentHash.description == "0bdcb82503ea0e35")
    #expect(data.test.normalisation == data.training.normalisation)
  }

  @Test func aSampleDoesNotDependOnTheCount() throws {
    let (few, many) = (try load(6, 2).training, try load(20, 2).training)
    for name in ["samples", "second"] {
      #expect(try images(few, name) == Array(try images(many, name)[..<6]))
    }
    #expect(try images(few, "second") != images(few, "samples"))
  }

  /// A program knows of the second image, and normalises it as the first one.
  @Test func theFieldIsKnownBefore() throws {
    let configuration = try DataConfigurationTests().decode(
      "data: {dataset: pairs, train_samples: 20, test_samples: 10, batch: 1, normalise: false}")
    let (outline, data) = (try configuration.outline(seed: 1), try configuration.load(seed: 1))
    #expect(outline.training.first(20) == data.training.outline.first(20))
    #expect(outline.training.namedFields.map(\.name) == ["second"])
    let second = try #require(data.training.field("second"))
    #expect(second.isNormalised(besidePixelsOf: [28, 28, 1]))
    #expect(!Field("mask", [28, 28], .uint8, .named).isNormalised(besidePixelsOf: [28, 28, 1]))
    #expect(!Field("x", [28, 28, 1], .float32, .named).isNormalised(besidePixelsOf: [28, 28, 1]))
  }

  /// Nothing says whether a field moves with the samples or on its own.
  @Test func augmentationIsRefused() {
    let failure = DataConfigurationTests().failure(
      "data: {dataset: pairs, train_samples: 20, test_samples: 10, augment: {flip: both}}")
    #expect(failure?.code == .badConfiguration)
    #expect(
      failure?.message.contains(
        "would change the samples and leave the field second (28x28x1 uint8) as it is") == true)
  }
}
