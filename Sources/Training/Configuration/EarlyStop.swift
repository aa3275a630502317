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
        help: "Epochs in a row without a better figure after which the run ends."),
      Key(
        "figure", .text, default: "loss", effect: .length,
        help: "What must get better: loss or one of the metrics, of the validation set if there is "
          + "one, else of training."),
      Key(
        "min_delta", .number(in: .from(0, to: 1e30)), default: 0, effect: .length,
        help: "By how much at least to count as better."),
      Key(
        "loss_below", .number(in: .from(0, to: 1e30)), default: .absent, effect: .length,
        help: "The run ends when an epoch's loss is below this."),
    ], help: "When to end although there are epochs left; decided at the end of each.")

  init(_ settings: Settings) { self.settings = settings }

  package var figure: String { settings.text("figure") }
  package var minDelta: Double { settings.number("min_delta") }

  /// The reason to end a run with this history; nil to continue.
  package func reason(_ history: RunHistory) -> String? {
    if let limit = settings.optionalNumber("loss_below"), history.loss < limit {
      return "the loss, \(history.loss.formatted(digits: 4)), is below \(limit)"
    }
    if let patience = settings.optionalInteger("patience"),
      history.followed.epochsSince >= patience
    {
      let (name, value) = (history.followed.name, history.followed.value.formatted(digits: 4))
      return "\(name) has not been better than \(value) for \(history.followed.epochsSince) "
        + (history.followed.epochsSince == 1 ? "epoch" : "epochs")
    }
    return nil
  }

  func check(_ metrics: [Metric]) throws(Failure) {
    try settings.checkFigure("figure", metrics)
    guard settings.optionalValue("patience") == nil, settings.optionalValue("loss_below") == nil
    else { return }
    throw settings.failure("early_stop needs patience, loss_below or both")
  }
}

extension Settings {
  /// Throws if the value of `key` is not the loss or one of the metrics.
  func checkFigure(_ key: String, _ metrics: [Metric]) throws(Failure) {
    let known = ["loss"] + metrics.map(\.name)
    guard let name = optionalText(key), !known.contains(name) else { return }
    throw failure(
      at: key, "'\(name)' is not followed in this run\(Suggestion.hint(for: name, among: known))")
  }
}
