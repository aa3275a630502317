package import Configuration
package import Graphs

/// Slides filters over a map: each output from the inputs around it.
package struct Conv: FilterLayer {
  package var filter: Filter
  package var constraint: WeightConstraint?

  package init(
    filters: Int, kernel: Sides = 3, stride: Sides = 1, padding: Margins = .same,
    dilation: Sides = 1, groups: Int = 1, bias: Bias = true, initialiser: Initialiser = .heNormal
  ) {
    filter = Filter(
      count: filters, kernel: kernel, stride: stride, padding: padding, dilation: dilation,
      groups: groups, bias: bias, initialiser: initialiser)
  }

  package static let schema = Schema(
    "conv", Conv(filters: 1), main: "filters",
    properties(
      stride: "Steps between places of the filter.",
      padding: "Zeros around the map: as many as keep ceil(extent / stride), none, a number, or "
        + "for height and width a number or [before, after].") + [.constraint(\.constraint)],
    help: "Slides filters over a map.")

  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let map = try pass.map(x)
    let filter = try self.filter.along(map)
    try filter.requireGroups(dividing: map.channels)
    let convolution = filter.convolution(over: map.height, map.width)
    try requireFit("kernel", convolution.vertical, convolution.horizontal, map.height, map.width)

    let weight = try pass.parameter(
      "weight", filter.weightShape(filter.count, map.channels / filter.groups, map),
      filter.initialiser.distribution(
        fanIn: map.channels / filter.groups * filter.area, fanOut: filter.count * filter.area),
      given: filter.weight, constraint: constraint)
    let y = pass.builder.emit(
      .convolution(convolution), map.value, filter.matrix(weight, in: &pass.builder))
    return pass.result(try pass.add(filter.bias, to: y), of: map)
  }
}

extension Filter {
  fileprivate func convolution(over height: Int, _ width: Int) -> Convolution {
    switch padding {
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
