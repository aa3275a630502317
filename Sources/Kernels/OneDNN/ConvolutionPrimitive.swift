internal import COneDNN
package import Diagnostics

extension ConvolutionShape {
  fileprivate var arrangements:
    (
      input: MemoryArrangement, output: MemoryArrangement, filter: MemoryArrangement
    )
  {
    get throws(Failure) {
      let channelsFirst = { (shape: [Int]) in [shape[0], shape[3], shape[1], shape[2]] }
      return try (
        MemoryArrangement(channelsFirst(input), dnnl_acdb),
        MemoryArrangement(channelsFirst(output), dnnl_acdb),
        MemoryArrangement(filterExtents, dnnl_format_tag_any)
      )
    }
  }

  /// The canonical arrangement of the filter.
  package var canonicalFilter: MemoryArrangement {
    get throws(Failure) {
      try MemoryArrangement(filterExtents, groups > 1 ? dnnl_abcde : dnnl_abcd)
    }
  }

  private var filterExtents: [Int] {
    groups > 1 ? [groups, filter[0] / groups] + filter[1...] : filter
  }
}

extension Primitive {
  /// Arguments: source, weights, bias if it has one, destination.
  package static func convolution(
    _ shape: ConvolutionShape, hasBias: Bool = false
  ) throws(Failure) -> Primitive {
    var operation = try description(shape, hasBias: hasBias)
    return try unsafe Primitive(&operation, "convolution")
  }

  /// Arguments: gradient of the destination, weights, gradient of the source.
  package static func convolutionInputGradient(
    _ shape: ConvolutionShape
  ) throws(Failure) -> Primitive {
    let arrangements = try shape.arrangements
    var (input, output, filter) = (
      arrangements.input.descriptor, arrangements.output.descriptor, arrangements.filter.descriptor
    )
    var operation = dnnl_convolution_desc_t()
    let axes = Axes(shape)
    try unsafe OneDNN.check(
      dnnl_dilated_convolution_backward_data_desc_init(
        &operation, dnnl_convolution_direct, &input, &filter, &output, axes.strides,
        axes.dilations, axes.low, axes.high), "convolution input gradient")
    return try unsafe Primitive(
      &operation, "convolution input gradient", hint: try convolution(shape))
  }

  /// Arguments: source, gradient of the destination, gradient of the weights.
  package static func convolutionFilterGradient(
    _ shape: ConvolutionShape
  ) throws(Failure) -> Primitive {
    let arrangements = try shape.arrangements
    var (input, output, filter) = (
      arrangements.input.descriptor, arrangements.output.descriptor, arrangements.filter.descriptor
    )
    var operation = dnnl_convolution_desc_t()
    let axes = Axes(shape)
    try unsafe OneDNN.check(
      dnnl_dilated_convolution_backward_weights_desc_init(
        &operation, dnnl_convolution_direct, &input, &filter, nil, &output, axes.strides,
        axes.dilations, axes.low, axes.high), "convolution filter gradient")
    return try unsafe Primitive(
      &operation, "convolution filter gradient", hint: try convolution(shape))
  }

  private static func description(
    _ shape: ConvolutionShape, hasBias: Bool
  ) throws(Failure) -> dnnl_convolution_desc_t {
    let arrangements = try shape.arrangements
    var (input, output, filter) = (
      arrangements.input.descriptor, arrangements.output.descriptor, arrangements.filter.descriptor
    )
    var bias = try MemoryArrangement([shape.filter[0]], dnnl_a).descriptor
    var operation = dnnl_convolution_desc_t()
    let axes = Axes(shape)
    let status = unsafe withUnsafeMutablePointer(to: &bias) { bias in
      unsafe dnnl_dilated_convolution_forward_desc_init(
        &operation, dnnl_forward_training, dnnl_convolution_direct, &input, &filter,
        hasBias ? bias : nil, &output, axes.strides, axes.dilations, axes.low, axes.high)
    }
    try OneDNN.check(status, "convolution")
    return operation
  }

  /// Per-axis numbers as oneDNN takes them; its dilation counts the skipped elements.
  private struct Axes {
    let strides: [Int64]
    let dilations: [Int64]
    let low: [Int64]
    let high: [Int64]

    init(_ shape: ConvolutionShape) {
      strides = shape.strides.map(Int64.init)
      dilations = shape.dilations.map { Int64($0 - 1) }
      low = shape.low.map(Int64.init)
      high = shape.high.map(Int64.init)
    }
  }
}
