/// A map that a kernel slides over, with zeros around it, and where the products find its elements.
///
/// Element (place, tap) is at `places[place] + taps[tap]`, where taps are numbered as a filter's
/// elements are: channel, row, column.
struct SlidingMap: Sendable {
  /// For each place of the kernel on one sample, and for each of its elements.
  let places: OffsetTable
  let taps: OffsetTable
  private let (height, width, channels): (Int, Int, Int)
  private let low: (Int, Int)
  /// What all places together reach, from the padding on.
  private let (paddedHeight, paddedWidth): (Int, Int)

  /// Extents of the map and the places are height and width.
  init(
    map: [Int], channels: Int, places: [Int], kernel: [Int], strides: [Int], dilations: [Int],
    low: [Int]
  ) {
    (height, width) = (map[0], map[1])
    self.channels = channels
    self.low = (low[0], low[1])
    func reach(_ axis: Int) -> Int {
      (places[axis] - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1
    }
    let (down, right) = (reach(0), reach(1))
    let isPadded = low != [0, 0] || down > map[0] || right > map[1]
    (paddedHeight, paddedWidth) = isPadded ? (down, right) : (map[0], map[1])
    let line = paddedWidth * channels
    self.places = OffsetTable(
      offsets([(places[0], strides[0] * line), (places[1], strides[1] * channels)]))
    taps = OffsetTable(
      offsets([
        (channels, 1), (kernel[0], dilations[0] * line), (kernel[1], dilations[1] * channels),
      ]))
  }

  private var isPadded: Bool {
    low != (0, 0) || paddedHeight != height || paddedWidth != width
  }

  /// Floats of scratch memory for one sample; 0 where the map is read as it stands.
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

/// Offsets with an address that lasts.
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
