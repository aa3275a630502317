package import Diagnostics
internal import JSON

/// The layers of a model file as it names them, also if this program cannot run the model.
package struct ModelOutline: Sendable {
  /// A layer of the file.
  package struct Layer: Sendable {
    /// Its type, or `dense` with its activation.
    package let kind: String
    /// The shape of its input, if the file has it.
    package let input: SampleShape?
    /// The number of numbers in its lists.
    package let numbers: Int
  }

  /// `Neuron 1` or `Neuron 2`.
  package let format: String
  package let layers: [Layer]

  package init(reading path: String) throws(Failure) {
    let root = try Field(JSONText(reading: path))
    let fields = try root.required("layers").elements("layers", 1...10_000)
    guard fields[0].has("nodes"), fields[0].has("activation") else {
      format = "Neuron 2"
      layers = try fields.map { field throws(Failure) in
        let inner = try field.required("layer").elements("layer", 1...1)[0]
        let size = (try? inner.optional("inputSize")).flatMap { try? TensorSize($0) }
        return Layer(
          kind: try field.required("type").text(),
          input: size.flatMap { $0.isEmpty ? nil : $0.shape }, numbers: inner.node.numberCount)
      }
      return
    }
    format = "Neuron 1"
    var nodes: Int?
    layers = try fields.map { field throws(Failure) in
      let activation = try field.required("activation").text()
      let isNormalised = try field.optional("normalize")?.boolean() ?? false
      let layer = Layer(
        kind: nodes == nil
          ? "inputs"
          : "dense" + (activation == "none" ? "" : ", \(activation)")
            + (isNormalised ? ", normalised" : ""),
        input: nodes.map(SampleShape.vector), numbers: field.node.numberCount)
      nodes = try field.required("nodes").integer(in: 1...1 << 30)
      return layer
    }
  }
}

extension JSONNode {
  /// The number of numbers in lists, at any depth.
  fileprivate var numberCount: Int {
    switch content {
    case .object(let members): members.reduce(0) { $0 + $1.value.numberCount }
    case .list(let elements): elements.reduce(0) { $0 + $1.numberCount }
    case .numbers(let count): count
    case .mixture, .text, .number, .boolean, .null: 0
    }
  }
}
