/// The closed set of operations of which every network, loss and derivative consists.
///
/// Each table of rules (types, gradients, evaluation, cost, kernels) is an exhaustive `switch` over
/// it, so a new case does not compile before every table has a row for it. Activations are
/// channels-last: `[samples, height, width, channels]`.
package enum Operation: Hashable, Sendable {
  // Leaves. Their type is that of the instruction.
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

  /// Reduced axes stay, with extent 1.
  case reduce(Reduction, axes: [Int])

  // Movement.
  case reshape(Shape)
  /// Axis i of the result is axis `order[i]` of the operand.
  case permute([Int])
  /// Repeats along the axes where the operand's extent is 1.
  case broadcast(Shape)
  case slice([AxisRange])
  /// Zeros around and between the elements.
  case pad([Padding])
  case concatenate(axis: Int)
  case reverse(axes: [Int])

  // Indexing, along the first axis.
  /// Operands table `[rows, ...]`, indices `[n]`: the rows with these indices.
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
  /// Results: the maximum of each window, and the argmax, its index in the window, row by row. The
  /// first of equal maxima counts.
  case maxPool(Window)
  /// Operands argmax, x: the elements of x that the argmax points at.
  case poolGather(Window)
  /// Operands argmax, y: sums of y at the places that the argmax points at.
  case poolScatter(Window, height: Int, width: Int)
  /// The sum of each window; padding adds nothing.
  case poolSum(Window)
  /// For each element of a map of this height and width, the sum of the windows that cover it.
  case poolSpread(Window, height: Int, width: Int)

  /// A program that runs once for each step of sequences.
  case scan(Scan)

  /// A named operation that is defined by its expansion into those above.
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
package struct AxisRange: Hashable, Sendable {
  package let start: Int
  package let count: Int
  package let stride: Int

  package init(start: Int, count: Int, stride: Int = 1) {
    self.start = start
    self.count = count
    self.stride = stride
  }
}

/// Zeros on an axis: before, after, and between neighbouring elements.
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

  /// The number of elements that the kernel spans.
  package var reach: Int { (kernel - 1) * dilation + 1 }

  /// The number of positions of the kernel along an axis; 0 if it does not fit.
  package func positions(along extent: Int) -> Int {
    let room = extent + low + high - reach
    return room < 0 ? 0 : room / stride + 1
  }

  /// The axis with the high padding that counts a last window that is cut off, as PyTorch's
  /// `ceil_mode` does: if it begins on the map or in its low padding.
  package func roundedUp(along extent: Int) -> SlidingAxis {
    let room = extent + low + high - reach
    var last = (max(room, 0) + stride - 1) / stride
    if last > 0, last * stride >= extent + low { last -= 1 }
    return SlidingAxis(
      kernel: kernel, stride: stride, dilation: dilation, low: low,
      high: max(0, last * stride + reach - extent - low))
  }

  /// The padding for `ceil(extent / stride)` positions; the high side gets the odd one.
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

/// The geometry of a pooling; padding is never the maximum.
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
