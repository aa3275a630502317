extension Window {
  /// The first of equal maxima, or the first NaN, in each window.
  func argmax(of x: Tensor, to shape: Shape) -> Tensor {
    var result = Tensor(shape, repeating: 0)
    forEachWindow(x.shape, shape) { output, channel, rows, columns in
      var best: Double?
      for (ky, row) in rows {
        for (kx, column) in columns {
          let value = x.elements[row + column + channel]
          if let best, best.isNaN || !(value > best || value.isNaN) { continue }
          best = value
          result.elements[output] = Double(ky * horizontal.kernel + kx)
        }
      }
    }
    return result
  }

  func gathered(_ x: Tensor, at argmax: Tensor) throws(ProgramError) -> Tensor {
    let places = try places(of: argmax, in: x.shape)
    return Tensor(argmax.shape, places.map { x.elements[$0] })
  }

  func scattered(_ y: Tensor, at argmax: Tensor, to shape: Shape) throws(ProgramError) -> Tensor {
    var result = Tensor(shape, repeating: 0)
    for (element, place) in zip(y.elements, try places(of: argmax, in: shape)) {
      result.elements[place] += element
    }
    return result
  }

  func sums(of x: Tensor, to shape: Shape) -> Tensor {
    var result = Tensor(shape, repeating: 0)
    forEachWindow(x.shape, shape) { output, channel, rows, columns in
      for (_, row) in rows {
        for (_, column) in columns {
          result.elements[output] += x.elements[row + column + channel]
        }
      }
    }
    return result
  }

  func spread(_ y: Tensor, to shape: Shape) -> Tensor {
    var result = Tensor(shape, repeating: 0)
    forEachWindow(shape, y.shape) { output, channel, rows, columns in
      for (_, row) in rows {
        for (_, column) in columns {
          result.elements[row + column + channel] += y.elements[output]
        }
      }
    }
    return result
  }

  /// The offsets of the elements that an argmax points at, in a map of this shape.
  private func places(of argmax: Tensor, in shape: Shape) throws(ProgramError) -> [Int] {
    var places = [Int](repeating: -1, count: argmax.elements.count)
    forEachWindow(shape, argmax.shape) { output, channel, rows, columns in
      for (ky, row) in rows {
        for (kx, column) in columns
        where argmax.elements[output] == Double(ky * horizontal.kernel + kx) {
          places[output] = row + column + channel
        }
      }
    }
    if let wrong = places.firstIndex(of: -1) {
      throw ProgramError("argmax \(argmax.elements[wrong]) points outside the map")
    }
    return places
  }

  /// Visits all windows with the offset of the result, the channel, and the rows and columns of the
  /// window that lie on the map: the offset of an element is the sum of both places and the
  /// channel.
  package func forEachWindow(
    _ input: Shape, _ output: Shape,
    _ visit: (Int, Int, [(kernel: Int, place: Int)], [(kernel: Int, place: Int)]) -> Void
  ) {
    let strides = input.strides
    for sample in 0..<output[0] {
      for y in 0..<output[1] {
        let rows = vertical.taps(at: y, of: input[1]).map {
          ($0.kernel, sample * strides[0] + $0.place * strides[1])
        }
        for x in 0..<output[2] {
          let columns = horizontal.taps(at: x, of: input[2]).map {
            ($0.kernel, $0.place * strides[2])
          }
          for channel in 0..<output[3] {
            let place = ((sample * output[1] + y) * output[2] + x) * output[3] + channel
            visit(place, channel, rows, columns)
          }
        }
      }
    }
  }
}
