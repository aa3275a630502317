package import Configuration
package import Diagnostics

/// The `adversarial` section: what two networks play for, and by which rules.
package struct AdversarialSettings: Sendable {
  package let loss: AdversarialLoss
  /// What a squared deviation of the gradient's length from 1 costs.
  package let penalty: Double
  /// How many steps of the critic come before each step of the generator.
  package let criticSteps: Int
  /// What the critic's weights are kept within, if they are.
  package let weightClip: Double?
  package let noiseSize: Int
  package let noise: NoiseKind
  /// How far from 1 and 0 labels are drawn at most.
  package let labelNoise: Double

  /// What the generator's input is drawn from.
  package enum NoiseKind: String, Sendable, CaseIterable {
    /// Mean 0 and deviation 1.
    case normal
    /// From -1 to 1.
    case uniform
  }

  package static let record = Record(
    "adversarial", main: "loss",
    keys: [
      Key(
        "loss", .choice(AdversarialLoss.self),
        help: "wasserstein_gp (with a gradient penalty), wasserstein_clip (with bounded weights), "
          + "minimax, non_saturating or hinge."),
      Key(
        "penalty", .number(in: .from(0, to: 1e30)), default: .absent,
        help: "The factor of (length of the critic's gradient - 1)² in wasserstein_gp; 10 if left "
          + "out."),
      Key(
        "critic_steps", .integer(in: 1...1000), default: .absent,
        help: "Steps of the critic before each step of the generator; left out, 5 with a "
          + "Wasserstein loss, else 1."),
      Key(
        "weight_clip", .number(in: .above(0, to: 1e30)), default: .absent,
        help: "What wasserstein_clip keeps the critic's weights within, after each of its steps; "
          + "0.01 if left out."),
      Key(
        "noise", .record(noiseRecord), default: "{}",
        help: "What the generator makes samples of."),
      Key(
        "label_noise", .number(in: .from(0, to: 1)), default: 0,
        help: "With minimax and non_saturating: labels are drawn up to this far from 1 and 0, anew "
          + "for each sample and step."),
    ],
    help: "Two networks against each other: one makes samples, the other tells them from the data.")

  private static let noiseRecord = Record(
    "noise", main: "size",
    keys: [
      Key("size", .integer(in: 1...1_000_000), default: 64, help: "Numbers for each sample."),
      Key(
        "kind", .choice(NoiseKind.self), default: "normal",
        help: "normal (mean 0, deviation 1) or uniform (from -1 to 1)."),
    ], help: "Random numbers, the generator's input.")

  /// Rules of Swift code; nil stands for the standard value.
  package init(
    loss: AdversarialLoss, penalty: Double? = nil, criticSteps: Int? = nil,
    weightClip: Double? = nil, noiseSize: Int = 64, noise: NoiseKind = .normal,
    labelNoise: Double = 0
  ) {
    self.loss = loss
    self.penalty = penalty ?? 10
    self.criticSteps = criticSteps ?? (loss.isWasserstein ? 5 : 1)
    self.weightClip = loss == .wassersteinClip ? weightClip ?? 0.01 : nil
    self.noiseSize = noiseSize
    self.noise = noise
    self.labelNoise = labelNoise
  }

  /// The settings that a file would write to build them.
  package func settings() throws(Failure) -> Settings {
    var values: [String: Setting] = [
      "loss": .choice(loss.rawValue), "critic_steps": .integer(criticSteps),
      "label_noise": .number(labelNoise),
    ]
    if loss == .wassersteinGP { values["penalty"] = .number(penalty) }
    values["weight_clip"] = weightClip.map { .number($0) }
    values["noise"] = .section(
      try Settings(
        Self.noiseRecord, ["size": .integer(noiseSize), "kind": .choice(noise.rawValue)]))
    return try Settings(Self.record, values)
  }

  /// Settings that `record` has checked; those without effect are refused.
  package init(_ settings: Settings) throws(Failure) {
    let loss: AdversarialLoss = settings.choice("loss")
    func check(_ key: String, _ hasEffect: Bool, _ where: String) throws(Failure) {
      guard settings.optionalValue(key) != nil, !hasEffect else { return }
      throw settings.failure(
        at: key, "means nothing for \(loss.rawValue), only for \(`where`): leave it out")
    }
    try check("penalty", loss == .wassersteinGP, "wasserstein_gp")
    try check("weight_clip", loss == .wassersteinClip, "wasserstein_clip")
    let labelNoise = settings.number("label_noise")
    if labelNoise > 0 { try check("label_noise", loss.usesLabels, "minimax and non_saturating") }
    let noise = settings.section("noise")
    self.init(
      loss: loss, penalty: settings.optionalNumber("penalty"),
      criticSteps: settings.optionalInteger("critic_steps"),
      weightClip: settings.optionalNumber("weight_clip"), noiseSize: noise.integer("size"),
      noise: noise.choice("kind"), labelNoise: labelNoise)
  }
}
