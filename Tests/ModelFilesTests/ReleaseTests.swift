import Diagnostics
import Foundation
import Graphs
import ModelFiles
import Testing

/// Which releases of Neuron wrote a file, and which can read one that is written here.
@Suite struct ReleaseTests {
  @Test(arguments: [
    ("0.0.1", BrainRelease.early), ("1.2", .early), ("1.4.1", .early), ("1.4.2", .release142),
    ("1.4.3", .release143), ("1.4.4", .release143), ("1.4.5", .release145),
    ("2022-01", .january2022), ("1.5", .release15), ("1.5.1", .release15), ("1.6", .release16),
    ("1.6.1", .release16),
  ])
  func names(_ name: String, _ release: BrainRelease) {
    #expect(BrainRelease(name) == release)
  }

  @Test(arguments: ["", "1", "1.4.6", "1.7", "2.2.3", "1.5.2", "1.6.1.0", "1.x", "2022", "1.-4.2"])
  func otherNames(_ name: String) { #expect(BrainRelease(name) == nil) }

  /// A model of 3, 4 and 2 nodes with members of the hidden layer and of the file.
  private func text(_ members: String, bias: String = "0", _ more: String = "") -> String {
    let zeros = "[0,0,0]"
    return """
      {"layers":[{"activation":"none","nodes":3,"type":"input","weights":[[0],[0],[0]],"bias":\(zeros),
      "biasWeights":\(zeros),"normalize":false},{"activation":"reLu","nodes":4,"type":"hidden",
      "weights":[[1,2,3],[4,5,6],[7,8,9],[0,1,2]],"bias":[\(bias),\(bias),\(bias),\(bias)],
      "biasWeights":[1,1,1,1],\(members)},{"activation":"none","nodes":2,"type":"output",
      "weights":[[1,2,3,4],[5,6,7,8]],"bias":[0,0],"biasWeights":[1,1],"normalize":false}],
      "learningRate":0.1\(more)}
      """
  }

  private static let norm = """
    "normalize":true,"batchNormalizerParams":{"gamma":2,"beta":1,"movingMean":0,"movingVariance":1,\
    "momentum":0.9,"learningRate":0.1}
    """
  private static let adam = ",\"optimizer\":{\"adam\":{\"b1\":0.9,\"b2\":0.999,\"eps\":1e-8}}"

  /// What a file holds tells of its release, as far as it does; other releases are refused.
  @Test(arguments: [
    ("\"normalize\":false", "", "1.4.2, 1.4.3, 1.4.4, 1.4.5, 2022-01, 1.5 or 1.6"),
    ("\"normalize\":true,\"gamma\":2,\"beta\":1", "", "1.4.2, 1.4.3, 1.4.4, 1.4.5 or 2022-01"),
    (
      "\"normalize\":true,\"gamma\":2,\"beta\":1", ",\"batchNormalizerLearningRate\":0.1",
      "1.4.3, 1.4.4, 1.4.5 or 2022-01"
    ),
    (Self.norm, "", "1.5 or 1.6"), (Self.norm, Self.adam, "1.5 or 1.6"),
  ])
  func undecided(_ members: String, _ more: String, _ releases: String) throws {
    let text = text(members, more)
    let said = refusal(text)
    #expect(said.contains("may be of Neuron \(releases), which compute"), "\(said)")
    var accepted: [String] = []
    for release in BrainRelease.allCases {
      do throws(Failure) {
        _ = try model(text, StoredModel.Choices(release: release))
        accepted.append(release.name)
      } catch {
        #expect(error.code == .badData)
        #expect(
          error.message == "'m.smodel' is a file of Neuron \(releases), not of \(release.name)")
      }
    }
    let named = releases.replacing(" or ", with: ", ").components(separatedBy: ", ")
    #expect(accepted == named.filter { $0 != "1.4.4" })
  }

  @Test func decided() throws {
    // Only 1.5 has lobes with a norm and a bias.
    _ = try model(text(Self.norm, bias: "0.1"))
    // Two releases that compute the same.
    _ = try model(text("\"normalize\":false", Self.adam))
    // Moving averages beside gamma were never released, and norms at both ends are one release's.
    _ = try model(text("\"normalize\":true,\"gamma\":2,\"beta\":1,\"movingMean\":0"))
    // Before there were norms, a layer said nothing of them.
    _ = try model(text("\"x\":1"))
    // The layout is all that plain files leave open.
    let plain = text("\"normalize\":false")
    _ = try model(plain, StoredModel.Choices(layout: .natural))
    let ours = text("\"normalize\":false", ",\"generator\":\"nn-dist\"")
    let failure = #expect(throws: Failure.self) {
      _ = try model(ours, StoredModel.Choices(release: .release16))
    }
    #expect(failure?.code == .usage)
  }

  /// What 1.4.5 answers where its output layer has no activation.
  @Test func outputsOfOne() throws {
    let choices = StoredModel.Choices(release: .release145)
    let plain = text("\"normalize\":false")
    #expect(try model(plain, choices).outputs([[1, 2, 3]]) == [[1, 1]])
    let last = "\"none\",\"nodes\":2,\"type\":\"output\""
    #expect(plain.contains(last))
    let sigmoid = plain.replacing(last, with: last.replacing("none", with: "sigmoid"))
    let natural = StoredModel.Choices(release: .release142)
    #expect(
      try model(sigmoid, choices).outputs([[0.1, 0, 0]])
        == model(sigmoid, natural).outputs([[0.1, 0, 0]]))
  }

  // MARK: Readers of what is written

  @Test(
    arguments: [
      ("[{dense: 3}, tanh, {dense: 3}]", nil, "Neuron 1.5 and 1.6", ""),
      ("[{dense: 3}, tanh, {dense: 3}, softmax]", nil, "Neuron 1.6", ""),
      ("[{layernorm: {epsilon: 5e-5, affine: shared}}, {dense: 3}]", nil, "Neuron 1.6", ""),
      (
        "[{dense: 3}]", .natural, "Neuron 1.2 to 1.4.4", "1.5 and 1.6 compute with permuted weights"
      ),
      (
        "[{dense: {units: 3, bias: false}}, softmax]", .natural, "no release of Neuron",
        "leave out --layout natural"
      ),
      ("[{dense: 1}, tanh, {dense: 3}]", .natural, "Neuron 1.5 and 1.6", ""),
      (
        "[{dense: {units: 3, bias: false}}, {leaky_relu: 0.2}, {dense: {units: 3, bias: false}}]",
        nil,
        "Neuron 2.2 and later", ""
      ),
      (
        "[{dense: {units: 3, name: stem}}, {leaky_relu: 0.2}, {dense: 3}]", nil,
        "Neuron after 2.2.3",
        "Neuron up to 2.2.3 drops the bias of stem, dense2 when it reads a file"
      ),
      (
        "[{dense: {units: 3, bias: false}}, prelu, {dense: {units: 3, bias: false}}, mish]", nil,
        "Neuron after 2.2.3", "Neuron up to 2.2.3 does not know prelu1, mish1 and stops at the file"
      ),
    ] as [(String, WeightLayout?, String, String)])
  func readers(
    _ layers: String, _ layout: WeightLayout?, _ releases: String, _ note: String
  ) throws {
    let readers = try RoundTripTests.model(layers, sample: [4], layout: layout).model.readers
    #expect(readers.releases == releases)
    #expect(readers.notes.count == (note.isEmpty ? 0 : 1))
    #expect(readers.notes.allSatisfy { $0.contains(note) }, "\(readers.notes)")
  }

  // MARK: Models that cannot be run

  @Test func outlines() throws {
    func outline(_ text: String) throws -> ModelOutline {
      let path = NSTemporaryDirectory() + "outline-\(UUID()).smodel"
      try Data(text.utf8).write(to: URL(filePath: path))
      defer { try? FileManager.default.removeItem(atPath: path) }
      return try ModelOutline(reading: path)
    }
    let two = try outline(
      sequential(layer("embedding", "\"inputSize\":\(size(1, 1, 15))"), layer("lstm"), dense))
    #expect(two.format == "Neuron 2" && two.layers.map(\.kind) == ["embedding", "lstm", "dense"])
    #expect(two.layers.map(\.numbers) == [0, 0, 6])
    #expect(two.layers.map { $0.input?.description } == ["1x1x15", nil, "2"])
    let one = try outline(text(Self.norm))
    #expect(one.format == "Neuron 1")
    #expect(one.layers.map(\.kind) == ["inputs", "dense, reLu, normalised", "dense"])
    #expect(one.layers.map { $0.input?.count } == [nil, 3, 4])
    #expect(throws: Failure.self) { _ = try outline("{\"layers\":[{}]}") }
  }
}
