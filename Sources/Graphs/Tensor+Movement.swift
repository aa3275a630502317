/// The layout of a tensor in a list of numbers: a start, and a stride for each axis.
struct Layout {
  let shape: Shape
  let start: Int
  let strides: [Int]

  init(_ shape: Shape, start: Int = 0, strides: [Int]) {
    self.shape = shape
    self.start = start
    self.strides = strides
  }

  /// The offsets of all elements, in row order.
  var places: [Int] {
    var places = [start]
    for (extent, stride) in zip(shape.extents, strides) {
      var inner: [Int] = []
      inner.reserveCapacity(places.count * extent)
      for place in places {
        for index in 0..<extent { inner.append(place + index * stride) }
      }
      places = inner
    }
    return places
  }
}

extension Tensor {
  func permuted(_ order: [Int]) -> Tensor {
    let strides = shape.strides
    return read(Layout(shape.permuted(order), strides: order.map { strides[$0] }))
  }

  func broadcast(to shape: Shape) -> Tensor {
    let strides = zip(self.shape.extents, self.shape.strides).map { $0 == 1 ? 0 : $1 }
    return read(Layout(shape, strides: strides))
  }

  func sliced(_ ranges: [AxisRange], to shape: Shape) -> Tensor {
    let strides = self.shape.strides
    return read(
      Layout(
        shape, start: zip(ranges, strides).reduce(0) { $0 + $1.0.start * $1.1 },
        strides: zip(ranges, strides).map { $0.stride * $1 }))
  }

  func reversed(_ axes: [Int]) -> Tensor {
    var strides = shape.strides
    var start = 0
    for axis in axes {
      start += (shape[axis] - 1) * strides[axis]
      strides[axis] = -strides[axis]
    }
    return read(Layout(shape, start: start, strides: strides))
  }

  func padded(_ paddings: [Padding], to shape: Shape) -> Tensor {
    let strides = shape.strides
    var result = Tensor(shape, repeating: 0)
    result.write(
      self,
      Layout(
        self.shape, start: zip(paddings, strides).reduce(0) { $0 + $1.0.low * $1.1 },
        strides: zip(paddings, strides).map { ($0.interior + 1) * $1 }))
    return result
  }

  static func concatenated(_ parts: [Tensor], axis: Int, to shape: Shape) -> Tensor {
    let strides = shape.strides
    var result = Tensor(shape, repeating: 0)
    var start = 0
    for part in parts {
      result.write(part, Layout(part.shape, start: start * strides[axis], strides: strides))
      start += part.shape[axis]
    }
    return result
  }

  /// The item of a sequence at a step; it has no axis of time.
  func item(_ step: Int, axis: Int) -> Tensor {
    let axis = shape.timeAxis(axis)
    let ranges = shape.extents.enumerated().map {
      $0 == axis ? AxisRange(start: step, count: 1) : AxisRange(start: 0, count: $1)
    }
    return Tensor(
      shape.removing(axis), sliced(ranges, to: shape.replacing([axis], with: 1)).elements)
  }

  /// The sequence of items of one shape.
  static func stacked(_ items: [Tensor], axis: Int) -> Tensor {
    let parts = items.map { Tensor($0.shape.inserting(1, at: axis), $0.elements) }
    return concatenated(
      parts, axis: parts[0].shape.timeAxis(axis),
      to: items[0].shape.inserting(items.count, at: axis))
  }

  private func read(_ layout: Layout) -> Tensor {
    Tensor(layout.shape, layout.places.map { elements[$0] })
  }

  private mutating func write(_ other: Tensor, _ layout: Layout) {
    for (element, place) in zip(other.elements, layout.places) { elements[place] = element }
  }
}
