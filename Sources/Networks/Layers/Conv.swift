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
    let map = try pass.map(x)
    let filter = try self.filter.along(map)
    try filter.requireGroups(dividing: map.channels)
    let convolution = filter.convolution(over: map.height, map.width)
    try requireFit("kernel", convolution.vertical, convolution.horizontal, map.height, map.width)

    let weight = try pass.parameter(
      "weight", filter.weightShape(filter.filters, map.channels / filter.groups, map),
      filter.initialiser.distribution(
        fanIn: map.channels / filter.groups * filter.area, fanOut: filter.filters * filter.area))
    let y = pass.builder.emit(
      .convolution(convolution), map.value, filter.weight(weight, in: &pass.builder))
    return pass.result(filter.hasBias ? try pass.addBias(to: y) : y, of: map)
  }
}

extension FilterSettings {
  fileprivate func convolution(over height: Int, _ width: Int) -> Convolution {
    switch margins {
    case .same:
      return Convolution(
        vertical: .same(
          kernel: kernel.height, stride: stride.height, dilation: dilation.height, extent: height),
        horizontal: .same(
          kernel: kernel.width, stride: stride.width, dilation: dilation.width, extent: width),
        groups: groups)
    case .explicit(let vertical, let horizontal):
      return Convolution(
        vertical: SlidingAxis(
          kernel: kernel.height, stride: stride.height, dilation: dilation.height,
          low: vertical.low, high: vertical.high),
        horizontal: SlidingAxis(
          kernel: kernel.width, stride: stride.width, dilation: dilation.width,
          low: horizontal.low, high: horizontal.high), groups: groups)
    }
  }
}
