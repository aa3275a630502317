import TestSupport

/// A configuration of a small network that a seed makes up: any layers, any loss, on samples of its
/// own; some with weights so great that activations saturate.
struct RandomNetwork {
  let seed: Int
  private var numbers: XorShift
  /// The extents of what the layers so far make of a sample: `[h, w, c]` or `[f]`.
  private var extents: [Int] = []
  private var initialiser = ""

  init(seed: Int) {
    self.seed = seed
    numbers = XorShift(seed: UInt64(seed) &* 0x9e37_79b9_7f4a_7c15 | 1)
    // The first numbers of seeds that are alike are too.
    for _ in 0..<8 { _ = numbers.next() }
  }

  /// The configuration file.
  mutating func text() -> String {
    if happens(0.2) { initialiser = ", init: {normal: \(pick([1, 3, 10, 30]))}" }
    return happens(0.15) ? adversarial() : supervised()
  }

  // MARK: Whole networks

  private mutating func supervised() -> String {
    let count = pick([3, 8, 24, 24, 24])
    let isEmbedded = happens(0.05)
    let isMap = !isEmbedded && happens(0.5)
    extents =
      isMap
      ? [pick([3, 4, 5, 6]), pick([3, 4, 5, 6]), pick([1, 2, 3])] : [pick([2, 3, 5, 8, 12])]
    let width = extents.reduce(1, *)
    let samples = list(count) { random in
      random.list(width) {
        isEmbedded ? "\($0.numbers.integer(in: 0...4))" : $0.number(from: -2, to: 2)
      }
    }
    let outputs = pick([1, 2, 3, 5])
    let kind = pick(["labels", "targets", "shares"])
    var layers: [String] = []
    if isMap { layers.append("{reshape: \(extents)}") }
    if isEmbedded {
      layers += ["{embedding: {entries: 5, size: 3}}", "flatten"]
      extents = [3 * width]
    }
    layers += self.layers(isMap ? pick([1, 2, 3, 4]) : pick([0, 1, 2, 4]))
    layers += vector()
    layers += self.layers(pick([0, 1, 2, 3]))
    let classes = kind == "labels" ? max(2, outputs) : outputs
    layers.append(dense(classes))
    let answers =
      switch kind {
      case "labels":
        "labels: [" + (0..<count).map { "\($0 % classes)" }.joined(separator: ", ") + "]"
      case "targets":
        "targets: " + list(count) { $0.list(classes) { $0.number(from: -2, to: 2) } }
      default:
        "targets: " + list(count) { $0.list(classes) { $0.number(from: 0, to: 1) } }
      }
    let loss: String
    switch kind {
    case "labels":
      let weights = list(classes) { $0.number(from: 0, to: 3) }
      loss = pick([
        "cross_entropy", "{cross_entropy: {label_smoothing: 0.1}}",
        "{cross_entropy: {class_weights: \(weights)}}", "binary_cross_entropy",
        "{binary_cross_entropy: {positive_weight: 4}}", "mse", "mae", "{huber: 0.5}",
      ])
    case "targets": loss = pick(["mse", "mae", "{huber: 0.5}"])
    default: loss = pick(["binary_cross_entropy", "mse", "mae", "huber"])
    }
    if loss.contains("binary"), happens(0.3) { layers.append("sigmoid") }
    if loss.contains("{cross") || loss == "cross_entropy", happens(0.3) { layers.append("softmax") }
    return """
      name: random
      seed: \(seed)
      data:
        dataset: table
        samples: \(samples)
        \(answers)
        batch: 2
      model: [\(layers.joined(separator: ", "))]
      loss: \(loss)
      optimizer: sgd
      """
  }

  private mutating func adversarial() -> String {
    let loss = pick(["wasserstein_gp", "wasserstein_clip", "minimax", "non_saturating", "hinge"])
    let width = pick([2, 3, 5])
    let samples = list(16) { $0.list(width) { $0.number(from: -1, to: 1) } }
    let targets = list(16) { _ in "[0]" }
    extents = [3]
    let generator = layers(pick([1, 2, 3])) + [dense(width)]
    extents = [width]
    let critic =
      layers(pick([1, 2, 3]), isApart: loss == "wasserstein_gp") + [dense(1)]
    return """
      name: random
      seed: \(seed)
      data: {dataset: table, samples: \(samples), targets: \(targets), batch: 2}
      generator: [\(generator.joined(separator: ", "))]
      critic: [\(critic.joined(separator: ", "))]
      adversarial: {loss: \(loss), noise: {size: 3, kind: \(pick(["normal", "uniform"]))}}
      optimizer: {generator: sgd, critic: sgd}
      """
  }

  // MARK: Layers

  private mutating func layers(_ count: Int, isApart: Bool = false) -> [String] {
    (0..<count).map { _ in layer(depth: 0, isApart: isApart) }
  }

  private mutating func layer(depth: Int, isApart: Bool) -> String {
    var kinds = ["activation", "activation", "layernorm", "dropout", "scale"]
    if !isApart { kinds += ["batchnorm", "batchnorm"] }
    if depth < 2 { kinds += ["residual"] }
    if extents.count == 3 {
      kinds += [
        "conv", "conv", "conv_transpose", "pool", "pool", "instancenorm", "pad", "upsample",
      ]
      if depth < 2 { kinds.append("concat") }
    } else {
      kinds += ["dense", "dense", "dense"]
    }
    switch pick(kinds) {
    case "activation": return activation()
    case "dropout": return "{dropout: \(pick([0.2, 0.5]))}"
    case "scale": return "{scale: \(pick([0.5, 2, 30]))}"
    case "layernorm": return "layernorm"
    case "batchnorm": return "batchnorm"
    case "instancenorm": return "instancenorm"
    case "dense": return dense(pick([3, 4, 8]))
    case "conv":
      let (filters, stride) = (pick([2, 3, 4]), pick([1, 1, 2]))
      let groups = filters.isMultiple(of: 2) && extents[2].isMultiple(of: 2) ? pick([1, 2]) : 1
      extents = [
        (extents[0] + stride - 1) / stride, (extents[1] + stride - 1) / stride, filters,
      ]
      return "{conv: {filters: \(filters), kernel: \(pick([1, 2, 3])), stride: \(stride), "
        + "groups: \(groups), bias: \(pick(["true", "false"]))\(initialiser)}}"
    case "conv_transpose":
      let filters = pick([2, 3])
      guard extents[0] < 7, extents[1] < 7 else { return activation() }
      extents = [2 * extents[0], 2 * extents[1], filters]
      return "{conv_transpose: {filters: \(filters), stride: 2\(initialiser)}}"
    case "pool":
      guard extents[0] > 1, extents[1] > 1 else { return activation() }
      extents = [extents[0] / 2, extents[1] / 2, extents[2]]
      return "{\(pick(["maxpool", "avgpool"])): 2}"
    case "pad":
      extents = [extents[0] + 1, extents[1] + 2, extents[2]]
      return "{pad: [[0, 1], 1]}"
    case "upsample":
      guard extents[0] < 7, extents[1] < 7 else { return activation() }
      extents = [2 * extents[0], extents[1], extents[2]]
      return "{upsample: [2, 1]}"
    case "concat":
      let (before, channels) = (extents, pick([1, 2]))
      let parts = [
        ["{conv: {filters: \(channels)\(initialiser)}}", activation()], [activation()], [],
      ]
      extents = [before[0], before[1], channels + 2 * before[2]]
      return
        "{concat: [\(parts.map { "[\($0.joined(separator: ", "))]" }.joined(separator: ", "))]}"
    default:
      let before = extents
      let inner =
        before.count == 3
        ? ["{conv: {filters: \(before[2])\(initialiser)}}", activation()]
        : [dense(before[0]), activation()]
      let norm = !isApart && happens(0.5) ? ["batchnorm"] : []
      extents = before
      return "{residual: [\((inner + norm).joined(separator: ", "))]}"
    }
  }

  private mutating func activation() -> String {
    pick([
      "relu", "{leaky_relu: 0.1}", "elu", "selu", "gelu", "swish", "mish", "softplus", "tanh",
      "sigmoid", "softmax", "prelu",
    ])
  }

  private mutating func dense(_ units: Int) -> String {
    extents = [units]
    return "{dense: {units: \(units), bias: \(pick(["true", "true", "false"]))\(initialiser)}}"
  }

  /// What makes a vector of a map.
  private mutating func vector() -> [String] {
    guard extents.count == 3 else { return [] }
    let isMean = happens(0.3)
    extents = [isMean ? extents[2] : extents.reduce(1, *)]
    return [isMean ? "global_avgpool" : "flatten"]
  }

  // MARK: Numbers

  private mutating func happens(_ probability: Double) -> Bool {
    Double.random(in: 0..<1, using: &numbers) < probability
  }

  private mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[Int.random(in: 0..<elements.count, using: &numbers)]
  }

  private mutating func number(from low: Double, to high: Double) -> String {
    "\((Double.random(in: low...high, using: &numbers) * 1000).rounded() / 1000)"
  }

  private mutating func list(_ count: Int, _ element: (inout RandomNetwork) -> String) -> String {
    var elements: [String] = []
    for _ in 0..<count { elements.append(element(&self)) }
    return "[\(elements.joined(separator: ", "))]"
  }
}
