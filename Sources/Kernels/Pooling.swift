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

    /// Where element `k` of window `position` stands, or nil in the padding.
    fileprivate func place(_ position: Int, _ k: Int) -> Int? {
      let place = position * stride - low + k * dilation
      return place >= 0 && place < input ? place : nil
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

  package var inputCount: Int { samples * vertical.input * horizontal.input * channels }

  /// Calls `body` for each window element outside the padding, windows in order, elements in order:
  /// first element of the output's channels, of the input's channels, index in the window, and
  /// whether it is the first of its window.
  @inline(__always)
  fileprivate func forEach(_ body: (_ output: Int, _ input: Int, _ k: Int, _ first: Bool) -> Void) {
    for n in 0..<samples {
      for row in 0..<vertical.output {
        for column in 0..<horizontal.output {
          let output = ((n * vertical.output + row) * horizontal.output + column) * channels
          var first = true
          for i in 0..<vertical.kernel {
            guard let y = vertical.place(row, i) else { continue }
            for j in 0..<horizontal.kernel {
              guard let x = horizontal.place(column, j) else { continue }
              let input = ((n * vertical.input + y) * horizontal.input + x) * channels
              body(output, input, i * horizontal.kernel + j, first)
              first = false
            }
          }
        }
      }
    }
  }
}

/// Max-pooling by an index per window, all channels of a place at once.
package enum Pooling {
  /// The index of the first greatest element in each window; a NaN is greater than any number.
  package static func argmax<Index: FixedWidthInteger>(
    _ index: UnsafeMutablePointer<Index>, _ x: UnsafePointer<Float>, _ shape: PoolingShape
  ) {
    let channels = shape.channels
    withUnsafeTemporaryAllocation(of: Float.self, capacity: channels) { buffer in
      guard let best = buffer.baseAddress else { return }
      shape.forEach { output, input, k, first in
        let (index, x) = (index + output, x + input)
        if first {
          best.update(from: x, count: channels)
          index.update(repeating: Index(truncatingIfNeeded: k), count: channels)
        } else {
          for c in 0..<channels {
            let greater = x[c] > best[c] || (x[c] != x[c] && best[c] == best[c])
            index[c] = greater ? Index(truncatingIfNeeded: k) : index[c]
            best[c] = greater ? x[c] : best[c]
          }
        }
      }
    }
  }

  /// The elements that the indices point at. An element may be of any type of its size.
  package static func gather<Index: FixedWidthInteger, Element>(
    _ y: UnsafeMutablePointer<Element>, _ index: UnsafePointer<Index>,
    _ x: UnsafePointer<Element>, _ shape: PoolingShape
  ) {
    let channels = shape.channels
    shape.forEach { output, input, k, first in
      let (y, index, x) = (y + output, index + output, x + input)
      let k = Index(truncatingIfNeeded: k)
      if first {
        y.update(from: x, count: channels)
      } else {
        for c in 0..<channels { y[c] = index[c] == k ? x[c] : y[c] }
      }
    }
  }

  /// Adds each element to the place that its index points at.
  package static func scatter<Index: FixedWidthInteger>(
    _ x: UnsafeMutablePointer<Float>, _ index: UnsafePointer<Index>, _ y: UnsafePointer<Float>,
    _ shape: PoolingShape
  ) {
    let channels = shape.channels
    x.update(repeating: 0, count: shape.inputCount)
    shape.forEach { output, input, k, _ in
      let (y, index, x) = (y + output, index + output, x + input)
      let k = Index(truncatingIfNeeded: k)
      for c in 0..<channels { x[c] += index[c] == k ? y[c] : 0 }
    }
  }
}
