internal import Graphs
internal import Kernels

extension Lowering {
  /// The maxima themselves are written in the same pass, if the program gathers them later.
  mutating func emitPoolArgmax(_ value: Value, _ window: Window) {
    let operand = program[value].operands[0]
    let shape = poolingShape(window, input: operand, output: program.type(of: value).shape)
    let (x, y) = (home(operand), destination(value))
    let maxima = maxima(of: operand, at: value, window).map { destination($0, since: value) }
    let note = maxima == nil ? "" : "and the maxima"
    if window.indexType == .uint8 {
      step(value, note) {
        unsafe Pooling.argmax($0.bytes(y), maxima: maxima.map($0.floats), $0.floats(x), shape)
      }
    } else {
      step(value, note) {
        unsafe Pooling.argmax($0.integers(y), maxima: maxima.map($0.floats), $0.floats(x), shape)
      }
    }
  }

  private func maxima(of operand: Value, at argmax: Value, _ window: Window) -> Value? {
    program.instructions.firstIndex(
      of: Instruction(
        .poolGather(window), [argmax, operand],
        TensorType(.float32, program.type(of: argmax).shape))
    ).map(Value.init)
  }

  mutating func emitPoolGather(_ value: Value, _ window: Window) {
    guard !isEmitted(value) else { return }
    let (argmax, operand) = (program[value].operands[0], program[value].operands[1])
    let shape = poolingShape(window, input: operand, output: program.type(of: value).shape)
    let (index, x, y) = (home(argmax), home(operand), destination(value))
    if window.indexType == .uint8 {
      step(value) { unsafe Pooling.gather($0.floats(y), $0.bytes(index), $0.floats(x), shape) }
    } else {
      step(value) { unsafe Pooling.gather($0.floats(y), $0.integers(index), $0.floats(x), shape) }
    }
  }

  mutating func emitPoolScatter(_ value: Value, _ window: Window) {
    let (argmax, operand) = (program[value].operands[0], program[value].operands[1])
    let shape = poolingShape(window, input: value, output: program.type(of: operand).shape)
    let (index, x, y) = (home(argmax), home(operand), destination(value))
    if window.indexType == .uint8 {
      step(value) { unsafe Pooling.scatter($0.floats(y), $0.bytes(index), $0.floats(x), shape) }
    } else {
      step(value) { unsafe Pooling.scatter($0.floats(y), $0.integers(index), $0.floats(x), shape) }
    }
  }

  mutating func emitPoolSum(_ value: Value, _ window: Window) {
    let operand = program[value].operands[0]
    let shape = poolingShape(window, input: operand, output: program.type(of: value).shape)
    let (x, y) = (home(operand), destination(value))
    step(value) { Pooling.sum($0.floats(y), $0.floats(x), shape) }
  }

  mutating func emitPoolSpread(_ value: Value, _ window: Window) {
    let operand = program[value].operands[0]
    let shape = poolingShape(window, input: value, output: program.type(of: operand).shape)
    let (x, y) = (home(operand), destination(value))
    step(value) { Pooling.spread($0.floats(y), $0.floats(x), shape) }
  }

  private func poolingShape(_ window: Window, input: Value, output: Shape) -> PoolingShape {
    let input = program.type(of: input).shape
    func axis(_ sliding: SlidingAxis, _ axis: Int) -> PoolingShape.Axis {
      PoolingShape.Axis(
        input: input[axis], output: output[axis], kernel: sliding.kernel, stride: sliding.stride,
        dilation: sliding.dilation, low: sliding.low)
    }
    return PoolingShape(
      samples: input[0], channels: input[3], vertical: axis(window.vertical, 1),
      horizontal: axis(window.horizontal, 2))
  }
}
