extension Builder {
  /// The table of derivatives: the gradient that each operand of an instruction receives from those
  /// of its results; nil for none.
  ///
  /// A rule only writes operations of the same closed set, so its result has derivatives too.
  mutating func gradients(of index: Int, from gradients: [Value?]) -> [Value?] {
    let instruction = instructions[index]
    let x = instruction.operands
    if case .composite(let composite) = instruction.operation {
      let results = instruction.types.indices.map { Value(index, result: $0) }
      return composite.gradients(of: x, results, from: gradients, in: &self)
    }
    if case .scan(let scan) = instruction.operation {
      return self.gradients(of: scan, at: index, from: gradients)
    }
    // Only the first result has a gradient: an argmax is constant almost everywhere.
    let y = Value(index)
    guard let g = gradients[0] else { return x.map { _ in nil } }
    switch instruction.operation {
    case .input, .parameter, .constant, .random:
      return []
    case .unary(let unary):
      return [gradient(of: unary, x[0], y, g)]
    case .binary(let binary):
      let (a, b) = self.gradients(of: binary, x[0], x[1], y, g)
      return [a, b]
    case .compare, .oneHot:
      return x.map { _ in nil }
    case .convert(let number):
      let operand = type(of: x[0]).number
      return [operand.isFloat && number.isFloat ? emit(.convert(operand), g) : nil]
    case .select:
      let zero = constant(0, type(of: g))
      return [nil, emit(.select, x[0], g, zero), emit(.select, x[0], zero, g)]
    case .reduce(.sum, _):
      return [broadcast(g, shape(of: x[0]))]
    case .reduce(.maximum, let axes):
      // Equal maxima share the gradient, so the rule does not depend on an order.
      let type = type(of: x[0])
      let mask = emit(.compare(.equal), x[0], broadcast(y, type.shape))
      let hits = emit(.select, mask, constant(1, type), constant(0, type))
      return [multiply(hits, broadcast(divide(g, sum(hits, axes: axes)), type.shape))]
    case .reshape:
      return [reshape(g, shape(of: x[0]))]
    case .permute(let order):
      return [emit(.permute(order.indices.map { axis in order.firstIndex(of: axis) ?? axis }), g)]
    case .broadcast(let shape):
      let repeated = (0..<shape.rank).filter { self.shape(of: x[0])[$0] != shape[$0] }
      return [sum(g, axes: repeated)]
    case .slice(let ranges):
      let paddings = zip(ranges, shape(of: x[0]).extents).map { range, extent in
        let last = range.start + (range.count - 1) * range.stride
        return Padding(low: range.start, high: extent - 1 - last, interior: range.stride - 1)
      }
      return [emit(.pad(paddings), g)]
    case .pad(let paddings):
      let ranges = zip(paddings, shape(of: x[0]).extents).map { padding, extent in
        AxisRange(start: padding.low, count: extent, stride: padding.interior + 1)
      }
      return [emit(.slice(ranges), g)]
    case .concatenate(let axis):
      var start = 0
      return x.map { part in
        let extents = shape(of: part).extents
        let ranges = extents.indices.map {
          AxisRange(start: $0 == axis ? start : 0, count: extents[$0])
        }
        start += extents[axis]
        return emit(.slice(ranges), g)
      }
    case .reverse:
      return [emit(instruction.operation, g)]
    case .gather:
      return [emit(.scatterAdd(rows: shape(of: x[0])[0]), x[1], g), nil]
    case .scatterAdd:
      return [nil, emit(.gather, g, x[0])]
    case .matrixProduct(let left, let right):
      return [
        left
          ? matrixProduct(x[1], g, transposeLeft: right, transposeRight: true)
          : matrixProduct(g, x[1], transposeRight: !right),
        right
          ? matrixProduct(g, x[0], transposeLeft: true, transposeRight: left)
          : matrixProduct(x[0], g, transposeLeft: !left),
      ]
    case .convolution(let convolution):
      let (height, width) = (shape(of: x[0])[1], shape(of: x[0])[2])
      return [
        emit(.convolutionInputGradient(convolution, height: height, width: width), g, x[1]),
        emit(.convolutionFilterGradient(convolution), x[0], g),
      ]
    case .convolutionInputGradient(let convolution, _, _):
      return [
        emit(.convolution(convolution), g, x[1]),
        emit(.convolutionFilterGradient(convolution), g, x[0]),
      ]
    case .convolutionFilterGradient(let convolution):
      let (height, width) = (shape(of: x[0])[1], shape(of: x[0])[2])
      return [
        emit(.convolutionInputGradient(convolution, height: height, width: width), x[1], g),
        emit(.convolution(convolution), x[0], g),
      ]
    case .maxPool(let window):
      let (height, width) = (shape(of: x[0])[1], shape(of: x[0])[2])
      let argmax = Value(index, result: 1)
      return [emit(.poolScatter(window, height: height, width: width), argmax, g)]
    case .poolGather(let window):
      let (height, width) = (shape(of: x[1])[1], shape(of: x[1])[2])
      return [nil, emit(.poolScatter(window, height: height, width: width), x[0], g)]
    case .poolScatter(let window, _, _):
      return [nil, emit(.poolGather(window), x[0], g)]
    case .poolSum(let window):
      let (height, width) = (shape(of: x[0])[1], shape(of: x[0])[2])
      return [emit(.poolSpread(window, height: height, width: width), g)]
    case .poolSpread(let window, _, _):
      return [emit(.poolSum(window), g)]
    case .scan, .composite:
      preconditionFailure("\(instruction.operation) has rules of its own")
    }
  }

  private mutating func gradient(of unary: Unary, _ x: Value, _ y: Value, _ g: Value) -> Value {
    switch unary {
    case .negate: return emit(.unary(.negate), g)
    case .reciprocal: return emit(.unary(.negate), multiply(g, multiply(y, y)))
    case .exp: return multiply(g, y)
    case .expm1: return multiply(g, emit(.unary(.exp), x))
    case .log: return divide(g, x)
    case .log1p: return divide(g, add(constant(1, type(of: x)), x))
    case .sqrt: return divide(multiply(g, by: 0.5), y)
    case .tanh: return multiply(g, subtract(constant(1, type(of: y)), multiply(y, y)))
    case .sigmoid: return multiply(g, multiply(y, subtract(constant(1, type(of: y)), y)))
    case .erf:
      let bell = emit(.unary(.exp), emit(.unary(.negate), multiply(x, x)))
      return multiply(g, multiply(bell, by: 2 / Double.pi.squareRoot()))
    }
  }

  private mutating func gradients(
    of binary: Binary, _ a: Value, _ b: Value, _ y: Value, _ g: Value
  ) -> (Value, Value) {
    switch binary {
    case .add: return (g, g)
    case .subtract: return (g, emit(.unary(.negate), g))
    case .multiply: return (multiply(g, b), multiply(g, a))
    case .divide: return (divide(g, b), emit(.unary(.negate), divide(multiply(g, y), b)))
    case .maximum:
      // Of equal operands the right one receives it: relu'(0) = 0 for maximum(x, 0).
      let left = emit(.compare(.less), b, y)
      let zero = constant(0, type(of: g))
      return (emit(.select, left, g, zero), emit(.select, left, zero, g))
    }
  }
}
