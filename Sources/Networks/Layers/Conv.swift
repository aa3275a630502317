internal import Configuration
internal import Graphs

/// Slides filters over a map: each output from the inputs around it.
struct Conv: Layer {
  static let schema = Record(
    "conv", main: "filters",
    keys: FilterSettings.keys(
      stride: "Steps between places of the filter.",
      padding: "Zeros around the map: as many as keep ceil(extent / stride), none, a number, or "
        + "for height and width a number or [before, after].") + [WeightConstraint.key],
    help: "Slides filters over a map.")

  private let filter: FilterSettings

  var name: String? { filter.name }

  init(_ settings: Settings) { filter = FilterSettings(settings) }

  func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let (height, width, channels) = try pass.map(x)
    try filter.requireGroups(dividing: channels)
    let (filters, kernel, groups) = (filter.filters, filter.kernel, filter.groups)
    let convolution = convolution(over: height, width)
    try requireFit("kernel", convolution.vertical, convolution.horizontal, height, width)

    let weight = try pass.parameter(
      "weight", [filters, channels / groups, kernel.height, kernel.width],
      filter.initialiser.distribution(
        fanIn: channels / groups * filter.area, fanOut: filters * filter.area))
    let y = pass.builder.emit(.convolution(convolution), x, weight)
    return filter.hasBias ? try pass.addBias(to: y) : y
  }

  private func convolution(over height: Int, _ width: Int) -> Convolution {
    let (kernel, stride, dilation) = (filter.kernel, filter.stride, filter.dilation)
    switch filter.margins {
    case .same:
      return Convolution(
        vertical: .same(
          kernel: kernel.height, stride: stride.height, dilation: dilation.height, extent: height),
        horizontal: .same(
          kernel: kernel.width, stride: stride.width, dilation: dilation.width, extent: width),
        groups: filter.groups)
    case .explicit(let vertical, let horizontal):
      return Convolution(
        vertical: SlidingAxis(
          kernel: kernel.height, stride: stride.height, dilation: dilation.height,
          low: vertical.low, high: vertical.high),
        horizontal: SlidingAxis(
          kernel: kernel.width, stride: stride.width, dilation: dilation.width,
          low: horizontal.low, high: horizontal.high), groups: filter.groups)
    }
  }
}
