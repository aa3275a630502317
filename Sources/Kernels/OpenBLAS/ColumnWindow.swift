/// The way between maps and rows of a column matrix.
struct ColumnWindow: Sendable {
  private let input: (height: Int, width: Int, channels: Int)
  private let output: (height: Int, width: Int)
  private let kernel: (height: Int, width: Int)
  private let strides: (Int, Int)
  private let dilations: (Int, Int)
  private let low: (Int, Int)
  /// Places that stand together in a row of the map and in a row of the matrix, and their floats.
  private let run: (places: Int, channels: Int)

  init(_ shape: ConvolutionShape) {
    input = (shape.input[1], shape.input[2], shape.input[3])
    output = (shape.output[1], shape.output[2])
    kernel = (shape.filter[2], shape.filter[3])
    strides = (shape.strides[0], shape.strides[1])
    dilations = (shape.dilations[0], shape.dilations[1])
    low = (shape.low[0], shape.low[1])
    let isWhole = shape.groups == 1 && dilations.1 == 1
    run = (isWhole ? kernel.width : 1, shape.filter[1])
  }

  /// Copies what places of the output see; what lies outside the map is 0.
  func copy(
    _ map: UnsafePointer<Float>, to columns: UnsafeMutablePointer<Float>, rows: Range<Int>,
    group: Int
  ) {
    var target = unsafe columns
    forEachRun(rows, group) { offset, skipped, inside in
      let (before, count) = (skipped * run.channels, inside * run.channels)
      for i in 0..<before { unsafe target[i] = 0 }
      let (source, place) = unsafe (map + offset, target + before)
      // Few floats are copied faster without a call.
      if count < 32 {
        for i in 0..<count { unsafe place[i] = source[i] }
      } else {
        unsafe place.update(from: source, count: count)
      }
      for i in before + count..<run.places * run.channels { unsafe target[i] = 0 }
      unsafe target += run.places * run.channels
    }
  }

  /// Adds each row to the places of the map that it belongs to.
  func add(
    _ columns: UnsafePointer<Float>, to map: UnsafeMutablePointer<Float>, rows: Range<Int>,
    group: Int
  ) {
    var source = unsafe columns
    forEachRun(rows, group) { offset, skipped, inside in
      let (from, place) = unsafe (source + skipped * run.channels, map + offset)
      for i in 0..<inside * run.channels { unsafe place[i] += from[i] }
      unsafe source += run.places * run.channels
    }
  }

  /// Calls `body` for each run of the rows, in order, with where in the map it stands, the number of its
  /// places before the map, and of those in it.
  @inline(__always)
  private func forEachRun(
    _ rows: Range<Int>, _ group: Int, _ body: (_ offset: Int, _ skipped: Int, _ inside: Int) -> Void
  ) {
    var column = rows.lowerBound % output.width
    var line = rows.lowerBound / output.width % output.height
    var sample = rows.lowerBound / output.width / output.height
    for _ in rows {
      for ky in 0..<kernel.height {
        let y = line * strides.0 + ky * dilations.0 - low.0
        let isInside = 0..<input.height ~= y
        for kx in Swift.stride(from: 0, to: kernel.width, by: run.places) {
          let x = column * strides.1 + kx * dilations.1 - low.1
          let skipped = isInside ? min(run.places, max(0, -x)) : run.places
          let inside = max(0, min(run.places, input.width - x) - skipped)
          let place = (sample * input.height + y) * input.width + x + skipped
          body(place * input.channels + group * run.channels, skipped, inside)
        }
      }
      column += 1
      if column == output.width {
        (column, line) = (0, line + 1)
        if line == output.height { (line, sample) = (0, sample + 1) }
      }
    }
  }
}
