/// The extents of a convolution over channels-last maps.
package struct ConvolutionShape: Sendable {
  package let input: [Int]
  package let output: [Int]
  package let filter: [Int]
  package let groups: Int
  package let strides: [Int]
  package let dilations: [Int]
  package let low: [Int]
  package let high: [Int]

  /// Input and output are `[n, h, w, c]`, the filter is `[o, c / groups, kh, kw]`; high padding is
  /// cut to what the last window reaches.
  package init(
    input: [Int], output: [Int], filter: [Int], groups: Int, strides: [Int], dilations: [Int],
    low: [Int]
  ) {
    self.input = input
    self.output = output
    self.filter = filter
    self.groups = groups
    self.strides = strides
    self.dilations = dilations
    self.low = low
    high = (0..<2).map { axis in
      let reach = (filter[2 + axis] - 1) * dilations[axis] + 1
      return (output[1 + axis] - 1) * strides[axis] + reach - input[1 + axis] - low[axis]
    }
  }

  /// Kernels with more rows or columns are large: oneDNN has no direct code for their gradients.
  package static let largestDirectKernel = 14

  package var hasLargeKernel: Bool {
    filter[2...].contains { $0 > ConvolutionShape.largestDirectKernel }
  }
}
