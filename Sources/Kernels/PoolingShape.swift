/// The extents of a pooling over channels-last maps.
package struct PoolingShape: Sendable {
  package struct Axis: Sendable {
    package let input: Int
    package let output: Int
    package let kernel: Int
    package let stride: Int
    package let dilation: Int
    package let low: Int

    package init(input: Int, output: Int, kernel: Int, stride: Int, dilation: Int, low: Int) {
      self.input = input
      self.output = output
      self.kernel = kernel
      self.stride = stride
      self.dilation = dilation
      self.low = low
    }

    /// Whether all elements of all windows lie on the map.
    fileprivate var isWhole: Bool {
      low == 0 && (output - 1) * stride + (kernel - 1) * dilation < input
    }

    /// The elements of a window that lie on the map: the first, its offset, and their number.
    fileprivate func part(of position: Int) -> (first: Int, place: Int, count: Int) {
      var (first, place) = (0, position * stride - low)
      while place < 0 { (first, place) = (first + 1, place + dilation) }
      var count = kernel - first
      while place + (count - 1) * dilation >= input { count -= 1 }
      return (first, place, count)
    }
  }

  package let samples: Int
  package let channels: Int
  package let vertical: Axis
  package let horizontal: Axis

  package init(samples: Int, channels: Int, vertical: Axis, horizontal: Axis) {
    self.samples = samples
    self.channels = channels
    self.vertical = vertical
    self.horizontal = horizontal
  }

  package var ofOneSample: PoolingShape {
    PoolingShape(samples: 1, channels: channels, vertical: vertical, horizontal: horizontal)
  }

  /// Whether every window is whole and has 2x2 elements.
  var hasWindowsOfFour: Bool {
    [vertical, horizontal].allSatisfy { $0.kernel == 2 && $0.isWhole }
  }

  package var inputCount: Int { samples * vertical.input * horizontal.input * channels }

  /// The part of one window that lies on the map, for all channels.
  struct Part {
    /// The offset of the window's result, for channel 0.
    let output: Int
    /// The offset of its first element, for channel 0, and the index of that in the window.
    let start: Int
    let first: Int
    let (rows, columns): (Int, Int)
    let (rowStride, columnStride): (Int, Int)
    let rowElements: Int

    /// Visits the elements in order, with their offsets and their indices in the window.
    @inline(__always)
    func forEach(_ body: (_ place: Int, _ element: Int) -> Void) {
      for row in 0..<rows {
        var (place, element) = (start &+ row &* rowStride, first &+ row &* rowElements)
        for _ in 0..<columns {
          body(place, element)
          (place, element) = (place &+ columnStride, element &+ 1)
        }
      }
    }
  }

  @inline(__always)
  func forEachWindow(_ body: (Part) -> Void) {
    let width = horizontal.input * channels
    var output = 0
    for n in 0..<samples {
      for row in 0..<vertical.output {
        let y = vertical.part(of: row)
        let line = (n * vertical.input + y.place) * width
        for column in 0..<horizontal.output {
          let x = horizontal.part(of: column)
          body(
            Part(
              output: output, start: line + x.place * channels,
              first: y.first * horizontal.kernel + x.first, rows: y.count, columns: x.count,
              rowStride: vertical.dilation * width, columnStride: horizontal.dilation * channels,
              rowElements: horizontal.kernel))
          output += channels
        }
      }
    }
  }
}
