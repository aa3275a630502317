/// A map that a kernel slides over, with zeros around it, and the offsets of its elements.
///
/// Element (place, tap) is at `places[place] + taps[tap]`, where taps are numbered as a filter's
/// elements are: channel, row, column.
struct SlidingMap: Sendable {
  /// For each place of the kernel on one sample, and for each of its elements.
  let places: OffsetTable
  let taps: OffsetTable
  private let (height, width, channels): (Int, Int, Int)
  private let low: (Int, Int)
  /// The extents of the padded map that all places together read.
  private let (paddedHeight, paddedWidth): (Int, Int)

  /// The input of a convolution, with an offset for each place of its output: window by window if a
  /// pooling follows.
  init(_ shape: ConvolutionShape, before pooling: PoolingShape? = nil) {
    (height, width, channels) = (shape.input[1], shape.input[2], shape.input[3])
    low = (shape.low[0], shape.low[1])
    let (down, right) = (SlidingMap.reach(0, of: shape), SlidingMap.reach(1, of: shape))
    let isPadded = low != (0, 0) || down > height || right > width
    (paddedHeight, paddedWidth) = isPadded ? (down, right) : (height, width)
    let line = paddedWidth * channels
    let (steps, spread) = (shape.strides, shape.dilations)
    let (below, beside) = (steps[0] * line, steps[1] * channels)
    places = OffsetTable(
      offsets(
        pooling.map { pooling in
          let (vertical, horizontal) = (pooling.vertical, pooling.horizontal)
          return [
            (vertical.output, vertical.stride * below),
            (horizontal.output, horizontal.stride * beside),
            (vertical.kernel, vertical.dilation * below),
            (horizontal.kernel, horizontal.dilation * beside),
          ]
        } ?? [(shape.output[1], below), (shape.output[2], beside)]))
    taps = OffsetTable(
      offsets([
        (channels, 1), (shape.filter[2], spread[0] * line), (shape.filter[3], spread[1] * channels),
      ]))
  }

  /// Whether the tables of a convolution are small, and their offsets fit 32 bits.
  static func suits(_ shape: ConvolutionShape) -> Bool {
    let (down, right) = (reach(0, of: shape), reach(1, of: shape))
    let map = max(down, shape.input[1]) * max(right, shape.input[2]) * shape.input[3]
    let table = shape.output[1] * shape.output[2] + shape.filter[1...].reduce(1, *)
    return map <= 1 << 30 && table <= 1 << 22
  }

  /// The extent that all places read along an axis.
  private static func reach(_ axis: Int, of shape: ConvolutionShape) -> Int {
    (shape.output[1 + axis] - 1) * shape.strides[axis]
      + (shape.filter[2 + axis] - 1) * shape.dilations[axis] + 1
  }

  private var isPadded: Bool {
    low != (0, 0) || paddedHeight != height || paddedWidth != width
  }

  /// Floats of scratch memory for one sample; 0 if the map is read in place.
  var scratchCount: Int { isPadded ? paddedHeight * paddedWidth * channels : 0 }

  /// One sample with zeros around it, in the scratch memory if it needs any.
  func sample(
    _ index: Int, of map: UnsafePointer<Float>, scratch: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    let sample = unsafe map + index * height * width * channels
    if !isPadded { return unsafe sample }
    let line = paddedWidth * channels
    let before = low.1 * channels
    let count = min(width, paddedWidth - low.1) * channels
    let rows = low.0..<min(paddedHeight, low.0 + height)
    unsafe scratch.update(repeating: 0, count: rows.lowerBound * line)
    for row in rows {
      let target = unsafe scratch + row * line
      for i in 0..<before { unsafe target[i] = 0 }
      unsafe (target + before).update(
        from: sample + (row - low.0) * width * channels, count: count)
      for i in before + count..<line { unsafe target[i] = 0 }
    }
    unsafe (scratch + rows.upperBound * line).update(
      repeating: 0, count: (paddedHeight - rows.upperBound) * line)
    return unsafe UnsafePointer(scratch)
  }
}

/// The offsets of all elements of nested loops, the innermost fastest.
private func offsets(_ loops: [(count: Int, stride: Int)]) -> [Int] {
  loops.reduce([0]) { outer, loop in
    outer.flatMap { start in (0..<loop.count).map { start + $0 * loop.stride } }
  }
}

/// Offsets at a fixed address.
@safe final class OffsetTable: @unchecked Sendable {
  let start: UnsafeMutablePointer<Int32>
  let count: Int

  init(_ offsets: [Int]) {
    count = offsets.count
    unsafe start = .allocate(capacity: max(1, count))
    for (i, offset) in offsets.enumerated() { unsafe start[i] = Int32(offset) }
  }

  deinit { unsafe start.deallocate() }
}
