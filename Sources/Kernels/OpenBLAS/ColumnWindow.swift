/// Copies between maps and rows of a column matrix.
struct ColumnWindow: Sendable {
  private let input: (height: Int, width: Int, channels: Int)
  private let output: (height: Int, width: Int)
  private let kernel: (height: Int, width: Int)
  private let strides: (Int, Int)
  private let dilations: (Int, Int)
  private let low: (Int, Int)
  /// Channels of a group.
  private let channels: Int
  private let isPadded: Bool

  init(_ shape: ConvolutionShape) {
    input = (shape.input[1], shape.input[2], shape.input[3])
    output = (shape.output[1], shape.output[2])
    kernel = (shape.filter[2], shape.filter[3])
    strides = (shape.strides[0], shape.strides[1])
    dilations = (shape.dilations[0], shape.dilations[1])
    low = (shape.low[0], shape.low[1])
    channels = shape.filter[1]
    isPadded = (shape.low + shape.high).contains { $0 > 0 }
  }

  private var rowLength: Int { kernel.height * kernel.width * channels }

  /// Copies the windows of some places of the output; elements outside the map are 0.
  func copy(
    _ map: UnsafePointer<Float>, to columns: UnsafeMutablePointer<Float>, rows: Range<Int>,
    group: Int
  ) {
    let (length, step) = (rowLength, strides.1 * input.channels)
    if isPadded { unsafe columns.update(repeating: 0, count: rows.count * length) }
    forEachTap(rows, group) { row, place, count in
      let (source, target) = unsafe (map + place, columns + row)
      let whole = channels & ~15
      for channel in stride(from: 0, to: whole, by: 16) {
        for i in 0..<count {
          unsafe target.set(source.lanes(at: i * step + channel), at: i * length + channel)
        }
      }
      for channel in whole..<channels {
        for i in 0..<count {
          unsafe target[i * length + channel] = source[i * step + channel]
        }
      }
    }
  }

  /// Adds each row to its window on the map.
  func add(
    _ columns: UnsafePointer<Float>, to map: UnsafeMutablePointer<Float>, rows: Range<Int>,
    group: Int
  ) {
    let (length, step) = (rowLength, strides.1 * input.channels)
    forEachTap(rows, group) { row, place, count in
      let (source, target) = unsafe (columns + row, map + place)
      let whole = channels & ~15
      for channel in stride(from: 0, to: whole, by: 16) {
        for i in 0..<count {
          let sum =
            unsafe UnsafePointer(target).lanes(at: i * step + channel)
            + source.lanes(at: i * length + channel)
          unsafe target.set(sum, at: i * step + channel)
        }
      }
      for channel in whole..<channels {
        for i in 0..<count {
          unsafe target[i * step + channel] += source[i * length + channel]
        }
      }
    }
  }

  /// Calls `body` for each element of the window and each line of the rows, with the offsets of its
  /// channels in the matrix and in the map, and the number of consecutive places at which it is on
  /// the map.
  @inline(__always)
  private func forEachTap(
    _ rows: Range<Int>, _ group: Int, _ body: (_ row: Int, _ place: Int, _ count: Int) -> Void
  ) {
    var row = rows.lowerBound
    while row < rows.upperBound {
      let (lines, column) = row.quotientAndRemainder(dividingBy: output.width)
      let (sample, line) = lines.quotientAndRemainder(dividingBy: output.height)
      let end = min(output.width, column + rows.upperBound - row)
      for ky in 0..<kernel.height {
        let y = line * strides.0 + ky * dilations.0 - low.0
        guard 0..<input.height ~= y else { continue }
        for kx in 0..<kernel.width {
          let shift = kx * dilations.1 - low.1
          let first = max(column, (max(0, -shift) + strides.1 - 1) / strides.1)
          let last = min(end - 1, shift < input.width ? (input.width - 1 - shift) / strides.1 : -1)
          guard first <= last else { continue }
          body(
            (row - rows.lowerBound + first - column) * rowLength
              + (ky * kernel.width + kx) * channels,
            ((sample * input.height + y) * input.width + first * strides.1 + shift)
              * input.channels + group * channels, last - first + 1)
        }
      }
      row += end - column
    }
  }
}
