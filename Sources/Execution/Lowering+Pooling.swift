internal import Graphs
internal import Kernels

extension Lowering {
  /// Writes a max-pooling: the maxima, with ReLU if it follows, and the argmax.
  ///
  /// A convolution without other readers is computed sample by sample before its pooling.
  mutating func emitMaxPool(_ epilogue: Epilogue, _ window: Window, into value: Value) {
    let operand = program[epilogue.core].operands[0]
    let output = program.type(of: epilogue.core)
    let shape = poolingShape(window, input: operand, output: output.shape)
    let isFused = analysis.leaders[operand.index] == value
    let x = isFused ? nil : slot(of: operand)
    let argmax = place(Value(epilogue.core.index, result: 1), at: value)
    let maxima = place(value, at: value)
    let appliesReLU = epilogue.appliesReLU
    let one = shape.ofOneSample
    let count = output.count / shape.samples
    let pool = { (frame: Frame, shape: PoolingShape, place: Int, x: UnsafeMutablePointer<Float>) in
      let maxima = unsafe frame.floats(maxima).map { unsafe $0 + place }
      if window.indexType == .uint8 {
        let index = unsafe argmax.map { unsafe frame.bytes($0) + place }
        unsafe Pooling.maxima(maxima, index: index, appliesReLU: appliesReLU, x, shape)
      } else {
        let index = unsafe argmax.map { unsafe frame.integers($0) + place }
        unsafe Pooling.maxima(maxima, index: index, appliesReLU: appliesReLU, x, shape)
      }
    }
    if let x {
      call(value, appliesReLU ? "after \(epilogue.core) \(program[epilogue.core].operation)" : "") {
        unsafe pool($0, shape, 0, $0.floats(x))
      }
    } else if let maxima, window.indexType == .uint8,
      emitConvolution(
        operand,
        before: PoolingStage(
          value: value, shape: shape, argmax: argmax, maxima: maxima, appliesReLU: appliesReLU))
    {
      return
    } else {
      emitConvolution(
        operand,
        before: unsafe SampleStage(value: value) { unsafe pool($0, one, $1 * count, $2) })
    }
  }

  mutating func emitPoolGather(_ value: Value, _ window: Window) {
    let (argmax, operand) = (program[value].operands[0], program[value].operands[1])
    let shape = poolingShape(window, input: operand, output: program.type(of: value).shape)
    let (index, x, y) = (slot(of: argmax), slot(of: operand), destination(value))
    if window.indexType == .uint8 {
      call(value) { unsafe Pooling.gather($0.floats(y), $0.bytes(index), $0.floats(x), shape) }
    } else {
      call(value) { unsafe Pooling.gather($0.floats(y), $0.integers(index), $0.floats(x), shape) }
    }
  }

  mutating func emitPoolScatter(_ value: Value) {
    let scatter = unsafe poolScatter(value)
    let y = destination(value)
    let type = program.type(of: value)
    let count = type.count / type.shape[0]
    call(value) { frame in
      for sample in 0..<type.shape[0] {
        unsafe scatter(frame, sample, frame.floats(y) + sample * count)
      }
    }
  }

  /// The operands of a scattering; nil if the argmax is not stored in bytes.
  func scatteringStage(_ value: Value) -> ScatteringStage? {
    let (argmax, operand) = (program[value].operands[0], program[value].operands[1])
    guard case .poolScatter(let window, _, _) = program[value].operation,
      window.indexType == .uint8
    else { return nil }
    let shape = poolingShape(window, input: value, output: program.type(of: operand).shape)
    return ScatteringStage(
      value: value, shape: shape, argmax: slot(of: argmax), maxima: slot(of: operand))
  }

  /// A closure that scatters one sample to a map.
  func poolScatter(_ value: Value) -> (Frame, Int, UnsafeMutablePointer<Float>) -> Void {
    guard case .poolScatter(let window, _, _) = program[value].operation else {
      preconditionFailure("\(value) does not scatter")
    }
    let (argmax, operand) = (program[value].operands[0], program[value].operands[1])
    let shape = poolingShape(window, input: value, output: program.type(of: operand).shape)
    let (index, x, one) = (slot(of: argmax), slot(of: operand), shape.ofOneSample)
    let count = program.type(of: operand).count / shape.samples
    return { frame, sample, map in
      let (place, source) = unsafe (sample * count, frame.floats(x) + sample * count)
      if window.indexType == .uint8 {
        unsafe Pooling.scatter(map, frame.bytes(index) + place, source, one)
      } else {
        unsafe Pooling.scatter(map, frame.integers(index) + place, source, one)
      }
    }
  }

  mutating func emitPoolSum(_ value: Value, _ window: Window) {
    let operand = program[value].operands[0]
    let shape = poolingShape(window, input: operand, output: program.type(of: value).shape)
    let (x, y) = (slot(of: operand), destination(value))
    call(value) { unsafe Pooling.sum($0.floats(y), $0.floats(x), shape) }
  }

  mutating func emitPoolSpread(_ value: Value, _ window: Window) {
    let operand = program[value].operands[0]
    let shape = poolingShape(window, input: value, output: program.type(of: operand).shape)
    let (x, y) = (slot(of: operand), destination(value))
    call(value) { unsafe Pooling.spread($0.floats(y), $0.floats(x), shape) }
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
