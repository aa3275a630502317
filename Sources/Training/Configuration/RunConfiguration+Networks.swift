internal import Configuration
package import Datasets
package import Diagnostics
internal import Graphs
package import Networks
internal import Optimizers

/// What a run trains: one network, or two against each other.
extension RunConfiguration {
  package var isAdversarial: Bool { settings.optionalValue("adversarial") != nil }

  /// Refuses an adversarial run where answers are wanted; says what to do instead.
  package func requireSupervised(else remedy: String) throws(Failure) {
    guard isAdversarial else { return }
    throw Failure(
      .badConfiguration,
      "'\(name)' is an adversarial run, whose networks answer nothing: \(remedy)")
  }

  /// The layers of all networks, for samples as a coding tells of them.
  package func layers(of coding: SampleCoding) throws(Failure) -> [LayerSummary] {
    let sample = Shape(coding.shape)
    return isAdversarial
      ? try Adversaries(settings, sample: sample).layers
      : try Network(
        settings, sample: sample, targets: TargetType(coding),
        fields: [TargetType.NamedField](coding)
      ).layers
  }

  /// An optimiser for each of two networks.
  static let optimizerOfEach = Record(
    "optimizer of each network",
    keys: [
      Key("generator", .optimizer, default: .absent, help: "That of the generator."),
      Key("critic", .optimizer, default: .absent, help: "That of the critic."),
      Key("discriminator", .optimizer, default: .absent, help: "Another name of critic."),
    ], help: "How the weights of each network follow their gradient.")

  /// Refuses keys of another kind of run.
  static func checkNetworks(_ settings: Settings) throws(Failure) {
    let isThere = { settings.optionalValue($0) != nil }
    let names = ["generator", "critic", "discriminator"]
    guard isThere("adversarial") else {
      guard let key = names.first(where: isThere) else { return }
      throw settings.failure(
        at: key, "means nothing without adversarial, which says what the two networks learn")
    }
    if let key = ["model", "loss"].first(where: isThere) {
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

  /// One for each network, in the order of their turns.
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
