package import Configuration
package import Diagnostics

/// Layers, and the losses of their outputs, before it is known that they fit each other.
package struct Model: Sendable {
  package var layers: LayerList
  package var outputs: [ModelOutput]
  /// What fine-tunes it, if anything does.
  package let lora: LoRA?
  /// The settings that it was read from, if it was.
  private let written: Settings?

  /// A model with one output, that of the last layer; `target` names the field of the data to
  /// compare it with, its labels or targets if nil.
  package init(_ layers: LayerList, loss: any Loss, target: String? = nil) {
    self.init(layers, outputs: [ModelOutput(loss, target: target)])
  }

  package init(_ layers: LayerList, outputs: [ModelOutput]) {
    self.layers = layers
    self.outputs = outputs
    lora = nil
    written = nil
  }

  /// The keys that a configuration has for a model.
  package static let keys = [
    Key(
      "model", .layers(count: 0...10_000), default: .requiredWithout(["adversarial"]),
      help: "The layers, from the samples to the outputs."),
    Key(
      "loss", LossKind.kind, default: .requiredWithout(["adversarial", "outputs"]),
      help: "What training makes small, of the last layer's output; or see outputs."),
    Key(
      "outputs", .list(of: .record(ModelOutput.record), count: 1...1000), default: .absent,
      help: "Several outputs, each with a loss: training makes their weighted sum small."),
    Key(
      "lora", .record(LoRA.record), default: .absent,
      help: "Fine-tunes the network of train.init_from by low-rank matrices alone."),
  ]

  /// The model of settings with these keys.
  package init(_ settings: Settings) throws(Failure) {
    let list = settings.sections("model")
    guard !list.isEmpty else {
      throw settings.failure(at: "model", "expected at least one layer, such as 'dense: 10'")
    }
    written = settings
    lora = settings.optionalSection("lora").map { LoRA($0) }
    layers = LayerList(try list.map { section throws(Failure) in try Node(section) })
    guard let loss = settings.optionalSection("loss") else {
      outputs = try settings.sections("outputs").map { section throws(Failure) in
        try ModelOutput(section)
      }
      return
    }
    outputs = [try ModelOutput(loss: loss)]
    guard settings.optionalValue("outputs") == nil else {
      throw settings.failure(
        at: "outputs", "loss and outputs both say what training makes small: leave one out")
    }
  }

  /// The values of these keys for a model that no file wrote, as a file would write them.
  package func settings() throws(Failure) -> [String: Setting] {
    let model = try layers.setting()
    if outputs.count == 1, outputs[0].layer == nil {
      return ["model": model, "loss": .variant(try outputs[0].lossSettings())]
    }
    return [
      "model": model,
      "outputs": .list(
        try outputs.map { output throws(Failure) in .section(try output.settings()) }),
    ]
  }

  /// A failure of the layers as a whole.
  func failure(_ message: String) -> Failure {
    written?.failure(at: "model", message) ?? Failure(.badConfiguration, message)
  }
}
