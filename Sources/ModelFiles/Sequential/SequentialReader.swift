internal import Diagnostics
internal import JSON

/// Reads a model of Neuron 2, a `Sequential`: layers of a type each, in any of its versions.
struct SequentialReader {
  /// Whether this program wrote the file.
  let isOurs: Bool
  /// The layers so far, and the shape of their output.
  var layers: [StoredLayer] = []
  var shape: SampleShape

  static func model(_ root: Field, _ fields: [Field]) throws(Failure) -> StoredModel {
    let mark = try StoredModel.Mark(root)
    let sample = try firstShape(fields[0])
    var reader = SequentialReader(isOurs: mark != nil, shape: sample)
    for field in fields { try reader.read(field) }
    return StoredModel(sample: sample, layers: reader.layers, family: .sequential, mark: mark)
  }

  /// The shape of the first layer's input.
  private static func firstShape(_ field: Field) throws(Failure) -> SampleShape {
    let (type, layer) = try parts(of: field)
    if let size = try layer.optional("inputSize").map({ field throws(Failure) in
      try TensorSize(field)
    }), !size.isEmpty {
      guard product(size.shape.extents) != nil else {
        throw layer.failure("an inputSize of \(size) is more than there may be")
      }
      return type.takesMaps
        ? .map(height: size.rows, width: size.columns, channels: size.depth) : size.shape
    }
    guard type == .dense else {
      throw layer.failure("expected an inputSize, which the first layer must have")
    }
    return .vector(max(1, try TensorField(layer.required("weights")).columns))
  }

  private static func parts(
    of field: Field
  ) throws(Failure) -> (type: SequentialType, layer: Field) {
    let word = try field.required("type")
    let name = try word.text("the name of a layer")
    guard let type = SequentialType(rawValue: name) else {
      let known = SequentialType.allCases.map(\.rawValue)
      throw word.failure(
        SequentialType.foreign.contains(name)
          ? "a layer '\(name)' cannot be run here; those that can are "
            + known.joined(separator: ", ")
          : "unknown layer \(quoted(name))\(Suggestion.hint(for: name, among: known))")
    }
    return (type, try field.required("layer").elements("layer", 1...1)[0])
  }

  /// Reads one layer and appends its layers here.
  private mutating func read(_ field: Field) throws(Failure) {
    let (type, layer) = try Self.parts(of: field)
    for var stored in try self.layers(of: type, layer) {
      if isOurs, stored.hasParameters { stored.name = try layer.optional("name")?.text() }
      try append(stored, layer)
    }
  }

  mutating func append(_ layer: StoredLayer, _ field: Field) throws(Failure) {
    do throws(Misfit) {
      shape = try layer.output(of: shape)
    } catch {
      throw field.failure(error.message)
    }
    layers.append(layer)
  }

  /// The layers of a block inside a layer.
  func block(_ field: Field, of shape: SampleShape) throws(Failure) -> SequentialReader {
    var reader = SequentialReader(isOurs: isOurs, shape: shape)
    for layer in try field.required("layers").elements("layers", 0...1000) {
      try reader.read(layer)
    }
    return reader
  }
}

/// The layers of Neuron 2 that this program can run, by their names in the file.
enum SequentialType: String, CaseIterable {
  case dense, conv2d, depthwiseConv2d, transConv2d, batchNormalize, layerNormalize, instanceNorm
  case relu, leakyRelu, sigmoid, tanh, swish, selu, mish, prelu, softmax
  case maxPool, avgPool, globalAvgPool, dropout, flatten, reshape, resNet

  /// The other layers, by their names.
  static let foreign: Set<String> = [
    "lstm", "embedding", "rexNet", "add", "multiply", "subtract", "divide", "none", "groupNorm",
  ]

  /// Whether it takes a sample of one row and one channel as a map too.
  var takesMaps: Bool {
    switch self {
    case .conv2d, .depthwiseConv2d, .transConv2d, .instanceNorm, .maxPool, .avgPool,
      .globalAvgPool, .resNet:
      true
    case .dense, .batchNormalize, .layerNormalize, .relu, .leakyRelu, .sigmoid, .tanh, .swish,
      .selu, .mish, .prelu, .softmax, .dropout, .flatten, .reshape:
      false
    }
  }
}
