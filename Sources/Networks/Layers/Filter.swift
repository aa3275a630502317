package import Configuration
internal import Graphs

/// How filters slide over a map, and their parameters: what a convolution and a transposed one
/// share.
package struct Filter: Sendable {
  package var count: Int
  package var kernel: Sides = 3
  package var stride: Sides = 1
  package var padding: Margins = .same
  package var dilation: Sides = 1
  package var groups = 1
  package var bias: Bias = true
  package var initialiser = Initialiser.heNormal
  package var weight: Numbers?
  package var freeze: Frozen?

  /// The same along a sequence, if that is what the layer is applied to.
  func along(_ map: MapInput) throws(Misfit) -> Filter {
    guard map.isSequence else { return self }
    var line = self
    line.kernel = try map.sides(kernel, at: "kernel")
    line.stride = try map.sides(stride, at: "stride")
    line.dilation = try map.sides(dilation, at: "dilation")
    line.padding = try padding.along(map, at: "padding")
    return line
  }

  /// The shape of a weight from and to these channels: along a sequence PyTorch's has no height.
  func weightShape(_ first: Int, _ second: Int, _ map: MapInput) -> Shape {
    map.isSequence
      ? [first, second, kernel.width] : [first, second, kernel.height, kernel.width]
  }

  /// Such a weight as a convolution takes it.
  func matrix(_ weight: Value, in builder: inout Builder) -> Value {
    let shape = builder.shape(of: weight)
    return builder.reshape(weight, [shape[0], shape[1], kernel.height, kernel.width])
  }

  var area: Int { kernel.height * kernel.width }

  func requireGroups(dividing channels: Int) throws(Misfit) {
    for (number, what) in [(channels, "input channels"), (count, "filters")] {
      guard number % groups == 0 else {
        throw Misfit("\(groups) groups do not divide the \(what) (\(number))", at: "groups")
      }
    }
  }
}

/// A layer whose filters slide over a map.
package protocol FilterLayer: Layer, Configurable {
  var filter: Filter { get set }
}

extension FilterLayer {
  package var freeze: Frozen? { filter.freeze }

  /// The keys; the help of `stride` and `padding` differs, and `more` keys may follow them.
  static func properties(
    stride: String, padding: String, more: [Property<Self>] = []
  ) -> [Property<Self>] {
    [
      Property(
        "filters", \.filter.count, .integer(in: 1...(1 << 20)), isRequired: true,
        help: "How many filters: output channels."),
      Property("kernel", \.filter.kernel, help: "Height and width of a filter."),
      Property("stride", \.filter.stride, help: stride),
      Property("padding", \.filter.padding, help: padding),
    ] + more + [
      Property("dilation", \.filter.dilation, help: "Steps between elements of a filter."),
      Property(
        "groups", \.filter.groups, .integer(in: 1...(1 << 20)),
        help: "Into how many groups of channels the convolution falls."),
      .bias(
        \.filter.bias, help: "Whether each filter adds a learned number; or the first of these."),
      .initialiser(\.filter.initialiser), .weight(\.filter.weight, ranks: 3...4),
      .freeze(\.filter.freeze),
    ]
  }
}
