package import Configuration
package import Graphs

/// The transpose of a convolution: each input contributes to the outputs around it, `stride` apart,
/// so the map grows.
///
/// The shape of its weight and the meaning of its settings are those of PyTorch's
/// `ConvTranspose2d`.
package struct ConvTranspose: FilterLayer {
  package var filter: Filter
  /// Rows and columns that are added at the end of the result.
  package var outputPadding: Sides

  package init(
    filters: Int, kernel: Sides = 3, stride: Sides = 1, padding: Margins = .same,
    outputPadding: Sides = 0, dilation: Sides = 1, groups: Int = 1, bias: Bias = true,
    initialiser: Initialiser = .heNormal
  ) {
    filter = Filter(
      count: filters, kernel: kernel, stride: stride, padding: padding, dilation: dilation,
      groups: groups, bias: bias, initialiser: initialiser)
    self.outputPadding = outputPadding
  }

  package static let schema = Schema(
    "conv_transpose", ConvTranspose(filters: 1), main: "filters",
    properties(
      stride: "Steps between the places of neighbouring inputs.",
      padding: "What is cut off around the result: so much that extent · stride is left, nothing, "
        + "a number, or for height and width a number or [before, after].",
      more: [
        Property(
          "output_padding", \.outputPadding, Sides.kind(in: 0...4095),
          help: "Rows and columns added at the end of the result, fewer than the stride.")
      ]), help: "Spreads each element of a map over a larger one by learned filters.")

  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let map = try pass.map(x)
    let filter = try self.filter.along(map)
    try filter.requireGroups(dividing: map.channels)
    let (filters, kernel, groups) = (filter.count, filter.kernel, filter.groups)
    let (stride, dilation) = (filter.stride, filter.dilation)
    let margins: (Margin?, Margin?) =
      switch filter.padding {
      case .same: (nil, nil)
      case .explicit(let vertical, let horizontal): (vertical, horizontal)
      }
    let (vertical, rows) = try axis(
      kernel.height, stride.height, dilation.height, margins.0,
      map.isSequence ? 0 : outputPadding.height,
      from: map.height)
    let (horizontal, columns) = try axis(
      kernel.width, stride.width, dilation.width, margins.1, outputPadding.width, from: map.width)
    guard !map.isSequence || outputPadding.height == outputPadding.width else {
      throw Misfit(
        "[height, width] is for maps, this is a sequence: give one number", at: "output_padding")
    }
    try pass.checkSize(of: [pass.shape(of: x)[0], rows, columns, filters])

    // An output gets something from every stride-th input that its filter reaches.
    let share = stride.height * stride.width
    let weight = try pass.parameter(
      "weight", filter.weightShape(map.channels, filters / groups, map),
      filter.initialiser.distribution(
        fanIn: max(1, map.channels / groups * filter.area / share), fanOut: filters * filter.area),
      given: filter.weight)
    let convolution = Convolution(vertical: vertical, horizontal: horizontal, groups: groups)
    let y = pass.builder.emit(
      .convolutionInputGradient(convolution, height: rows, width: columns), map.value,
      filter.matrix(weight, in: &pass.builder))
    return pass.result(try pass.add(filter.bias, to: y), of: map)
  }

  /// The axis of the convolution that leads back from the result, and the result's extent.
  private func axis(
    _ kernel: Int, _ stride: Int, _ dilation: Int, _ margin: Margin?, _ rest: Int,
    from extent: Int
  ) throws(Misfit) -> (SlidingAxis, Int) {
    guard let margin else {
      guard rest == 0 else {
        throw Misfit(
          "padding 'same' leaves no choice of output_padding: give the padding as a number",
          at: "output_padding")
      }
      let axis = SlidingAxis.same(
        kernel: kernel, stride: stride, dilation: dilation, extent: extent * stride)
      return (axis, extent * stride)
    }
    guard rest < stride else {
      throw Misfit(
        "output_padding \(rest) is not less than the stride \(stride)", at: "output_padding")
    }
    let axis = SlidingAxis(
      kernel: kernel, stride: stride, dilation: dilation, low: margin.low, high: margin.high)
    let result = (extent - 1) * stride + axis.reach + rest - margin.low - margin.high
    guard result > 0 else {
      throw Misfit(
        "padding cuts off all \((extent - 1) * stride + axis.reach + rest) rows or columns of the "
          + "result: use less", at: "padding")
    }
    return (axis, result)
  }
}
