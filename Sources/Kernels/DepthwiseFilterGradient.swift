/// The filter gradient of a convolution that slides each channel along a line, for which oneDNN
/// takes six times as long.
@safe package struct DepthwiseFilterGradient: Sendable {
  private let shape: ConvolutionShape

  package init(_ shape: ConvolutionShape) { self.shape = shape }

  package static func suits(_ shape: ConvolutionShape) -> Bool {
    let maps = [shape.input, shape.output]
    return maps.allSatisfy { $0[1] == 1 && $0[3] == shape.groups } && shape.filter[2] == 1
      && shape.low[0] == 0
  }

  private var channels: Int { shape.groups }
  private var taps: Int { shape.filter[3] }

  /// Floats of scratch memory.
  package var scratchCount: Int { 2 * taps * channels }

  /// Writes the gradient from the input and the gradient of the output.
  ///
  /// Places are added in blocks, which gives a smaller error than one long sum.
  package func run(
    _ y: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ g: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    let (channels, taps, width, places) = (channels, taps, shape.input[2], shape.output[2])
    let (sums, block) = unsafe (scratch, scratch + taps * channels)
    unsafe sums.update(repeating: 0, count: taps * channels)
    for sample in 0..<shape.input[0] {
      for places in RangeParts(0..<places, by: Reductions.blockCount) {
        unsafe block.update(repeating: 0, count: taps * channels)
        for place in places {
          let g = unsafe g + (sample * shape.output[2] + place) * channels
          for tap in 0..<taps {
            let source = place * shape.strides[1] + tap * shape.dilations[1] - shape.low[1]
            guard 0..<width ~= source else { continue }
            let (x, sum) = unsafe (
              x + (sample * width + source) * channels, block + tap * channels
            )
            for c in 0..<channels { unsafe sum[c] += x[c] * g[c] }
          }
        }
        unsafe Elementwise.accumulate(sums, block, taps * channels)
      }
    }
    for tap in 0..<taps {
      for c in 0..<channels { unsafe y[c * taps + tap] = sums[tap * channels + c] }
    }
  }
}
