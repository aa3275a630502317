import Diagnostics
import Foundation
import ModelFiles
import TestSupport
import Testing

/// What a file from somebody unknown may not hold, each told with its place.
@Suite struct RefusalTests {
  private static func changed(_ text: String, _ old: String, _ new: String) -> String {
    #expect(text.contains(old))
    return text.replacing(old, with: new)
  }

  @Test(arguments: [
    (
      "\"nodes\":2,\"weights\":[[1,-1],[0.5,2]]", "\"nodes\":3,\"weights\":[[1,-1],[0.5,2]]",
      "layers[1].weights: expected 3 lists of 2 numbers"
    ),
    (
      "[[1,-1],[0.5,2]]", "[[1,-1],[0.5]]",
      "layers[1].weights: expected lists of one length, found one of 1"
    ),
    (
      "[[1,-1],[0.5,2]]", "[[1,-1,1],[0.5,2,1]]", "layers[1].weights: expected 2 lists of 2 numbers"
    ),
    (
      "[[1,-1],[0.5,2]]", "[1,-1,0.5,2]",
      "layers[1].weights: expected 2 lists of numbers in each other"
    ),
    (
      "[[1,-1],[0.5,2]]", "[[1,-1],[0.5,1e39]]",
      "layers[1].weights: expected a number that a 32-bit float can hold, found 1e39"
    ),
    (
      "[[1,-1],[0.5,2]]", "\"none\"",
      "layers[1].weights: expected 4 numbers, 2 for each of 2 nodes, found 'none'"
    ),
    (
      "\"bias\":[0.1,0.1]", "\"bias\":[0.1]",
      "layers[1].bias: expected 2 numbers, one for each node, found a list of 1"
    ),
    ("\"biasWeights\":[1,2]", "\"biasWeights\":[3e38,2]", ""),
    ("\"bias\":[0.1,0.1]", "\"bias\":[1e38,0.1],\"x\":1", ""),
    (
      "\"activation\":\"reLu\"", "\"activation\":\"relu\"",
      "layers[1].activation: unknown activation 'relu' (did you mean 'reLu'?)"
    ),
    (
      "\"activation\":\"reLu\"", "\"activation\":7",
      "layers[1].activation: expected the name of an activation, found 7"
    ),
    ("\"normalize\":false", "\"normalize\":1", ""),
    (
      "\"nodes\":2,\"weights\":[[1", "\"nodes\":-2,\"weights\":[[1",
      "layers[1].nodes: expected a whole number from 1 to 1073741824, found -2"
    ),
    (
      "\"nodes\":2,\"weights\":[[1", "\"nodes\":0,\"weights\":[[1",
      "layers[1].nodes: expected a whole number"
    ),
    (
      "\"nodes\":2,\"weights\":[[1", "\"nodes\":2.5,\"weights\":[[1",
      "layers[1].nodes: expected a whole number"
    ),
    ("\"nodes\":2,\"weights\":[[1", "\"nodes\":1073741824,\"weights\":[[1", ""),
    (
      "\"nodes\":2,\"weights\":[[0]", "\"nodes\":2147483648,\"weights\":[[0]",
      "layers[0].nodes: expected a whole number"
    ),
    (
      "\"learningRate\":0.1", "\"rate\":0.1",
      "expected a key 'learningRate', found 'layers', 'rate'"
    ),
    (
      "\"learningRate\":0.1", "\"learningRate\":1e39",
      "learningRate: expected a number that a 32-bit float can hold"
    ),
    (
      "\"learningRate\":0.1", "\"learningRate\":0.1,\"optimizer\":{\"sgd\":{}}",
      "optimizer: expected a key 'adam', found 'sgd'"
    ),
    (
      "\"learningRate\":0.1", "\"learningRate\":0.1,\"optimizer\":{\"adam\":{\"b1\":0.9}}",
      "optimizer.adam: expected a key 'b2'"
    ),
    (
      "\"learningRate\":0.1", "\"learningRate\":0.1,\"layers\":[]",
      "the key 'layers' stands twice in one object"
    ),
    (
      "\"learningRate\":0.1",
      "\"learningRate\":0.1,\"generator\":\"nn-dist\",\"weightLayout\":\"odd\"",
      "weightLayout: expected node-input or permuted, found 'odd'"
    ),
  ])
  func brains(_ old: String, _ new: String, _ message: String) {
    let text = brain(lobe)
    let said = refusalOrNil(Self.changed(text, old, new))
    if message.isEmpty { return }
    #expect(said?.contains(message) == true, "\(said ?? "accepted")")
    #expect(said?.hasPrefix("'m.smodel', byte ") == true)
  }

  private func refusalOrNil(_ text: String) -> String? {
    do throws(Failure) {
      _ = try ImportedLayers(model(text))
      return nil
    } catch {
      #expect(error.code == .badData)
      return error.message
    }
  }

  private static let map = "\"inputSize\":\(size(4, 4, 1))"

  private static func conv(_ filters: String, _ more: String = "") -> String {
    layer("conv2d", "\(map),\"filters\":[\(filters)]\(more)")
  }

  private static let filter = tensor("1,2,3,4", 2, 2)

  static let bad: [(text: String, message: String)] = [
    (sequential(layer("lstm")), "layers[0].type: a layer 'lstm' cannot be run here"),
    (sequential(layer("embedding")), "a layer 'embedding' cannot be run here"),
    (sequential(layer("dens")), "layer"),
    (sequential(dense, layer("rexNet")), "layers[1].type: a layer 'rexNet' cannot be run here"),
    (
      sequential(dense, layer("Relu\\n\\u001b[31m")),
      "layers[1].type: unknown layer 'Relu\\n\\u{1B}[31m'"
    ),
    (sequential(dense, layer("maxpool")), "unknown layer 'maxpool' (did you mean 'maxPool'?)"),
    (sequential(dense, layer("maxPool")), "layers[1].layer[0]: needs a map, found a sample of 2"),
    (
      sequential(dense, dense.replacing("2,\"columns\":2", with: "4,\"columns\":1")),
      "layers[1].layer[0].weights: expected weights of 2 columns"
    ),
    (
      sequential(dense.replacing("[1,2,3,4]", with: "[1,2,3]")),
      "layers[0].layer[0].weights.storage: expected 4 numbers, as the size"
    ),
    (
      sequential(dense.replacing("\"rows\":2", with: "\"rows\":4294967296")),
      "layers[0].layer[0].weights.size.rows: expected a whole number"
    ),
    (
      sequential(dense.replacing("\"rows\":2", with: "\"rows\":2147483648")),
      "layers[0].layer[0].weights: a tensor of 2147483648 rows"
    ),
    (
      sequential(dense.replacing("\"rows\":2", with: "\"rows\":-2")),
      "expected a whole number from 0"
    ),
    (
      sequential(dense.replacing("0.5,-1", with: "0.5,-1,7")),
      "biases.storage: expected 2 numbers, as the size 1 rows, 2 columns and depth 1 says, found a list of 3 numbers"
    ),
    (
      sequential(dense.replacing("\"storage\":[1,2,3,4]", with: "\"value\":[[[1,2],[3]]]")),
      "weights.value: expected lists of one length"
    ),
    (
      sequential(dense.replacing("\"storage\":[1,2,3,4]", with: "\"value\":[[1,2],[3,4]]")),
      "weights.value: expected 3 lists of numbers in each other"
    ),
    (
      sequential(layer("relu")),
      "layers[0].layer[0]: expected an inputSize, which the first layer must have"
    ),
    (
      sequential(layer("relu", "\"inputSize\":\(size(65536, 65536, 4))")),
      "an inputSize of 65536 rows"
    ),
    (
      sequential(layer("relu", "\"inputSize\":\(size(2147483648, 2147483648, 4))")),
      "an inputSize of"
    ),
    (sequential(conv("")), "filters: expected from 1 to 1,048,576 filters, found a list of 0"),
    (
      sequential(conv(filter + "," + tensor("1,2", 1, 2))),
      "filters[1]: expected a filter 2x2 of depth 1, found 1x2 of depth 1"
    ),
    (
      sequential(conv(tensor("1,2,3,4", 1, 2, 2))),
      "filters[0]: expected a filter of depth 1, found 1x2 of depth 2"
    ),
    (sequential(conv(filter, ",\"filterCount\":3")), "filterCount: 1 filters stand in the file"),
    (sequential(conv(filter, ",\"strides\":[1]")), "strides: expected 2 numbers"),
    (
      sequential(conv(filter, ",\"strides\":[0,1]")),
      "strides: expected whole numbers from 1 to 4096"
    ),
    (
      sequential(conv(filter, ",\"strides\":[1.5,1]")),
      "strides: expected whole numbers from 1 to 4096"
    ),
    (
      sequential(conv(filter, ",\"padding\":{\"full\":\"full\"}")),
      "padding: expected either 'same' or 'valid'"
    ),
    (
      sequential(
        conv(
          tensor(Array(repeating: "1", count: 25).joined(separator: ","), 5, 5),
          ",\"padding\":{\"valid\":\"valid\"}")), "a filter of 5 does not fit a map of 4"
    ),
    (
      sequential(conv(filter), layer("reshape", "\"reshapeSize\":\(size(3, 5, 1))")),
      "a sample of 4x4x1 cannot become 3x5x1"
    ),
    (
      sequential(conv(filter), layer("reshape", "\"reshapeSize\":\(size(0, 5, 1))")),
      "a reshapeSize of 0 rows"
    ),
    (
      sequential(conv(filter), layer("avgPool", "\"kernelSize\":\(size(3, 2, 1))")),
      "windows of 3x2 do not divide a map of 4x4"
    ),
    (sequential(conv(filter), layer("softmax")), "softmax of a map of 4x4x1"),
    (sequential(conv(filter), layer("batchNormalize", "\"gamma\":[1,2]")), "gamma: expected"),
    (
      sequential(conv(filter), layer("batchNormalize", "\"movingVariance\":[-1]")),
      "expected a movingVariance from 0"
    ),
    (
      sequential(conv(filter), layer("layerNormalize", "\"gamma\":\(tensor("1,2", 1, 2))")),
      "gamma: expected 16 numbers"
    ),
    (
      sequential(conv(filter), layer("layerNormalize", "\"epsilon\":0")),
      "epsilon: expected a number above 0 and below 1"
    ),
    (
      sequential(conv(filter), layer("dropout", "\"chance\":1")),
      "chance: expected a number from 0 to below 1"
    ),
    (sequential(conv(filter), layer("dropout")), "expected a key 'chance', found"),
    (
      sequential(
        layer("transConv2d", "\(map),\"filters\":[\(tensor("1", 1, 1))],\"strides\":[2,2]")),
      "a transConv2d of 1x1 with strides of 2 and 2 cannot be run here"
    ),
    (
      sequential(
        layer(
          "resNet",
          "\(map),\"filterCount\":1,\"stride\":1,\"innerBlockSequential\":{\"layers\":[\(layer("maxPool"))]}"
        )), "the block makes 2x2x1, what is added to it is 4x4x1"
    ),
    (
      sequential(
        layer(
          "resNet", "\(map),\"filterCount\":2,\"stride\":1,\"innerBlockSequential\":{\"layers\":[]}"
        )), "expected a key 'shortcutSequential'"
    ),
    (sequential("{\"type\":\"relu\",\"layer\":[]}"), "layers[0].layer: expected 1 layer, found"),
    (
      sequential("{\"type\":\"relu\",\"layer\":[{},{}]}"),
      "layers[0].layer: expected 1 layer, found a list of 2"
    ),
    ("{\"layers\":[]}", "layers: expected from 1 to 10,000 layers, found"),
    (
      "{\"layers\":[{\"a\":1}]}",
      "layers[0]: expected a layer with 'type' and 'layer' (Neuron 2) or 'nodes'"
    ),
    ("{\"layers\":5}", "layers: expected a list of layers, found 5"),
    ("{\"model\":[]}", "expected a key 'layers', found 'model'"),
    ("[]", "expected an object, found"),
    (
      brain(lobe).replacing("\"layers\":[{", with: "\"layers\":[[{").replacing(
        "false}", with: "false}]"), "expected"
    ),
  ]

  @Test(arguments: bad.indices)
  func models(_ index: Int) {
    let said = refusal(Self.bad[index].text)
    #expect(said.contains(Self.bad[index].message), "\(said)")
    #expect(said.hasPrefix("'m.smodel', byte "))
  }

  /// Another layout means nothing to a model of Neuron 2.
  @Test func layoutOfAnotherFamily() {
    let failure = #expect(throws: Failure.self) {
      try model(sequential(dense), StoredModel.Choices(layout: .permuted))
    }
    #expect(failure?.code == .usage)
  }

  @Test func files() throws {
    let folder = try TemporaryFolder()
    for (path, code, message) in [
      (folder.path(of: "none.smodel"), ExitCode.noInput, "does not exist"),
      (folder.path, .noInput, "it is not a regular file"),
      ("/dev/zero", .noInput, "it is not a regular file"),
    ] {
      let failure = #expect(throws: Failure.self) { try StoredModel(reading: path) }
      #expect(failure?.code == code && failure?.message.hasSuffix(message) == true)
    }
    // A file of holes takes no room, and is refused by its size alone.
    let path = folder.path(of: "large.smodel")
    try folder.write("", to: "large.smodel")
    let file = try FileHandle(forWritingTo: URL(filePath: path))
    try file.truncate(atOffset: 4 << 30)
    try file.close()
    let failure = #expect(throws: Failure.self) { try StoredModel(reading: path) }
    #expect(failure?.code == .badData)
    #expect(failure?.message == "'\(path)': expected a model of at most 268 MB, found 4.3 GB")
    #expect(StoredModel.isFile(path) && !StoredModel.isFile(folder.path))
    try folder.write(" \n{}", to: "other")
    try folder.write("a,b\n", to: "table")
    #expect(StoredModel.isFile(folder.path(of: "other")))
    #expect(!StoredModel.isFile(folder.path(of: "table")))
  }

  /// Ten thousand files with mistakes in them: each is a model or is refused in one line.
  @Test func mutations() throws {
    var random = XorShift(seed: 42)
    let files =
      try Reference.names.map { name in
        [UInt8](try Data(contentsOf: URL(filePath: Reference.path(name))))
      } + [Array(brain(lobe).utf8), Array(sequential(dense).utf8)]
    let pieces = [
      "[", "]", "{", "}", ",", ":", "\"", "-", "1e39", "1e-50", "null", "true", "0", "999999999999",
      "\"layers\":", "\\u0000", "[[[[", "]]]]", "4294967296", "-1", "0.5", "\u{0}",
      "\"type\":\"relu\"",
    ].map { Array($0.utf8) }
    let clock = ProcessorClock()
    var (accepted, slowest) = (0, Duration.zero)
    for _ in 0..<10_000 {
      var bytes = files[random.integer(in: 0...files.count - 1)]
      for _ in 0..<random.integer(in: 1...3) {
        let place = random.integer(in: 0...bytes.count - 1)
        switch random.integer(in: 0...5) {
        case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
        case 1: bytes[place] ^= 1 << UInt8(random.integer(in: 0...7))
        case 2:
          bytes.insert(contentsOf: pieces[random.integer(in: 0...pieces.count - 1)], at: place)
        case 3: bytes.removeSubrange(place..<min(bytes.count, place + random.integer(in: 1...40)))
        case 4: bytes.removeLast(random.integer(in: 1...min(bytes.count - 1, 200)))
        default:
          let end = min(bytes.count, place + random.integer(in: 1...200))
          bytes.insert(contentsOf: bytes[place..<end], at: random.integer(in: 0...bytes.count - 1))
        }
        if bytes.isEmpty { bytes = [0x7b] }
      }
      let start = clock.now
      do throws(Failure) {
        let model = try StoredModel(bytes: bytes, path: "m.smodel")
        accepted += try ImportedLayers(model).tensors.isEmpty ? 0 : 1
      } catch {
        #expect(error.code == .badData && !error.message.contains { $0.isNewline }, "\(error)")
      }
      slowest = max(slowest, clock.now - start)
    }
    #expect(accepted > 100 && accepted < 9_900, "\(accepted)")
    #expect(slowest < .seconds(1))
  }
}
