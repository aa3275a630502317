internal import Graphs
internal import Kernels

extension Lowering {
  mutating func emitPoolArgmax(_ value: Value, _ window: Window) {
    let operand = program[value].operands[0]
    let shape = poolingShape(window, input: operand, output: program.type(of: value).shape)
    let (x, y) = (home(operand), destination(value))
    if window.indexType == .uint8 {
      step(value) { Pooling.argmax($0.bytes(y), $0.floats(x), shape) }
    } else {
      step(value) { Pooling.argmax($0.integers(y), $0.floats(x), shape) }
    }
  }

  mutating func emitPoolGather(_ value: Value, _ window: Window) {
    let (argmax, operand) = (program[value].operands[0], program[value].operands[1])
    precondition(program.type(of: operand).number == .float32, "only float32 is pooled")
    let shape = poolingShape(window, input: operand, output: program.type(of: value).shape)
    let (index, x, y) = (home(argmax), home(operand), destination(value))
    if window.indexType == .uint8 {
      step(value) { Pooling.gather($0.floats(y), $0.bytes(index), $0.floats(x), shape) }
    } else {
      step(value) { Pooling.gather($0.floats(y), $0.integers(index), $0.floats(x), shape) }
    }
  }

  mutating func emitPoolScatter(_ value: Value, _ window: Window) {
    let (argmax, operand) = (program[value].operands[0], program[value].operands[1])
    let shape = poolingShape(window, input: value, output: program.type(of: operand).shape)
    let (index, x, y) = (home(argmax), home(operand), destination(value))
    if window.indexType == .uint8 {
      step(value) { Pooling.scatter($0.floats(y), $0.bytes(index), $0.floats(x), shape) }
    } else {
      step(value) { Pooling.scatter($0.floats(y), $0.integers(index), $0.floats(x), shape) }
    }
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
