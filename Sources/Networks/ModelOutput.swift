internal import Configuration
package import Diagnostics

/// An output of a model: the layer that makes it, its loss, and the field of the data to compare it
/// with.
package struct ModelOutput: Sendable {
  /// The layer's name; nil stands for the last one.
  package var layer: String?
  package var loss: any Loss
  /// The field of the data; nil stands for its labels or targets.
  package var target: String?
  /// The factor of the loss in the sum of all.
  package var weight: Double
  /// The names of its metrics; nil stands for those that suit its targets.
  package var metrics: [String]?
  /// The loss in a file, and the output if it is one of several.
  private let written: (loss: Settings, output: Settings?)?

  package init(
    _ loss: any Loss, of layer: String? = nil, target: String? = nil, weight: Double = 1,
    metrics: [String]? = nil
  ) {
    self.layer = layer
    self.loss = loss
    self.target = target
    self.weight = weight
    self.metrics = metrics
    written = nil
  }

  static let record = Record(
    "output",
    keys: [
      Key("layer", .text, help: "The name of the layer whose output it is."),
      Key(
        "loss", LossKind.kind,
        help: "Its loss; the loss's target names the field to compare "
          + "with."),
      Key(
        "weight", .number(in: .above(0, to: 1e6)), default: 1,
        help: "The factor of its loss in the sum of all."),
      Key(
        "metrics", .list(of: .text, count: 0...1000), default: .absent,
        help: "What is followed beside its loss, as in train.metrics."),
    ], help: "An output with a loss of its own.")

  /// Settings that the record has checked.
  init(_ settings: Settings) throws(Failure) {
    try self.init(loss: settings.section("loss"), of: settings)
  }

  /// The only output, that of the last layer, with the loss of a section.
  init(loss: Settings, of output: Settings? = nil) throws(Failure) {
    self.loss = try LossKind.all.named(loss.name).make(loss)
    layer = output?.text("layer")
    target = loss.optionalText("target")
    weight = output?.number("weight") ?? 1
    metrics = output?.optionalValue("metrics")?.list.map(\.text)
    written = (loss, output)
  }

  /// The settings that a file would write for the loss.
  func lossSettings() throws(Failure) -> Settings {
    if let written { return written.loss }
    var values = try loss.settings().values
    values["target"] = target.map { .text($0) }
    return try Settings(LossKind.all.named(loss.name).record, values)
  }

  /// The settings that a file would write for one of several outputs.
  func settings() throws(Failure) -> Settings {
    if let output = written?.output { return output }
    var values: [String: Setting] = ["weight": .number(weight)]
    values["layer"] = layer.map { .text($0) }
    values["loss"] = .variant(try lossSettings())
    values["metrics"] = metrics.map { .list($0.map { .text($0) }) }
    return try Settings(Self.record, values)
  }

  /// A failure of its loss, or of one of the loss's keys.
  package func failure(_ message: String, at key: String? = nil) -> Failure {
    guard let loss = written?.loss else { return Failure(.badConfiguration, message) }
    return key.map { loss.failure(at: $0, message) } ?? Failure(settings: loss.location, message)
  }

  /// What does not fit its loss, with its place.
  func failure(_ misfit: Misfit) -> Failure {
    let message = "\(loss.name): \(misfit.message)"
    guard let loss = written?.loss else { return Failure(.badConfiguration, message) }
    let place = misfit.key.map { loss.location(of: $0) } ?? loss.location
    return Failure(settings: place, message)
  }

  /// A failure of its layer's name, if it is one of several outputs.
  func layerFailure(_ message: String) -> Failure {
    written?.output?.failure(at: "layer", message) ?? failure(message)
  }

  /// A failure of its metrics, if it is one of several outputs.
  package func metricsFailure(_ message: String) -> Failure {
    written?.output?.failure(at: "metrics", message) ?? failure(message)
  }
}
