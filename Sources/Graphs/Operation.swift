/// The closed set of operations that every network, loss and derivative is written in.
///
/// A rule table (types, gradients, meaning, cost, kernels) is an exhaustive `switch` over it, so
/// that a new case does not compile until every table has its row. Activations are channels-last:
/// `[samples, height, width, channels]`.
package enum Operation: Hashable, Sendable {
  // Leaves. Their type stands in the instruction.
  case input(String)
  case parameter(String)
  /// Every element has this value.
  case constant(Double)
  /// Uniform numbers in [0, 1), drawn for each sample (the first axis) from a numbered stream.
  case random(stream: Int)

  // Element by element; operands have one shape.
  case unary(Unary)
  case binary(Binary)
  /// 1 where the comparison holds, else 0, as `uint8`.
  case compare(Comparison)
  /// Operands mask, a, b: a where the mask is not 0, else b.
  case select
  case convert(NumberType)

  /// The reduced axes stay, with extent 1.
  case reduce(Reduction, axes: [Int])

  // Movement.
  case reshape(Shape)
  /// Axis i of the result is axis `order[i]` of the operand.
  case permute([Int])
  /// Repeats along the axes where the operand's extent is 1.
  case broadcast(Shape)
  case slice([Stretch])
  /// Zeros around and between the elements.
  case pad([Padding])
  case concatenate(axis: Int)
  case reverse(axes: [Int])

  // Indexing, along the first axis.
  /// Operands table `[rows, ...]`, indices `[n]`: the rows so numbered.
  case gather
  /// Operands indices `[n]`, updates `[n, ...]`: a table of sums `[rows, ...]`.
  case scatterAdd(rows: Int)
  /// Indices `[...]` to `[..., classes]`.
  case oneHot(classes: Int)

  // Contractions.
  /// Products of the last two axes; earlier axes are a batch.
  case matrixProduct(transposeLeft: Bool, transposeRight: Bool)
  /// Operands input `[n, h, w, c]`, filter `[o, c / groups, kh, kw]`: `[n, h', w', o]`.
  case convolution(Convolution)
  /// Operands gradient of the output, filter: gradient of the input of this height and width.
  case convolutionInputGradient(Convolution, height: Int, width: Int)
  /// Operands input, gradient of the output: gradient of the filter.
  case convolutionFilterGradient(Convolution)

  // Pooling.
  /// The maximum of each window, and where in the window it stands, row by row; the first of
  /// equals.
  case maxPool(Window)
  /// Operands argmax, x: the elements of x that the argmax points at.
  case poolGather(Window)
  /// Operands argmax, y: sums of y at the places that the argmax points at.
  case poolScatter(Window, height: Int, width: Int)
  /// The sum of each window; padding adds nothing.
  case poolSum(Window)
  /// To each element of a map of this height and width, the sum of the windows that cover it.
  case poolSpread(Window, height: Int, width: Int)

  /// A named operation whose meaning is its expansion into the ones above.
  case composite(Composite)
}

package enum Unary: String, Hashable, Sendable, CaseIterable {
  case negate, reciprocal, exp
  /// e^x - 1, accurate near 0.
  case expm1
  case log
  /// log(1 + x), accurate near 0.
  case log1p
  case sqrt, tanh, sigmoid
  /// 2/√π ∫₀ˣ e^(-t²) dt.
  case erf
}

package enum Binary: String, Hashable, Sendable, CaseIterable {
  case add, subtract, multiply, divide, maximum
}

package enum Comparison: String, Hashable, Sendable, CaseIterable {
  case less, lessOrEqual, equal
}

package enum Reduction: String, Hashable, Sendable, CaseIterable {
  case sum, maximum
}

/// A part of an axis: `count` elements from `start`, `stride` apart.
package struct Stretch: Hashable, Sendable {
  package let start: Int
  package let count: Int
  package let stride: Int

  package init(start: Int, count: Int, stride: Int = 1) {
    self.start = start
    self.count = count
    self.stride = stride
  }
}

/// Zeros on an axis: before, after, and between neighbours.
package struct Padding: Hashable, Sendable {
  package let low: Int
  package let high: Int
  package let interior: Int

  package init(low: Int = 0, high: Int = 0, interior: Int = 0) {
    self.low = low
    self.high = high
    self.interior = interior
  }

  package func extent(of extent: Int) -> Int {
    low + extent + max(0, extent - 1) * interior + high
  }
}

/// How a kernel slides along one axis.
package struct SlidingAxis: Hashable, Sendable {
  package let kernel: Int
  package let stride: Int
  package let dilation: Int
  package let low: Int
  package let high: Int

  package init(kernel: Int, stride: Int = 1, dilation: Int = 1, low: Int = 0, high: Int = 0) {
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.low = low
    self.high = high
  }

  /// Elements that the kernel spans.
  package var reach: Int { (kernel - 1) * dilation + 1 }

  /// Positions of the kernel along an axis; 0 when it does not fit once.
  package func positions(along extent: Int) -> Int {
    let room = extent + low + high - reach
    return room < 0 ? 0 : room / stride + 1
  }

  /// The padding that keeps `ceil(extent / stride)` positions; an odd rest goes to the high side.
  package static func same(
    kernel: Int, stride: Int, dilation: Int, extent: Int
  ) -> SlidingAxis {
    let positions = (extent + stride - 1) / stride
    let total = max(0, (positions - 1) * stride + (kernel - 1) * dilation + 1 - extent)
    return SlidingAxis(
      kernel: kernel, stride: stride, dilation: dilation, low: total / 2, high: total - total / 2)
  }
}

/// The geometry of a two-dimensional convolution.
package struct Convolution: Hashable, Sendable {
  package let vertical: SlidingAxis
  package let horizontal: SlidingAxis
  package let groups: Int

  package init(vertical: SlidingAxis, horizontal: SlidingAxis, groups: Int = 1) {
    self.vertical = vertical
    self.horizontal = horizontal
    self.groups = groups
  }
}

/// The geometry of a pooling, in which padding never wins a maximum.
package struct Window: Hashable, Sendable {
  package let vertical: SlidingAxis
  package let horizontal: SlidingAxis

  package init(vertical: SlidingAxis, horizontal: SlidingAxis) {
    self.vertical = vertical
    self.horizontal = horizontal
  }

  package var count: Int { vertical.kernel * horizontal.kernel }

  /// The smallest type that can number the elements of the window.
  package var indexType: NumberType { count <= 256 ? .uint8 : .int32 }
}
