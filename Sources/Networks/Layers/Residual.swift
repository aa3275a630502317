package import Configuration
package import Diagnostics
package import Graphs

/// Adds its input to the output of its layers (He and others 2016).
package struct Residual: Layer, Configurable {
  package var layers: LayerList
  package var shortcut: Shortcut

  package init(_ layers: LayerList, shortcut: Shortcut = .auto) {
    self.layers = layers
    self.shortcut = shortcut
  }

  /// How the input gets the shape of the sum.
  package enum Shortcut: SettingValue {
    case auto
    case pad
    case layers(LayerList)

    package static var kind: Kind {
      .oneOf([.choice(["auto", "pad"]), .layers(count: 1...1000)])
    }

    package init(setting: Setting) throws(Failure) {
      switch setting {
      case .list: self = .layers(try LayerList(setting: setting))
      default: self = setting.text == "pad" ? .pad : .auto
      }
    }

    package func setting() throws(Failure) -> Setting {
      switch self {
      case .auto: .choice("auto")
      case .pad: .choice("pad")
      case .layers(let layers): try layers.setting()
      }
    }
  }

  package static let schema = Schema(
    "residual", Residual(.none), main: "layers",
    [
      Property(
        "layers", \.layers, .layers(count: 1...1000), isRequired: true, unless: Node.owner,
        help: "What is added to the input."),
      Property(
        "shortcut", \.shortcut,
        help: "How the input gets the shape of the sum: by a learned 1x1 convolution where it has "
          + "another (auto), by leaving out rows and columns and appending channels of zeros "
          + "(pad), or by layers."),
    ], help: "Adds its input to what its layers make of it.")

  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let y = try pass.apply(layers, to: x)
    let shape = pass.shape(of: y)
    // Layers of sequences take a map of height 1, such as that of an embedding, as one.
    let isLine = pass.shape(of: x).rank == 4 && pass.shape(of: x)[1] == 1
    let x = shape.rank == 3 && isLine ? try pass.sequence(x) : x
    let way: Value =
      switch shortcut {
      case .auto: try projected(x, to: shape, in: &pass)
      case .pad: try padded(x, to: shape, in: &pass)
      case .layers(let layers): try pass.apply(layers, under: "/shortcut", to: x)
      }
    guard pass.shape(of: way) == shape else {
      throw Misfit(
        "the layers make \(shape.features), the shortcut \(pass.shape(of: way).features)",
        at: "shortcut")
    }
    return pass.builder.add(y, way)
  }

  /// A 1x1 convolution without bias, or for vectors a matrix; nothing if the shapes are equal.
  private func projected(
    _ x: Value, to shape: Shape, in pass: inout ForwardPass
  ) throws(Misfit) -> Value {
    let from = pass.shape(of: x)
    if from == shape { return x }
    let steps = try steps(from: from, to: shape)
    let (inputs, outputs) = (from[from.rank - 1], shape[shape.rank - 1])
    let distribution = Distribution.normal(deviation: (1 / Double(inputs)).squareRoot())
    if shape.rank == 2 {
      let weight = try pass.parameter("shortcut/weight", [outputs, inputs], distribution)
      return pass.builder.matrixProduct(x, weight, transposeRight: true)
    }
    let map = try pass.map(x)
    let convolution = Convolution(
      vertical: SlidingAxis(kernel: 1, stride: map.isSequence ? 1 : steps[0]),
      horizontal: SlidingAxis(kernel: 1, stride: steps[steps.count - 1]))
    let weight = try pass.parameter(
      "shortcut/weight", map.isSequence ? [outputs, inputs, 1] : [outputs, inputs, 1, 1],
      distribution)
    let y = pass.builder.emit(
      .convolution(convolution), map.value,
      pass.builder.reshape(weight, [outputs, inputs, 1, 1]))
    return pass.result(y, of: map)
  }

  /// Every n-th row and column, with channels of zeros at the end.
  private func padded(
    _ x: Value, to shape: Shape, in pass: inout ForwardPass
  ) throws(Misfit) -> Value {
    let from = pass.shape(of: x)
    let steps = try steps(from: from, to: shape)
    let missing = shape[shape.rank - 1] - from[from.rank - 1]
    guard missing >= 0 else {
      throw Misfit(
        "pad only adds channels, but the layers make \(shape.features) of \(from.features)",
        at: "shortcut")
    }
    var stretches = from.extents.map { AxisRange(start: 0, count: $0) }
    for (axis, step) in zip(1..<shape.rank - 1, steps) {
      stretches[axis] = AxisRange(start: 0, count: shape[axis], stride: step)
    }
    let thin = pass.builder.emit(.slice(stretches), x)
    var paddings = [Padding](repeating: Padding(), count: shape.rank)
    paddings[shape.rank - 1] = Padding(high: missing)
    return pass.builder.emit(.pad(paddings), thin)
  }

  /// The steps along height and width that lead from one map to the other; none for vectors.
  private func steps(from: Shape, to shape: Shape) throws(Misfit) -> [Int] {
    let axes = 1..<shape.rank - 1
    let steps = from.rank == shape.rank ? axes.map { (from[$0] + shape[$0] - 1) / shape[$0] } : []
    guard steps.count == axes.count,
      zip(axes, steps).allSatisfy({ (from[$0] + $1 - 1) / $1 == shape[$0] })
    else {
      throw Misfit(
        "no step leads from \(from.features) to \(shape.features), which the layers make: "
          + "give the layers of the shortcut", at: "shortcut")
    }
    return steps
  }
}
