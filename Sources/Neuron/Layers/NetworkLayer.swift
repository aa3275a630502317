internal import Networks

/// A layer of any kind, which a misspelt name does not compile into: `.dense(10)`, `.conv(16)`,
/// `.relu`.
///
///     brain.add(.reshape(28, 28, 1))
///     brain.add(.conv(16, kernel: 5).named("stem"))
///     brain.add(.relu)
///     brain.add(.residual([.conv(16), .batchNorm, .relu, .conv(16), .batchNorm]))
///
/// The layers and their settings are those of a configuration of nn-dist, which
/// docs/configuration.md lists. Values out of their ranges are reported by `compile`.
public struct NetworkLayer: Sendable {
  private(set) var node: Node

  init(_ layer: any Networks.Layer) { node = Node(layer) }

  /// The layer under a name of its own, in place of its kind and running number.
  public func named(_ name: String) -> NetworkLayer {
    var layer = self
    layer.node.name = name
    return layer
  }

  /// The layer applied to the output of an earlier one, in place of the one before it.
  public func reading(_ name: String) -> NetworkLayer {
    var layer = self
    layer.node.input = [name]
    return layer
  }

  // MARK: Layers with weights

  /// A fully connected layer.
  public static func dense(
    _ units: Int, bias: Bool = true, initializer: InitializerType = .heNormal
  ) -> NetworkLayer {
    NetworkLayer(
      Dense(units: units, bias: bias ? .zeros : .none, initialiser: initializer.initialiser))
  }

  /// A convolution; without `padding` a map keeps its extents, divided by the stride.
  public static func conv(
    _ filters: Int, kernel: Int = 3, stride: Int = 1, padding: Int? = nil, dilation: Int = 1,
    groups: Int = 1, bias: Bool = true, initializer: InitializerType = .heNormal
  ) -> NetworkLayer {
    NetworkLayer(
      Conv(
        filters: filters, kernel: Sides(kernel), stride: Sides(stride),
        padding: padding.map { .all($0) } ?? .same, dilation: Sides(dilation), groups: groups,
        bias: bias ? .zeros : .none, initialiser: initializer.initialiser))
  }

  /// The transpose of a convolution; without `padding` the extents are multiplied by the stride.
  public static func convTranspose(
    _ filters: Int, kernel: Int = 3, stride: Int = 1, padding: Int? = nil, groups: Int = 1,
    bias: Bool = true, initializer: InitializerType = .heNormal
  ) -> NetworkLayer {
    NetworkLayer(
      ConvTranspose(
        filters: filters, kernel: Sides(kernel), stride: Sides(stride),
        padding: padding.map { .all($0) } ?? .same, groups: groups, bias: bias ? .zeros : .none,
        initialiser: initializer.initialiser))
  }

  /// Mean 0 and variance 1 for each channel over the samples of a shard, then a learned scale and
  /// shift.
  public static let batchNorm = NetworkLayer(BatchNorm())
  /// Mean 0 and variance 1 for each sample, then a learned scale and shift.
  public static let layerNorm = NetworkLayer(LayerNorm(over: .sample))
  /// Mean 0 and variance 1 for each channel of each sample, then a learned scale and shift.
  public static let instanceNorm = NetworkLayer(InstanceNorm())
  /// The features divided by the root of their mean square, then a learned scale.
  public static let rmsNorm = NetworkLayer(RMSNorm())

  /// Mean 0 and variance 1 for each group of channels of each sample, then a learned scale and
  /// shift.
  public static func groupNorm(_ groups: Int) -> NetworkLayer { NetworkLayer(GroupNorm(groups)) }

  // MARK: Shapes

  /// The maximum of each window of a map; the stride is the size if left out.
  public static func maxPool(
    _ size: Int, stride: Int? = nil, padding: Int = 0
  ) -> NetworkLayer {
    NetworkLayer(MaxPool(Sides(size), stride: stride.map { Sides($0) }, padding: .all(padding)))
  }

  /// The mean of each window of a map; the stride is the size if left out.
  public static func avgPool(
    _ size: Int, stride: Int? = nil, padding: Int = 0
  ) -> NetworkLayer {
    NetworkLayer(AvgPool(Sides(size), stride: stride.map { Sides($0) }, padding: .all(padding)))
  }

  /// The mean of each channel of a map.
  public static let globalAvgPool = NetworkLayer(GlobalAvgPool())
  /// A map as a vector.
  public static let flatten = NetworkLayer(Flatten())

  /// The same numbers as a map of height, width and channels, or as a vector.
  public static func reshape(_ extents: Int...) -> NetworkLayer {
    NetworkLayer(Reshape(to: extents))
  }

  /// Each row and column of a map several times.
  public static func upsample(_ factor: Int) -> NetworkLayer {
    NetworkLayer(Upsample(Sides(factor)))
  }

  // MARK: Blocks

  /// Adds the input to the output of layers.
  public static func residual(_ layers: [NetworkLayer]) -> NetworkLayer {
    NetworkLayer(Residual(LayerList(layers.map(\.node))))
  }

  /// The same layers several times, each time with weights of their own.
  public static func `repeat`(_ times: Int, _ layers: [NetworkLayer]) -> NetworkLayer {
    NetworkLayer(Repeat(times, LayerList(layers.map(\.node))))
  }

  /// The sum of the outputs of earlier layers, by their names.
  public static func add(_ names: String...) -> NetworkLayer { merge(Add(), names) }

  /// The product of the outputs of earlier layers, element by element.
  public static func multiply(_ names: String...) -> NetworkLayer { merge(Multiply(), names) }

  /// The outputs of earlier layers, channels after channels.
  public static func concat(_ names: String...) -> NetworkLayer { merge(Concat(), names) }

  private static func merge(_ layer: any Networks.Layer, _ names: [String]) -> NetworkLayer {
    var layer = NetworkLayer(layer)
    layer.node.input = names
    return layer
  }

  // MARK: Without weights

  /// Sets a share of all elements to 0 while training, and scales the others up.
  public static func dropout(_ rate: Double) -> NetworkLayer { NetworkLayer(Dropout(rate)) }

  /// max(x, 0).
  public static let relu = NetworkLayer(Networks.Activation.relu)
  /// x · Φ(x), Φ the normal distribution.
  public static let gelu = NetworkLayer(Networks.Activation.gelu)
  /// x · sigmoid(x).
  public static let swish = NetworkLayer(Networks.Activation.swish)
  /// x · tanh(softplus(x)).
  public static let mish = NetworkLayer(Networks.Activation.mish)
  /// `elu` with the constants that keep mean 0 and variance 1.
  public static let selu = NetworkLayer(Networks.Activation.selu)
  /// 1 / (1 + e⁻ˣ).
  public static let sigmoid = NetworkLayer(Networks.Activation.sigmoid)
  /// The hyperbolic tangent.
  public static let tanh = NetworkLayer(Networks.Activation.tanh)
  /// Probabilities over the features or channels.
  public static let softmax = NetworkLayer(Networks.Activation.softmax)
  /// x, and a learned share of it below 0.
  public static let prelu = NetworkLayer(PRelu())

  /// x, and a share of it below 0.
  public static func leakyRelu(slope: Double = 0.01) -> NetworkLayer {
    NetworkLayer(Networks.Activation.leakyRelu(slope: slope))
  }

  /// x, and alpha · (eˣ - 1) below 0.
  public static func elu(alpha: Double = 1) -> NetworkLayer {
    NetworkLayer(Networks.Activation.elu(alpha: alpha))
  }

  /// log(1 + e^(beta · x)) / beta.
  public static func softplus(beta: Double = 1) -> NetworkLayer {
    NetworkLayer(Networks.Activation.softplus(beta: beta))
  }
}

extension Sides {
  fileprivate init(_ both: Int) { self.init(height: both, width: both) }
}
