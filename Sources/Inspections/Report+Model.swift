internal import Diagnostics
package import ModelFiles
package import Reports

extension Report {
  /// Describes a model of the Swift package Neuron.
  mutating func describe(_ model: StoredModel, of path: String) throws(Failure) {
    begin(path, "model")
    switch model.family {
    case .sequential: add("format", .string("Neuron 2"))
    case .brain(let brain):
      add("format", .string("Neuron 1"))
      add("layout of weights", .string(brain.layout.rawValue))
      add("learning rate", .number(brain.learningRate))
      if let adam = brain.adam {
        add(
          "adam",
          .object([
            ("beta1", .number(adam.beta1)), ("beta2", .number(adam.beta2)),
            ("epsilon", .number(adam.epsilon)),
          ]))
      }
    }
    add("written by nn-dist", .boolean(model.mark != nil))
    if let loss = model.mark?.loss { add("loss", .string(loss)) }
    add("sample", .shape(model.sample.extents))
    add("parameters", .integer(model.parameterCount))
    add(
      "layers", columns: ["layer", "kind", "output"],
      rows: model.outline.map { layer in
        [.string(layer.name), .string(layer.kind), .shape(layer.output.extents)]
      })
    add(
      "weights", columns: ["tensor", "shape", "least", "greatest", "mean", "norm"],
      rows: try ImportedLayers(model).tensors.map { name, tensor in
        let statistics = TensorStatistics(of: tensor.values)
        return [
          .string(name), .shape(tensor.shape), .number(statistics.least),
          .number(statistics.greatest),
          .number(statistics.mean), .number(statistics.norm),
        ]
      })
    if let coding = model.mark?.coding { add("coding", text: coding) }
  }

  /// Describes the layers of a model that cannot be run, with their names in the file.
  package mutating func describe(_ outline: ModelOutline, of path: String) {
    begin(path, "model")
    add("format", .string(outline.format))
    add(
      "layers", columns: ["layer", "kind", "input", "numbers"],
      rows: outline.layers.enumerated().map { number, layer in
        [
          .integer(number), .string(layer.kind), layer.input.map { .shape($0.extents) } ?? .null,
          .integer(layer.numbers),
        ]
      })
  }
}
