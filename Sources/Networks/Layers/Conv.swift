internal import Configuration
internal import Graphs

/// Slides filters over a map: each output from the inputs around it.
struct Conv: Layer {
  static let schema = Record(
    "conv", main: "filters",
    keys: [
      Key("filters", .integer(in: 1...(1 << 20)), help: "How many filters: output channels."),
      Key("kernel", .sides(upTo: 4096), default: 3, help: "Height and width of a filter."),
      Key("stride", .sides(upTo: 4096), default: 1, help: "Steps between places of the filter."),
      Key(
        "padding", .oneOf([.choice(["same", "valid"]), .integer(in: 0...4096)]), default: "same",
        help: "Zeros around the map: as many as keep ceil(extent / stride), none, or a number."),
      Key("dilation", .sides(upTo: 4096), default: 1, help: "Steps between elements of a filter."),
      Key(
        "groups", .integer(in: 1...(1 << 20)), default: 1,
        help: "Into how many groups of channels the convolution falls."),
      Preset.bias("Whether each filter adds a learned number; or the first of these."),
      Initialiser.key,
      Preset.weight(rank: 4),
      Preset.freeze,
      nameKey,
    ], help: "Slides filters over a map.")

  private enum Padding {
    case same
    case explicit(Int)
  }

  let name: String?
  private let filters: Int
  private let kernel: Sides
  private let stride: Sides
  private let padding: Padding
  private let dilation: Sides
  private let groups: Int
  private let hasBias: Bool
  private let initialiser: Initialiser

  init(_ settings: Settings) {
    name = settings.optionalText("name")
    filters = settings.integer("filters")
    kernel = settings.sides("kernel")
    stride = settings.sides("stride")
    padding =
      switch settings.value("padding") {
      case .integer(let count): .explicit(count)
      case let word: word.text == "same" ? .same : .explicit(0)
      }
    dilation = settings.sides("dilation")
    groups = settings.integer("groups")
    hasBias = settings.hasBias
    initialiser = settings.choice("init")
  }

  func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let (height, width, channels) = try pass.map(x)
    for (count, what) in [(channels, "input channels"), (filters, "filters")] {
      guard count % groups == 0 else {
        throw Misfit("\(groups) groups do not divide the \(what) (\(count))", at: "groups")
      }
    }
    let convolution = Convolution(
      vertical: axis(kernel.height, stride.height, dilation.height, along: height),
      horizontal: axis(kernel.width, stride.width, dilation.width, along: width), groups: groups)
    try requireFit("kernel", convolution.vertical, convolution.horizontal, height, width)

    let area = kernel.height * kernel.width
    let weight = try pass.parameter(
      "weight", [filters, channels / groups, kernel.height, kernel.width],
      initialiser.distribution(fanIn: channels / groups * area, fanOut: filters * area))
    let y = pass.builder.emit(.convolution(convolution), x, weight)
    return hasBias ? try pass.addBias(to: y) : y
  }

  private func axis(
    _ kernel: Int, _ stride: Int, _ dilation: Int, along extent: Int
  ) -> SlidingAxis {
    switch padding {
    case .same: .same(kernel: kernel, stride: stride, dilation: dilation, extent: extent)
    case .explicit(let zeros):
      SlidingAxis(kernel: kernel, stride: stride, dilation: dilation, low: zeros, high: zeros)
    }
  }
}
