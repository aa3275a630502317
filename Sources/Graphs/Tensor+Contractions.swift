extension Tensor {
  func matrixProduct(
    _ other: Tensor, transposeLeft: Bool, transposeRight: Bool, to shape: Shape
  ) -> Tensor {
    let (rows, columns) = (shape[shape.rank - 2], shape[shape.rank - 1])
    let batch = shape.count / (rows * columns)
    let inner = self.shape.count / (batch * rows)
    let (leftRow, leftInner) = transposeLeft ? (1, rows) : (inner, 1)
    let (rightInner, rightColumn) = transposeRight ? (1, inner) : (columns, 1)
    var result = Tensor(shape, repeating: 0)
    for matrix in 0..<batch {
      let (left, right) = (matrix * rows * inner, matrix * inner * columns)
      for row in 0..<rows {
        for column in 0..<columns {
          var sum = 0.0
          for k in 0..<inner {
            sum +=
              elements[left + row * leftRow + k * leftInner]
              * other.elements[right + k * rightInner + column * rightColumn]
          }
          result.elements[(matrix * rows + row) * columns + column] = sum
        }
      }
    }
    return result
  }
}

/// A convolution and its two gradients multiply the same pairs of elements; they differ in which
/// of the three tensors takes the sums.
extension Convolution {
  func output(input: Tensor, filter: Tensor, to shape: Shape) -> Tensor {
    var output = Tensor(shape, repeating: 0)
    forEachProduct(input.shape, filter.shape, shape) { i, f, o in
      output.elements[o] += input.elements[i] * filter.elements[f]
    }
    return output
  }

  func inputGradient(output: Tensor, filter: Tensor, to shape: Shape) -> Tensor {
    var input = Tensor(shape, repeating: 0)
    forEachProduct(shape, filter.shape, output.shape) { i, f, o in
      input.elements[i] += output.elements[o] * filter.elements[f]
    }
    return input
  }

  func filterGradient(input: Tensor, output: Tensor, to shape: Shape) -> Tensor {
    var filter = Tensor(shape, repeating: 0)
    forEachProduct(input.shape, shape, output.shape) { i, f, o in
      filter.elements[f] += input.elements[i] * output.elements[o]
    }
    return filter
  }

  /// Visits the places of all elements of input, filter and output that meet.
  @inline(__always)
  package func forEachProduct(
    _ input: Shape, _ filter: Shape, _ output: Shape, _ visit: (Int, Int, Int) -> Void
  ) {
    let channels = filter[1]
    let area = filter[2] * filter[3]
    let filtersInGroup = filter[0] / groups
    for sample in 0..<output[0] {
      for y in 0..<output[1] {
        let rows = vertical.taps(at: y, of: input[1])
        for x in 0..<output[2] {
          let columns = horizontal.taps(at: x, of: input[2])
          for (ky, row) in rows {
            for (kx, column) in columns {
              let pixel = ((sample * input[1] + row) * input[2] + column) * input[3]
              let outputPixel = ((sample * output[1] + y) * output[2] + x) * output[3]
              for o in 0..<filter[0] {
                let firstInput = pixel + o / filtersInGroup * channels
                let firstFilter = o * channels * area + ky * filter[3] + kx
                for c in 0..<channels {
                  visit(firstInput + c, firstFilter + c * area, outputPixel + o)
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
