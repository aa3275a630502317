internal import Checkpoints
internal import Configuration
internal import Datasets
package import Diagnostics
internal import Graphs
internal import JSON
internal import Networks
internal import Training

/// A run of a language model that has ended, as a point of the law.
package struct FinishedRun: Sendable {
  package let path: String
  package let point: ScalingPoint
  private let configuration: RunConfiguration
  private let coding: SampleCoding
  private let dataHash: String

  /// Reads the newest checkpoint of a run directory.
  package init(_ path: String) throws(Failure) {
    let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    self = try ResolvedCheckpoint.reading(path, .newest) { found throws(Failure) in
      try FinishedRun(Checkpoint(opening: found.path), of: path)
    }
  }

  private init(_ checkpoint: borrowing Checkpoint, of path: String) throws(Failure) {
    self.path = path
    let run = try CheckpointEvaluation(checkpoint, dataFrom: nil)
    configuration = run.configuration
    coding = run.coding
    let network = try run.configuration.isAdversarial ? nil : run.network()
    guard let network, network.modelsLanguage else {
      throw Failure(
        .badData,
        "'\(path)' is no language model: expected a run that predicts the next tokens of a text, "
          + "with the loss cross_entropy")
    }
    guard run.configuration.settings.optionalSection("lora") == nil else {
      throw Failure(
        .badData,
        "'\(path)' fine-tunes the network of another run: expected runs that were trained from the "
          + "start")
    }
    let epoch = try checkpoint.state.integer("epoch")
    let position = try checkpoint.state.integer("position")
    guard epoch == 0 || epoch == 1 && position == 0 else {
      throw Failure(
        .badData,
        "'\(path)' repeats its text: after \(checkpoint.step.grouped) steps it is in epoch "
          + "\(epoch + 1), and the law holds only for tokens that are seen once; train on more "
          + "text or for fewer steps")
    }
    try Self.checkEnd(checkpoint, run.configuration, path)
    let samples = epoch == 0 ? position : checkpoint.step * run.configuration.data.batch
    point = ScalingPoint(
      parameters: Double(try checkpoint.layout(of: .weights).count),
      tokens: Double(samples * (run.coding.shape.first ?? 1)),
      loss: try Self.loss(checkpoint, path))
    dataHash = try checkpoint.state.text("data_hash")
  }

  private static func checkEnd(
    _ checkpoint: borrowing Checkpoint, _ configuration: RunConfiguration, _ path: String
  ) throws(Failure) {
    let schedule = configuration.schedule
    let perEpoch = try checkpoint.state.integer("epoch") > 0 ? checkpoint.step : checkpoint.step + 1
    let steps = schedule.steps(perEpoch: perEpoch)
    guard checkpoint.step < steps, schedule.earlyStop == nil else { return }
    throw Failure(
      .badData,
      "'\(path)' has not ended: it is after step \(checkpoint.step.grouped); continue it with "
        + "nn-dist train --resume")
  }

  /// The loss of the validation after the last step.
  private static func loss(
    _ checkpoint: borrowing Checkpoint, _ path: String
  ) throws(Failure) -> Double {
    let text = JSONText(Array(checkpoint.metrics.utf8), path: "\(checkpoint.path) /metrics")
    guard let validation = try Field(text).optional("validation") else {
      throw Failure(
        .badData,
        "'\(path)' has no validation loss at its end: expected a run with a validation set, such "
          + "as validation: 0.1 in data")
    }
    let loss = try validation.required("loss").number()
    guard loss > 0 else {
      throw Failure(
        .badData, "'\(path)' ended with a validation loss of \(loss), expected one above 0")
    }
    return loss
  }

  /// Throws unless all runs have the same data, tokens and loss.
  package static func checkComparable(_ runs: [FinishedRun]) throws(Failure) {
    guard let first = runs.first else { return }
    for (place, run) in runs.enumerated().dropFirst() {
      guard !runs[..<place].contains(where: { $0.path == run.path }) else {
        throw Failure(.usage, "the run '\(run.path)' is given twice: give each run once")
      }
      if let difference = run.difference(from: first) {
        throw Failure(
          .badData,
          "'\(run.path)' and '\(first.path)' differ in \(difference): losses can be compared only "
            + "on the same text with the same tokens")
      }
    }
  }

  /// The first setting of data or loss in which runs differ; nil if their losses are comparable.
  private func difference(from other: FinishedRun) -> String? {
    let free = ["data.batch", "data.train_samples", "data.drop_last", "data.order"]
    let settings = configuration.settings.differences(from: other.configuration.settings)
    if let found = settings.first(where: { setting in
      ["data", "loss"].contains { setting.path == $0 || setting.path.hasPrefix("\($0).") }
        && !free.contains(setting.path)
    }) {
      return "\(found.path) (\(found.this) and \(found.other))"
    }
    if coding.tokens != other.coding.tokens { return "their tokens" }
    let isCutAlike = configuration.trainingSamples == other.configuration.trainingSamples
    return isCutAlike && dataHash != other.dataHash ? "the contents of their text" : nil
  }

  /// Whose tokens the loss is of.
  package var tokens: String {
    let name =
      if case .described(let files) = configuration.data.source { files.text("training") } else {
        configuration.data.name
      }
    return "'\(name)', which has \(coding.tokens?.size.grouped ?? "no") different tokens"
  }
}

extension Network {
  /// Whether it predicts the next tokens of a text, and its loss is their mean in nats.
  var modelsLanguage: Bool { outputs.count == 1 && outputs[0].coversText }
}

extension RunConfiguration {
  /// The number of training samples that the configuration asks for; nil for all.
  fileprivate var trainingSamples: Int? {
    settings.section("data").optionalInteger("train_samples")
  }
}
