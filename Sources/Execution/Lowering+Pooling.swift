internal import Graphs
internal import Kernels

extension Lowering {
  /// Writes the maxima, limited if the chain says so, and where they stood.
  ///
  /// A convolution that nobody else reads is computed sample by sample before its pooling.
  mutating func emitMaxPool(_ chain: Chain, _ window: Window, into value: Value) {
    let operand = program[chain.core].operands[0]
    let output = program.type(of: chain.core)
    let shape = poolingShape(window, input: operand, output: output.shape)
    let isFused = analysis.leaders[operand.index] == value
    let x = isFused ? nil : home(operand)
    let winners = place(Value(chain.core.index, result: 1), at: value)
    let maxima = place(value, at: value)
    let isLimited = chain.isLimited
    let one = shape.ofOneSample
    let count = output.count / shape.samples
    let pool = { (frame: Frame, shape: PoolingShape, place: Int, x: UnsafeMutablePointer<Float>) in
      let maxima = unsafe frame.floats(maxima).map { unsafe $0 + place }
      if window.indexType == .uint8 {
        let index = unsafe winners.map { unsafe frame.bytes($0) + place }
        unsafe Pooling.maxima(maxima, index: index, isLimited: isLimited, x, shape)
      } else {
        let index = unsafe winners.map { unsafe frame.integers($0) + place }
        unsafe Pooling.maxima(maxima, index: index, isLimited: isLimited, x, shape)
      }
    }
    if let x {
      step(value, isLimited ? "after \(chain.core) \(program[chain.core].operation)" : "") {
        unsafe pool($0, shape, 0, $0.floats(x))
      }
    } else if !emitPooledConvolution(
      operand, value, window, shape, winners, maxima, isLimited: isLimited)
    {
      emitConvolution(
        operand,
        before: unsafe SampleStage(value: value) { unsafe pool($0, one, $1 * count, $2) })
    }
  }

  private mutating func emitPooledConvolution(
    _ operand: Value, _ value: Value, _ window: Window, _ shape: PoolingShape, _ winners: Slot?,
    _ maxima: Slot?, isLimited: Bool
  ) -> Bool {
    guard let maxima, window.indexType == .uint8 else { return false }
    return emitConvolution(
      operand,
      before: PoolingStage(
        value: value, shape: shape, winners: winners, maxima: maxima, isLimited: isLimited))
  }

  mutating func emitPoolGather(_ value: Value, _ window: Window) {
    let (argmax, operand) = (program[value].operands[0], program[value].operands[1])
    let shape = poolingShape(window, input: operand, output: program.type(of: value).shape)
    let (index, x, y) = (home(argmax), home(operand), destination(value))
    if window.indexType == .uint8 {
      step(value) { unsafe Pooling.gather($0.floats(y), $0.bytes(index), $0.floats(x), shape) }
    } else {
      step(value) { unsafe Pooling.gather($0.floats(y), $0.integers(index), $0.floats(x), shape) }
    }
  }

  mutating func emitPoolScatter(_ value: Value) {
    let scatter = unsafe poolScatter(value)
    let y = destination(value)
    let type = program.type(of: value)
    let count = type.count / type.shape[0]
    step(value) { frame in
      for sample in 0..<type.shape[0] {
        unsafe scatter(frame, sample, frame.floats(y) + sample * count)
      }
    }
  }

  /// What a scattering reads; nil if its winners are not bytes.
  func scatteringStage(_ value: Value) -> ScatteringStage? {
    let (argmax, operand) = (program[value].operands[0], program[value].operands[1])
    guard case .poolScatter(let window, _, _) = program[value].operation,
      window.indexType == .uint8
    else { return nil }
    let shape = poolingShape(window, input: value, output: program.type(of: operand).shape)
    return ScatteringStage(
      value: value, shape: shape, winners: home(argmax), maxima: home(operand))
  }

  /// What scatters one sample to a map.
  func poolScatter(_ value: Value) -> (Frame, Int, UnsafeMutablePointer<Float>) -> Void {
    guard case .poolScatter(let window, _, _) = program[value].operation else {
      preconditionFailure("\(value) does not scatter")
    }
    let (argmax, operand) = (program[value].operands[0], program[value].operands[1])
    let shape = poolingShape(window, input: value, output: program.type(of: operand).shape)
    let (index, x, one) = (home(argmax), home(operand), shape.ofOneSample)
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
    let (x, y) = (home(operand), destination(value))
    step(value) { unsafe Pooling.sum($0.floats(y), $0.floats(x), shape) }
  }

  mutating func emitPoolSpread(_ value: Value, _ window: Window) {
    let operand = program[value].operands[0]
    let shape = poolingShape(window, input: value, output: program.type(of: operand).shape)
    let (x, y) = (home(operand), destination(value))
    step(value) { unsafe Pooling.spread($0.floats(y), $0.floats(x), shape) }
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
