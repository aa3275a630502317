extension Tensor {
  func matrixProduct(
    _ other: Tensor, transposeLeft: Bool, transposeRight: Bool, to shape: Shape
  ) -> Tensor {
    let (rows, columns) = (shape[shape.rank - 2], shape[shape.rank - 1])
    let batch = shape.count / (rows * columns)
    let inner = self.shape.count / (batch * rows)
    let (leftRow, leftInner) = transposeLeft ? (1, rows) : (inner, 1)
    let (rightInner, rightColumn) = transposeRight ? (1, inner) : (columns, 1)
    return unsafe Tensor(shape, self, other) { y, a, b in
      for matrix in 0..<batch {
        let (left, right) = unsafe (a + matrix * rows * inner, b + matrix * inner * columns)
        for row in 0..<rows {
          for column in 0..<columns {
            var sum = 0.0
            for k in 0..<inner {
              sum +=
                unsafe left[row * leftRow + k * leftInner]
                * right[k * rightInner + column * rightColumn]
            }
            unsafe y[(matrix * rows + row) * columns + column] = sum
          }
        }
      }
    }
  }

  /// A tensor of zeros after `add` has added to it what it makes of the elements of two others.
  fileprivate init(
    _ shape: Shape, _ a: Tensor, _ b: Tensor,
    _ add: (UnsafeMutablePointer<Double>, UnsafePointer<Double>, UnsafePointer<Double>) -> Void
  ) {
    self.init(shape, repeating: 0)
    unsafe elements.withUnsafeMutableBufferPointer { y in
      unsafe a.elements.withUnsafeBufferPointer { a in
        unsafe b.elements.withUnsafeBufferPointer { b in
          guard let y = y.baseAddress, let a = a.baseAddress, let b = b.baseAddress else { return }
          unsafe add(y, a, b)
        }
      }
    }
  }
}

/// A convolution and its two gradients multiply the same pairs of elements; they differ in which
/// of the three tensors takes the sums.
///
/// They run over the filters of one place in the kernel and one channel together, so filters are
/// put last.
extension Convolution {
  func output(input: Tensor, filter: Tensor, to shape: Shape) -> Tensor {
    let weights = filter.permuted(filtersLast)
    return unsafe Tensor(shape, input, weights) { y, x, w in
      forEachRow(input.shape, filter.shape, shape) { i, f, o, filters in
        let (factor, row, sums) = unsafe (x[i], w + f, y + o)
        for k in 0..<filters { unsafe sums[k] += factor * row[k] }
      }
    }
  }

  func inputGradient(output: Tensor, filter: Tensor, to shape: Shape) -> Tensor {
    let weights = filter.permuted(filtersLast)
    return unsafe Tensor(shape, output, weights) { x, y, w in
      forEachRow(shape, filter.shape, output.shape) { i, f, o, filters in
        for k in 0..<filters { unsafe x[i] += y[o + k] * w[f + k] }
      }
    }
  }

  func filterGradient(input: Tensor, output: Tensor, to shape: Shape) -> Tensor {
    let sums = unsafe Tensor(shape.permuted(filtersLast), input, output) { w, x, y in
      forEachRow(input.shape, shape, output.shape) { i, f, o, filters in
        let (factor, row, sums) = unsafe (x[i], y + o, w + f)
        for k in 0..<filters { unsafe sums[k] += factor * row[k] }
      }
    }
    return sums.permuted([3, 2, 0, 1])
  }

  /// From `[filters, channels, height, width]` to `[height, width, channels, filters]`.
  private var filtersLast: [Int] { [2, 3, 1, 0] }

  /// Visits the places of all elements of input, filter and output that meet.
  package func forEachProduct(
    _ input: Shape, _ filter: Shape, _ output: Shape, _ visit: (Int, Int, Int) -> Void
  ) {
    forEachRow(input, filter, output) { i, f, o, filters in
      // From the place among filters that stand last to that in the filter itself.
      let (place, first) = (f / filter[0], f % filter[0])
      let (tap, channel) = (place / filter[1], place % filter[1])
      for k in 0..<filters {
        let row = (first + k) * filter[1] + channel
        visit(i, row * filter[2] * filter[3] + tap, o + k)
      }
    }
  }

  /// Visits each element of the input with the stretch of output elements that it has a part in:
  /// its place, that of the first of their filters, where these stand last, that of the first of
  /// the outputs, and how many there are.
  @inline(__always)
  private func forEachRow(
    _ input: Shape, _ filter: Shape, _ output: Shape, _ visit: (Int, Int, Int, Int) -> Void
  ) {
    let (filters, channels) = (filter[0], filter[1])
    let filtersInGroup = filters / groups
    for sample in 0..<output[0] {
      for y in 0..<output[1] {
        let rows = vertical.taps(at: y, of: input[1])
        for x in 0..<output[2] {
          let columns = horizontal.taps(at: x, of: input[2])
          for (ky, row) in rows {
            for (kx, column) in columns {
              let pixel = ((sample * input[1] + row) * input[2] + column) * input[3]
              let outputPixel = ((sample * output[1] + y) * output[2] + x) * output[3]
              let tap = (ky * filter[3] + kx) * channels
              for group in 0..<groups {
                let first = group * filtersInGroup
                for c in 0..<channels {
                  visit(
                    pixel + group * channels + c, (tap + c) * filters + first,
                    outputPixel + first, filtersInGroup)
                }
              }
            }
          }
        }
      }
    }
  }
}

extension SlidingAxis {
  /// The kernel's elements that lie on the axis and not on padding, each with the place it covers.
  func taps(at position: Int, of extent: Int) -> [(kernel: Int, place: Int)] {
    (0..<kernel).compactMap { element in
      let place = position * stride - low + element * dilation
      return (0..<extent).contains(place) ? (element, place) : nil
    }
  }
}
