/// The type of the numbers of a tensor.
package enum NumberType: UInt8, Hashable, Sendable, CaseIterable {
  case float32
  case int32
  case uint8
  /// The upper half of a float32: its range with 8 binary digits.
  case bfloat16

  /// Bytes of one element.
  package var size: Int {
    switch self {
    case .float32, .int32: 4
    case .bfloat16: 2
    case .uint8: 1
    }
  }

  /// Whether it holds real numbers: only these have derivatives.
  package var isFloat: Bool {
    switch self {
    case .float32, .bfloat16: true
    case .int32, .uint8: false
    }
  }
}

/// The extents of a tensor, outermost first; a scalar has none.
package struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
  package let extents: [Int]

  package init(_ extents: [Int]) { self.extents = extents }
  package init(arrayLiteral elements: Int...) { extents = elements }

  package var rank: Int { extents.count }
  package var count: Int { extents.reduce(1, *) }
  package subscript(axis: Int) -> Int { extents[axis] }

  /// The shape with other extents at some axes.
  package func replacing(_ axes: [Int], with extent: Int) -> Shape {
    Shape(extents.indices.map { axes.contains($0) ? extent : extents[$0] })
  }

  /// The shape whose axis i is axis `order[i]` of this one.
  package func permuted(_ order: [Int]) -> Shape { Shape(order.map { extents[$0] }) }

  /// Row-major strides, in elements.
  package var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in extents.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * extents[axis + 1]
    }
    return strides
  }

  package var description: String {
    "[\(extents.map(String.init).joined(separator: ", "))]"
  }
}

/// The number type and the shape of a value.
package struct TensorType: Hashable, Sendable, CustomStringConvertible {
  package let number: NumberType
  package let shape: Shape

  package init(_ number: NumberType, _ shape: Shape) {
    self.number = number
    self.shape = shape
  }

  package var count: Int { shape.count }
  package var byteCount: Int { shape.count * number.size }

  package var description: String { "\(number)\(shape)" }
}
