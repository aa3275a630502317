internal import Configuration
internal import Graphs

/// What a convolution and a transposed one have in common: how filters slide over a map.
struct FilterSettings {
  let name: String?
  let filters: Int
  private(set) var kernel: Sides
  private(set) var stride: Sides
  private(set) var margins: Margins
  private(set) var dilation: Sides
  let groups: Int
  let hasBias: Bool
  let initialiser: Initialiser

  /// The keys; what `stride` and `padding` do is told, and `more` keys may follow them.
  static func keys(stride: String, padding: String, more: [Key] = []) -> [Key] {
    [
      Key("filters", .integer(in: 1...(1 << 20)), help: "How many filters: output channels."),
      Key("kernel", .sides(upTo: 4096), default: 3, help: "Height and width of a filter."),
      Key("stride", .sides(upTo: 4096), default: 1, help: stride),
      Key("padding", .margins, default: "same", help: padding),
    ] + more + [
      Key("dilation", .sides(upTo: 4096), default: 1, help: "Steps between elements of a filter."),
      Key(
        "groups", .integer(in: 1...(1 << 20)), default: 1,
        help: "Into how many groups of channels the convolution falls."),
      Preset.bias("Whether each filter adds a learned number; or the first of these."),
      Initialiser.key(),
      Preset.weight(ranks: 3...4),
      Preset.freeze,
      nameKey,
    ]
  }

  init(_ settings: Settings) {
    name = settings.optionalText("name")
    filters = settings.integer("filters")
    kernel = settings.sides("kernel")
    stride = settings.sides("stride")
    margins = settings.margins("padding")
    dilation = settings.sides("dilation")
    groups = settings.integer("groups")
    hasBias = settings.hasBias
    initialiser = Initialiser(settings.section("init"))
  }

  /// The same along a sequence, if that is what the layer is applied to.
  func along(_ map: MapInput) throws(Misfit) -> FilterSettings {
    guard map.isSequence else { return self }
    var line = self
    line.kernel = try map.sides(kernel, at: "kernel")
    line.stride = try map.sides(stride, at: "stride")
    line.dilation = try map.sides(dilation, at: "dilation")
    line.margins = try margins.along(map, at: "padding")
    return line
  }

  /// The shape of a weight from and to so many channels: along a sequence PyTorch's has no height.
  func weightShape(_ first: Int, _ second: Int, _ map: MapInput) -> Shape {
    map.isSequence
      ? [first, second, kernel.width] : [first, second, kernel.height, kernel.width]
  }

  /// Such a weight as a convolution takes it.
  func weight(_ weight: Value, in builder: inout Builder) -> Value {
    let shape = builder.shape(of: weight)
    return builder.reshape(weight, [shape[0], shape[1], kernel.height, kernel.width])
  }

  var area: Int { kernel.height * kernel.width }

  func requireGroups(dividing channels: Int) throws(Misfit) {
    for (count, what) in [(channels, "input channels"), (filters, "filters")] {
      guard count % groups == 0 else {
        throw Misfit("\(groups) groups do not divide the \(what) (\(count))", at: "groups")
      }
    }
  }
}
