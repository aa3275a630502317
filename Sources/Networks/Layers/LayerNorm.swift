package import Configuration
package import Graphs

/// Brings each sample, or the features of each of its steps and places, to mean 0 and variance 1,
/// then scales and shifts each feature or channel by learned numbers (Ba and others 2016).
///
/// For vectors, and over features, this is PyTorch's `LayerNorm`; over a whole map, whose weights
/// belong to channels as those of `batchnorm` do, its `GroupNorm` of one group.
package struct LayerNorm: Layer, Configurable {
  package var epsilon: Double
  package var affine: Affine
  /// Nil where it was not said: of a vector both are the same.
  package var over: Extent?
  package var freeze: Frozen?

  package init(epsilon: Double = 1e-5, affine: Affine = .each, over: Extent? = nil) {
    self.epsilon = epsilon
    self.affine = affine
    self.over = over
  }

  package enum Extent: String, CaseIterable, SettingValue {
    case features, sample
  }

  /// The learned scales and shifts: none, one of each for all, or one for each feature or channel.
  package enum Affine: SettingValue {
    case none, shared, each

    package static var kind: Kind { .oneOf([.boolean, .choice(["shared"])]) }

    package init(setting: Setting) {
      self =
        switch setting {
        case .boolean(let isThere): isThere ? .each : .none
        default: .shared
        }
    }

    package func setting() -> Setting {
      switch self {
      case .none: .boolean(false)
      case .shared: .choice("shared")
      case .each: .boolean(true)
      }
    }
  }

  package static let schema = Schema(
    "layernorm", LayerNorm(),
    [
      .epsilon(\.epsilon),
      Property(
        "affine", \.affine,
        help:
          "Whether each feature or channel is scaled and shifted by learned numbers, or all by "
          + "the same two."),
      Property(
        "over", \.over,
        help:
          "What has mean 0 and variance 1: the features of each step of a sequence or place of a "
          + "map, as in PyTorch's LayerNorm, or the whole sample. A vector need not say it; "
          + "before a sequence or map could be normalised by features, it was the sample."),
      .freeze(\.freeze),
    ], help: "Mean 0 and variance 1 for each sample, or for each of its steps and places.")

  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let whole = pass.shape(of: x)
    if over == nil, whole.rank > 2 { pass.leaveNormOpen(of: whole) }
    let shape: Shape =
      over == .features
      ? [whole.count / whole[whole.rank - 1], whole[whole.rank - 1]] : whole
    guard shape.count > shape[0] else {
      throw Misfit(
        "\(over == .features ? "1 feature" : "a sample of 1 number") has no variance: put it "
          + "where there are more")
    }
    let channels = Shape([shape[shape.rank - 1]])
    let (scale, shift): (Value, Value)
    switch affine {
    case .none:
      (scale, shift) = (pass.builder.constant(1, channels), pass.builder.constant(0, channels))
    case .shared, .each:
      let shape = affine == .each ? channels : Shape([1])
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
