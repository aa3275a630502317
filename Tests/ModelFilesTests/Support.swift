import Diagnostics
import Foundation
import Graphs
import ModelFiles
import Networks
import TestSupport
import Testing

/// The models that numpy_models.py has made, with what NumPy makes of them.
enum Reference {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../References/models").standardized.path()

  static let names = [
    "dense", "conv", "norms", "transposed", "residual", "release-1.1", "release-1.4", "release-1.5",
    "release-1.6", "release-1.6-stored", "release-1.4.2-norms", "release-1.4.3-norms",
    "release-2022-01-norms", "release-1.5.1-norms", "release-1.6.1-norms", "release-1.4.4-plain",
    "release-1.6.0-plain",
  ]

  /// How a file is to be read; files of these releases do not say it themselves.
  static func choices(_ name: String) throws -> StoredModel.Choices {
    var choices = StoredModel.Choices(usesStoredStatistics: name.hasSuffix("stored"))
    if name == "release-1.4" || name.hasSuffix("norms") && name != "norms"
      || name.hasSuffix("plain")
    {
      let how = try #require(try json(name)["how"] as? [String: Any])
      choices.release = BrainRelease(try #require(how["release"] as? String))
    }
    return choices
  }

  static func path(_ name: String) -> String { "\(folder)/\(name).smodel" }

  private static func json(_ name: String) throws -> [String: Any] {
    let data = try Data(contentsOf: URL(filePath: path(name)))
    return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
  }

  /// Samples and outputs as the file has them: channel, row, column.
  static func values(_ name: String) throws -> (samples: [[Double]], outputs: [[Double]]) {
    let json = try json(name)
    return (
      try #require(json["samples"] as? [[Double]]), try #require(json["outputs"] as? [[Double]])
    )
  }
}

extension StoredModel {
  /// What the reference evaluator makes of samples in Double; maps are given and returned as Neuron
  /// has them, channel by channel.
  func outputs(_ samples: [[Double]]) throws -> [[Double]] {
    let imported = try ImportedLayers(self)
    guard case .vector(let width) = output else { throw Failure(.badData, "a map") }
    let network = try Network(
      Model(imported.layers, loss: MeanSquaredError()), sample: Shape(sample.extents),
      targets: .values(width))
    let names = Set(network.parameters.map(\.name))
    #expect(names == Set(imported.tensors.map(\.name)))
    var parameters: [String: Tensor] = [:]
    for (name, tensor) in imported.tensors {
      parameters[name] = Tensor(Shape(tensor.shape), tensor.values.map(Double.init))
    }
    let program = ReferenceEvaluator(try network.evaluationProgram(samples: samples.count))
    let inputs = [
      "samples": Tensor(
        Shape([samples.count] + sample.extents), samples.flatMap { channelsLast($0) }),
      "targets": Tensor(
        [samples.count, width], [Double](repeating: 0, count: samples.count * width)),
    ]
    let results = try program.evaluate(inputs: inputs, parameters: parameters)
    let found = try #require(results["predictions"]).elements
    return (0..<samples.count).map { Array(found[$0 * width..<($0 + 1) * width]) }
  }

  private func channelsLast(_ numbers: [Double]) -> [Double] {
    guard case .map(let height, let width, let channels) = sample else { return numbers }
    return (0..<height * width * channels).map { place in
      let (pixel, channel) = place.quotientAndRemainder(dividingBy: channels)
      return numbers[channel * height * width + pixel]
    }
  }
}

/// Whether numbers are as near as a float32 of Neuron's could tell.
func expectClose(
  _ found: [[Double]], _ expected: [[Double]], within bound: Double = 1e-5,
  sourceLocation: Testing.SourceLocation = #_sourceLocation
) {
  #expect(found.map(\.count) == expected.map(\.count), sourceLocation: sourceLocation)
  for (a, b) in zip(found.joined(), expected.joined()) {
    #expect(abs(a - b) <= bound, "\(found), not \(expected)", sourceLocation: sourceLocation)
  }
}

/// A model of a text.
func model(
  _ text: String, _ choices: StoredModel.Choices = StoredModel.Choices()
) throws(Failure) -> StoredModel {
  try StoredModel(bytes: Array(text.utf8), path: "m.smodel", choices)
}

/// The message of the failure that a text ends in.
func refusal(
  _ text: String, sourceLocation: Testing.SourceLocation = #_sourceLocation
) -> String {
  refusal(Array(text.utf8), sourceLocation: sourceLocation)
}

func refusal(
  _ bytes: [UInt8], sourceLocation: Testing.SourceLocation = #_sourceLocation
) -> String {
  do throws(Failure) {
    _ = try ImportedLayers(StoredModel(bytes: bytes, path: "m.smodel"))
    Issue.record("accepted", sourceLocation: sourceLocation)
    return ""
  } catch {
    #expect(error.code == .badData, "\(error)", sourceLocation: sourceLocation)
    #expect(!error.message.contains("\n"), sourceLocation: sourceLocation)
    return error.message
  }
}

/// A model of Neuron 1 with one layer of given members behind two inputs.
func brain(_ layer: String, _ more: String = "\"learningRate\":0.1") -> String {
  """
  {"layers":[{"activation":"none","nodes":2,"weights":[[0],[0]],"type":"input","bias":[0,0],
  "biasWeights":[0,0],"normalize":false},{\(layer)}],\(more)}
  """
}

let lobe = """
  "activation":"reLu","nodes":2,"weights":[[1,-1],[0.5,2]],"type":"output","bias":[0.1,0.1],\
  "biasWeights":[1,2],"normalize":false
  """

/// A model of Neuron 2 of these layers.
func sequential(_ layers: String..., more: String = "") -> String {
  "{\"layers\":[\(layers.joined(separator: ","))]\(more)}"
}

func layer(_ type: String, _ members: String = "") -> String {
  "{\"type\":\"\(type)\",\"layer\":[{\(members)}]}"
}

func size(_ rows: Int, _ columns: Int, _ depth: Int) -> String {
  "{\"rows\":\(rows),\"columns\":\(columns),\"depth\":\(depth)}"
}

func tensor(_ numbers: String, _ rows: Int, _ columns: Int, _ depth: Int = 1) -> String {
  "{\"storage\":[\(numbers)],\"size\":\(size(rows, columns, depth))}"
}

let dense = layer(
  "dense",
  """
  "weights":\(tensor("1,2,3,4", 2, 2)),"biases":\(tensor("0.5,-1", 1, 2)),"biasEnabled":true,\
  "inputSize":\(size(1, 2, 1))
  """)
