internal import Configuration
package import Datasets
package import Diagnostics
internal import Graphs
package import Networks
internal import Optimizers

// The networks of a run: one, or a critic and a generator.
extension RunConfiguration {
  package var isAdversarial: Bool { settings.optionalValue("adversarial") != nil }

  /// Throws if the run is adversarial, for then it makes no predictions; `remedy` is what to do
  /// instead.
  package func requireSupervised(else remedy: String) throws(Failure) {
    guard isAdversarial else { return }
    throw Failure(
      .badConfiguration,
      "'\(name)' is an adversarial run, which makes no predictions: \(remedy)")
  }

  /// The layers of all networks, for samples with this coding.
  package func layers(of coding: SampleCoding) throws(Failure) -> [LayerSummary] {
    let sample = Shape(coding.shape)
    return isAdversarial
      ? try Adversaries(settings, sample: sample).layers
      : try Network(
        settings, sample: sample, targets: TargetType(coding),
        fields: [TargetType.NamedField](coding)
      ).layers
  }

  /// The keys of `optimizer` in an adversarial run, if each network has its own.
  static let optimizerOfEach = Record(
    "optimizer of each network",
    keys: [
      Key("generator", .optimizer, default: .absent, help: "That of the generator."),
      Key("critic", .optimizer, default: .absent, help: "That of the critic."),
      Key("discriminator", .optimizer, default: .absent, help: "Another name of critic."),
    ], help: "How the weights of each network follow their gradient.")

  /// Throws if a key belongs to the other kind of run, or a network is missing.
  static func checkNetworks(_ settings: Settings) throws(Failure) {
    let isThere = { settings.optionalValue($0) != nil }
    let names = ["generator", "critic", "discriminator"]
    guard isThere("adversarial") else {
      guard let key = names.first(where: isThere) else { return }
      throw settings.failure(
        at: key, "means nothing without adversarial, which says what the two networks learn")
    }
    if let key = ["model", "loss", "lora"].first(where: isThere) {
      throw settings.failure(
        at: key, "means nothing in an adversarial run, whose networks are generator and critic")
    }
    if isThere("critic"), isThere("discriminator") {
      throw settings.failure(
        at: "discriminator", "is another name of critic, which is there as well: leave one out")
    }
    for key in ["generator", "critic"]
    where !isThere(key) && !(key == "critic" && isThere("discriminator")) {
      throw settings.failure(
        at: "adversarial", "missing key '\(key)': expected the layers of the \(key)")
    }
  }

  /// An optimizer for each network, in the order of the cycle.
  static func optimizers(_ settings: Settings) throws(Failure) -> [any Optimizer] {
    let isAdversarial = settings.optionalValue("adversarial") != nil
    switch settings.value("optimizer") {
    case .section(let each):
      guard isAdversarial else {
        throw settings.failure(
          at: "optimizer", "there is only one network here: expected an optimizer, such as adam")
      }
      let critics = ["critic", "discriminator"].compactMap { each.optionalSection($0) }
      guard let generator = each.optionalSection("generator"), let critic = critics.first else {
        let key = critics.isEmpty ? "critic" : "generator"
        throw each.failure("missing key '\(key)': expected an optimizer")
      }
      guard critics.count == 1 else {
        throw each.failure("critic and discriminator are the same network: leave one out")
      }
      return [try critic.optimizer(), try generator.optimizer()]
    case let one:
      let optimizer = try one.section.optimizer()
      return isAdversarial ? [optimizer, optimizer] : [optimizer]
    }
  }
}
