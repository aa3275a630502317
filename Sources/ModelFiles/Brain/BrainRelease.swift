internal import Diagnostics
internal import JSON

/// A release of Neuron up to 1.6; those that compute the same from a file are one case.
package enum BrainRelease: CaseIterable, Sendable {
  /// Up to 1.4.1, without norms.
  case early
  /// Norms after the activation, but not after that of the output layer.
  case release142
  /// 1.4.3 and 1.4.4: norms before the weights.
  case release143
  /// As 1.4.2. An output layer without an activation returns 1 for any input.
  case release145
  /// Not released: permuted weights, but not those of the output layer, whose norm is left out.
  case january2022
  /// Permuted weights, norms after the activation.
  case release15
  /// Permuted weights, norms before the weights.
  case release16

  /// The release of a name such as `1.4.3`, `1.6` or `2022-01`; nil if there is none.
  package init?(_ name: String) {
    let numbers = name.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
    if name == Self.january2022.name {
      self = .january2022
      return
    }
    guard 2...3 ~= numbers.count, numbers[0] == 1 || numbers[0] == 0, let minor = numbers[1],
      let patch = numbers.count == 3 ? numbers[2] : 0, minor >= 0, patch >= 0
    else { return nil }
    switch (numbers[0], minor, patch) {
    case (0, _, _), (_, 0...3, _), (_, 4, 0...1): self = .early
    case (_, 4, 2): self = .release142
    case (_, 4, 3...4): self = .release143
    case (_, 4, 5): self = .release145
    case (_, 5, 0...1): self = .release15
    case (_, 6, 0...1): self = .release16
    default: return nil
    }
  }

  /// The message for a name that `init(_:)` does not take.
  package static func unknown(_ name: String) -> String {
    "unknown release \(quoted(name)) of Neuron 1; there are \(allCases.names)"
  }

  /// Its name in messages and for `init(_:)`.
  package var name: String {
    switch self {
    case .early: "1.4.1"
    case .release142: "1.4.2"
    case .release143: "1.4.3"
    case .release145: "1.4.5"
    case .january2022: "2022-01"
    case .release15: "1.5"
    case .release16: "1.6"
    }
  }

  /// How the release computes the lobes of a file, the input layer first.
  ///
  /// `statesMoments` is whether layers have moving averages beside their gamma.
  func readings(of lobes: [LobeOutline], statesMoments: Bool) -> [LobeReading] {
    lobes.indices.map { place in
      let isOutput = place == lobes.count - 1
      let isPermuted =
        switch self {
        case .early, .release142, .release143, .release145: false
        // The last commits of that month permute the output layer as well.
        case .january2022: !isOutput || statesMoments
        case .release15, .release16: true
        }
      let norm: LobeReading.Norm
      switch self {
      case _ where !lobes[place].hasNorm: norm = .none
      case .early: norm = .none
      case .release16: norm = place == 0 ? .none : .before
      // The input layer has no weights, so both places are the same.
      case .release143: norm = place == 0 ? .after : .before
      case .release142, .release145, .january2022: norm = isOutput ? .none : .after
      case .release15: norm = .after
      }
      return LobeReading(
        layout: isPermuted && lobes[place].isPermutable ? .permuted : .natural, norm: norm)
    }
  }
}

/// The properties of a lobe that releases differ in.
struct LobeOutline {
  let nodes: Int
  /// The nodes of the lobe before; 1 of the input layer.
  let inputs: Int
  let hasNorm: Bool

  /// Whether the two layouts of such a matrix differ.
  var isPermutable: Bool { nodes != inputs && nodes > 1 && inputs > 1 }
}

/// How to read a lobe of a file.
struct LobeReading: Equatable {
  enum Norm { case none, before, after }

  var layout: WeightLayout
  let norm: Norm
}

extension BrainRelease {
  /// The releases that may have written a file, oldest first.
  static func candidates(_ root: Field, _ layers: [Field]) throws(Failure) -> [BrainRelease] {
    if layers.contains(where: { (try? $0.optional("activation")?.text()) == "softmax" }) {
      return [.release16]
    }
    if statesMoments(layers) { return [.january2022] }
    if root.has("optimizer") || layers.contains(where: { $0.has("batchNormalizerParams") }) {
      // Normalised lobes of 1.6 have no bias.
      let hasBias = layers.contains { layer in
        layer.has("batchNormalizerParams") && layer.hasNonzero("bias")
      }
      return hasBias ? [.release15] : [.release15, .release16]
    }
    let hasRate = root.has("batchNormalizerLearningRate")
    if hasRate { return [.release143, .release145, .january2022] }
    if layers.contains(where: { $0.has("gamma") }) {
      return [.release142, .release143, .release145, .january2022]
    }
    if layers.contains(where: { !$0.has("normalize") }) { return [.early] }
    return allCases.filter { $0 != .early }
  }

  static func statesMoments(_ layers: [Field]) -> Bool {
    layers.contains { $0.has("movingMean") || $0.has("movingVariance") }
  }
}

extension [BrainRelease] {
  /// `1.4.2, 1.4.3, 1.4.4 or 1.5`.
  var names: String {
    let names = flatMap { $0 == .release143 ? [$0.name, "1.4.4"] : [$0.name] }
    guard let last = names.last, names.count > 1 else { return names.first ?? "" }
    return names.dropLast().joined(separator: ", ") + " or \(last)"
  }
}

extension Field {
  /// Whether a list has a number other than 0; other faults of the list are found later.
  fileprivate func hasNonzero(_ key: String) -> Bool {
    guard let field = try? optional(key), let count = field.numberCount,
      let numbers = try? field.floats(count, "")
    else { return false }
    return numbers.contains { $0 != 0 }
  }
}
