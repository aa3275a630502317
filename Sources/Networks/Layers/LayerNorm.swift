internal import Configuration
internal import Graphs

/// Brings each sample to mean 0 and variance 1, then scales and shifts each feature or channel by
/// learned numbers (Ba and others 2016).
///
/// For vectors this is PyTorch's `LayerNorm`; for maps, whose weights belong to channels as those
/// of `batchnorm` do, its `GroupNorm` of one group.
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
      Preset.freeze,
      nameKey,
    ], help: "Mean 0 and variance 1 for each sample, over all its features, places and channels.")

  let name: String?
  private let epsilon: Double
  private let affine: Affine

  /// What learned numbers there are.
  private enum Affine {
    case none, shared, own
  }

  init(_ settings: Settings) {
    name = settings.optionalText("name")
    epsilon = settings.number("epsilon")
    affine =
      switch settings.value("affine") {
      case .boolean(false): .none
      case .boolean: .own
      default: .shared
      }
  }

  func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let shape = pass.shape(of: x)
    guard shape.count > shape[0] else {
      throw Misfit("a sample of 1 number has no variance: put it where there are more")
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
    return pass.builder.emit(.composite(.layerNorm(epsilon: epsilon)), x, scale, shift)
  }
}
