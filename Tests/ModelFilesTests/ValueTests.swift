import Diagnostics
import Foundation
import ModelFiles
import TestSupport
import Testing

/// What models compute, against NumPy and against facts known of the format.
@Suite struct ValueTests {
  @Test(arguments: Reference.names)
  func numpyAgrees(_ name: String) throws {
    let model = try StoredModel(reading: Reference.path(name), Reference.choices(name))
    let (samples, outputs) = try Reference.values(name)
    expectClose(try model.outputs(samples), outputs, within: 1e-6)
  }

  /// relu(W x + bias · biasWeights), and a softmax whose bias does not count.
  @Test func twoLobes() throws {
    let softmax = """
      ,{"activation":"softmax","nodes":2,"weights":[[1,0],[0,1]],"type":"output","bias":[0.1,0.1],
      "biasWeights":[5,-5],"normalize":false}
      """
    let text = brain(lobe + "}" + softmax.dropLast(), "\"learningRate\":0.01")
    expectClose(try model(text).outputs([[1, 2]]), [[0.0090133, 0.9909867]], within: 1e-7)
  }

  /// The places of the numbers of a 4-3 layer in the matrix that releases 1.5 and 1.6 multiply
  /// with.
  @Test func permutedWeights() throws {
    let zeros = "[0,0,0,0]"
    let inputs = """
      {"activation":"none","nodes":4,"weights":[[0],[0],[0],[0]],"type":"input","bias":\(zeros),
      "biasWeights":\(zeros),"normalize":false}
      """
    let text = """
      {"layers":[\(inputs),{"activation":"none","nodes":3,"type":"output","bias":[0,0,0],
      "weights":[[0,1,2,3],[4,5,6,7],[8,9,10,11]],"biasWeights":[0,0,0],"normalize":false}],
      "learningRate":1}
      """
    let units = (0..<4).map { unit in (0..<4).map { $0 == unit ? 1.0 : 0 } }
    func rows(_ layout: WeightLayout?) throws -> [[Double]] {
      let outputs = try model(text, StoredModel.Choices(layout: layout)).outputs(units)
      return (0..<3).map { node in outputs.map { $0[node] } }
    }
    #expect(try rows(.permuted) == [[0, 9, 7, 5], [3, 1, 10, 8], [6, 4, 2, 11]])
    let natural: [[Double]] = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    #expect(try rows(.natural) == natural)
    // Releases before and after 1.5 wrote such files, so that nothing tells the layout.
    let failure = #expect(throws: Failure.self) { _ = try model(text) }
    #expect(failure?.code == .badData)
    #expect(
      failure?.message
        == "'m.smodel' may be of Neuron 1.4.2, 1.4.3, 1.4.4, 1.4.5, 2022-01, 1.5 or 1.6, which compute "
        + "different answers from it: say which with --release (release in train.init_from and "
        + "PretrainedModel)")
  }

  /// What tells whether weights are permuted.
  @Test(arguments: [
    ("", WeightLayout.natural),
    (",\"optimizer\":{\"adam\":{\"b1\":0.9,\"b2\":0.999,\"eps\":1e-8}}", .permuted),
    (",\"batchNormalizerLearningRate\":0.1", .natural),
    (",\"generator\":\"nn-dist\",\"weightLayout\":\"permuted\"", .permuted),
    (
      ",\"generator\":\"nn-dist\",\"optimizer\":{\"adam\":{\"b1\":0.9,\"b2\":0.999,\"eps\":1e-8}}",
      .natural
    ),
    (",\"generator\":\"other\",\"weightLayout\":\"permuted\"", .natural),
  ])
  func layouts(_ more: String, _ layout: WeightLayout) throws {
    let found = try model(brain(lobe, "\"learningRate\":0.1" + more)).family
    guard case .brain(let brain) = found else { throw Failure(.badData, "\(found)") }
    #expect(brain.layout == layout && brain.learningRate == 0.1)
    #expect((brain.adam == nil) == !more.contains("adam"))
  }

  /// The examples beside the description of the format, where that is here.
  @Test(.data("shared/reference/examples", areHere: Examples.folder != nil))
  func examples() throws {
    func outputs(
      _ name: String, _ sample: [Double], _ choices: StoredModel.Choices = StoredModel.Choices()
    ) throws -> [[Double]] {
      try StoredModel(reading: "\(Examples.folder ?? "")/\(name).smodel", choices).outputs([sample])
    }
    let natural = StoredModel.Choices(layout: .natural)
    expectClose(try outputs("old-A-plain", [1, 2]), [[0.0090133, 0.9909867]])
    expectClose(
      try outputs("old-B-nonsquare-adam", [0.1, -0.05], natural), [[0.2970433]])
    expectClose(try outputs("old-B-nonsquare-adam", [0.1, -0.05]), [[-0.0036344]])
    expectClose(try outputs("old-C-normalized", [1, 2, 3, 4], natural), [[0.5, 0.5]])
    expectClose(
      try outputs(
        "old-C-normalized", [1, 2, 3, 4],
        StoredModel.Choices(layout: .natural, usesStoredStatistics: true)),
      [[0.1192082, 0.8807918]])
    let map = (0..<16).map { 0.01 * Double($0) }
    for name in ["v2-D-storage", "v2-D-value"] {
      expectClose(try outputs(name, map), [[10.124, 22.74]])
    }
  }
}

enum Examples {
  /// The folder of the examples, beside the repository or above it.
  static let folder: String? = {
    let root = URL(filePath: #filePath).appending(path: "../../..").standardized
    return ["shared", "../shared"].map {
      root.appending(path: "\($0)/reference/examples").standardized.path()
    }
    .first { FileManager.default.fileExists(atPath: $0) }
  }()
}
