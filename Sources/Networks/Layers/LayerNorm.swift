internal import Configuration
internal import Graphs

/// Brings each sample, or the features of each of its steps and places, to mean 0 and variance 1,
/// then scales and shifts each feature or channel by learned numbers (Ba and others 2016).
///
/// For vectors, and over features, this is PyTorch's `LayerNorm`; over a whole map, whose weights
/// belong to channels as those of `batchnorm` do, its `GroupNorm` of one group.
struct LayerNorm: Layer {
  static let schema = Record(
    "layernorm",
    keys: [
      Key(
        "epsilon", .number(in: .above(0, below: 1)), default: 1e-5,
        help: "Added to the variance before its root is taken."),
      Key(
        "affine", .oneOf([.boolean, .choice(["shared"])]), default: true,
        help:
          "Whether each feature or channel is scaled and shifted by learned numbers, or all by the "
          + "same two."),
      Key(
        "over", .choice(Extent.self), default: .absent,
        help:
          "What has mean 0 and variance 1: the features of each step of a sequence or place of a map, as"
          + " in PyTorch's LayerNorm, or the whole sample. A vector need not say it; before a sequence or"
          + " map could be normalised by features, it was the sample."),
      Preset.freeze,
      nameKey,
    ], help: "Mean 0 and variance 1 for each sample, or for each of its steps and places.")

  private enum Extent: String, CaseIterable {
    case features, sample
  }

  let name: String?
  private let epsilon: Double
  private let affine: Affine
  private let extent: Extent?

  /// What learned numbers there are.
  private enum Affine {
    case none, shared, own
  }

  init(_ settings: Settings) {
    name = settings.optionalText("name")
    epsilon = settings.number("epsilon")
    extent = settings.optionalChoice("over", as: Extent.self)
    affine =
      switch settings.value("affine") {
      case .boolean(false): .none
      case .boolean: .own
      default: .shared
      }
  }

  func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let whole = pass.shape(of: x)
    if extent == nil, whole.rank > 2 { pass.leaveNormOpen(of: whole) }
    let shape: Shape =
      extent == .features
      ? [whole.count / whole[whole.rank - 1], whole[whole.rank - 1]] : whole
    guard shape.count > shape[0] else {
      throw Misfit(
        "\(extent == .features ? "1 feature" : "a sample of 1 number") has no variance: put it where "
          + "there are more")
    }
    let channels = Shape([shape[shape.rank - 1]])
    let (scale, shift): (Value, Value)
    switch affine {
    case .none:
      (scale, shift) = (pass.builder.constant(1, channels), pass.builder.constant(0, channels))
    case .shared, .own:
      let shape = affine == .own ? channels : Shape([1])
      let weight = try pass.parameter("weight", shape, .constant(1))
      let bias = try pass.parameter("bias", shape, .zeros)
      (scale, shift) = (
        pass.builder.broadcast(weight, channels), pass.builder.broadcast(bias, channels)
      )
    }
    let rows = pass.builder.reshape(x, shape)
    return pass.builder.reshape(
      pass.builder.emit(.composite(.layerNorm(epsilon: epsilon)), rows, scale, shift), whole)
  }
}
