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
        "affine", .boolean, default: true,
        help: "Whether each feature or channel is scaled and shifted by learned numbers."),
      Preset.freeze,
      nameKey,
    ], help: "Mean 0 and variance 1 for each sample, over all its features, places and channels.")

  let name: String?
  private let epsilon: Double
  private let isAffine: Bool

  init(_ settings: Settings) {
    name = settings.optionalText("name")
    epsilon = settings.number("epsilon")
    isAffine = settings.boolean("affine")
  }

  func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let shape = pass.shape(of: x)
    guard shape.count > shape[0] else {
      throw Misfit("a sample of 1 number has no variance: put it where there are more")
    }
    let channels = Shape([shape[shape.rank - 1]])
    let scale =
      isAffine
      ? try pass.parameter("weight", channels, .constant(1)) : pass.builder.constant(1, channels)
    let shift =
      isAffine ? try pass.parameter("bias", channels, .zeros) : pass.builder.constant(0, channels)
    return pass.builder.emit(.composite(.layerNorm(epsilon: epsilon)), x, scale, shift)
  }
}
