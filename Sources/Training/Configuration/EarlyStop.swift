internal import Configuration
internal import Diagnostics
internal import Reports

/// The `early_stop` section: when a run ends before its length.
package struct EarlyStop: Sendable {
  private let settings: Settings

  static let record = Record(
    "early_stop", main: "patience",
    keys: [
      Key(
        "patience", .integer(in: 1...1_000_000), default: .absent, effect: .length,
        help: "The run ends after this number of epochs without a better value."),
      Key(
        "figure", .text, default: "loss", effect: .length,
        help:
          "The metric that must get better: loss or one of metrics, on the validation set if there "
          + "is one, otherwise in training."),
      Key(
        "min_delta", .number(in: .from(0, to: 1e30)), default: 0, effect: .length,
        help: "The smallest improvement that counts."),
      Key(
        "loss_below", .number(in: .from(0, to: 1e30)), default: .absent, effect: .length,
        help: "The run ends when an epoch's loss is below this."),
    ], help: "When to end before the last epoch; checked at the end of each epoch.")

  init(_ settings: Settings) { self.settings = settings }

  /// The metric that must get better.
  package var metric: String { settings.text("figure") }
  package var minDelta: Double { settings.number("min_delta") }

  /// The reason to end a run with this history; nil to continue.
  package func reason(_ history: RunHistory) -> String? {
    if let limit = settings.optionalNumber("loss_below"), history.loss < limit {
      return "the loss, \(history.loss.formatted(digits: 4)), is below \(limit)"
    }
    if let patience = settings.optionalInteger("patience"),
      history.monitored.epochsSince >= patience
    {
      let (name, value) = (history.monitored.name, history.monitored.value.formatted(digits: 4))
      return "\(name) has not been better than \(value) for \(history.monitored.epochsSince) "
        + (history.monitored.epochsSince == 1 ? "epoch" : "epochs")
    }
    return nil
  }

  func check(_ metrics: [Metric], validates: Bool) throws(Failure) {
    try settings.checkMetric("figure", metrics, validates: validates)
    guard settings.optionalValue("patience") == nil, settings.optionalValue("loss_below") == nil
    else { return }
    throw settings.failure("early_stop needs patience, loss_below or both")
  }
}

extension Settings {
  /// Throws if the value of `key` is not the loss or one of the metrics, and if training alone does
  /// not tell that metric.
  func checkMetric(_ key: String, _ metrics: [Metric], validates: Bool) throws(Failure) {
    let known = ["loss"] + metrics.map(\.name)
    guard let name = optionalText(key) else { return }
    if !validates, metrics.contains(where: { $0.name == name && $0.needsWholeSet }) {
      throw failure(
        at: key,
        "'\(name)' is known of a validation set only, and there is none: see data.validation")
    }
    guard !known.contains(name) else { return }
    throw failure(
      at: key, "'\(name)' is not a metric of this run\(Suggestion.hint(for: name, among: known))")
  }
}
