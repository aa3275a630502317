internal import Graphs
internal import Kernels

extension Lowering {
  mutating func emit(_ unary: Unary, _ value: Value) {
    let operand = program[value].operands[0]
    let count = program.type(of: value).count
    let x = home(operand)
    let y = destination(value, mayReplace: [operand])
    switch unary {
    case .negate: step(value) { Elementwise.negate($0.floats(y), $0.floats(x), count) }
    case .reciprocal: step(value) { Elementwise.reciprocal($0.floats(y), $0.floats(x), count) }
    case .exp: step(value) { Elementwise.exp($0.floats(y), $0.floats(x), count) }
    case .log: step(value) { Elementwise.log($0.floats(y), $0.floats(x), count) }
    case .sqrt: step(value) { Elementwise.sqrt($0.floats(y), $0.floats(x), count) }
    case .tanh: step(value) { Elementwise.tanh($0.floats(y), $0.floats(x), count) }
    case .sigmoid: step(value) { Elementwise.sigmoid($0.floats(y), $0.floats(x), count) }
    }
  }

  mutating func emit(_ binary: Binary, _ value: Value) {
    let form = analysis.elementwise(value)
    let (a, b) = (reader(form.operands[0]), reader(form.operands[1]))
    let y = destination(value, mayReplace: dense(form))
    let (outer, inner) = (form.outer, form.inner)
    switch binary {
    case .add:
      step(value) { Elementwise.add($0.floats(y), a.in($0), b.in($0), outer: outer, inner: inner) }
    case .subtract:
      step(value) {
        Elementwise.subtract($0.floats(y), a.in($0), b.in($0), outer: outer, inner: inner)
      }
    case .multiply:
      step(value) {
        Elementwise.multiply($0.floats(y), a.in($0), b.in($0), outer: outer, inner: inner)
      }
    case .divide:
      step(value) {
        Elementwise.divide($0.floats(y), a.in($0), b.in($0), outer: outer, inner: inner)
      }
    case .maximum:
      step(value) {
        Elementwise.maximum($0.floats(y), a.in($0), b.in($0), outer: outer, inner: inner)
      }
    }
  }

  mutating func emit(_ comparison: Comparison, _ value: Value) {
    switch program.type(of: program[value].operands[0]).number {
    case .float32: break
    case .int32: return emit(comparison, value, of: Int32.self)
    case .uint8: return emit(comparison, value, of: UInt8.self)
    }
    let form = analysis.elementwise(value)
    let (a, b) = (reader(form.operands[0]), reader(form.operands[1]))
    let y = destination(value)
    let (outer, inner) = (form.outer, form.inner)
    switch comparison {
    case .less:
      step(value) { Elementwise.less($0.bytes(y), a.in($0), b.in($0), outer: outer, inner: inner) }
    case .lessOrEqual:
      step(value) {
        Elementwise.lessOrEqual($0.bytes(y), a.in($0), b.in($0), outer: outer, inner: inner)
      }
    case .equal:
      step(value) { Elementwise.equal($0.bytes(y), a.in($0), b.in($0), outer: outer, inner: inner) }
    }
  }

  private mutating func emit<Number: FixedWidthInteger>(
    _ comparison: Comparison, _ value: Value, of _: Number.Type
  ) {
    let operands = program[value].operands
    let count = program.type(of: value).count
    let (y, a, b) = (destination(value), home(operands[0]), home(operands[1]))
    step(value) { frame in
      let mask = frame.bytes(y)
      let (p, q) = (frame.numbers(a, Number.self), frame.numbers(b, Number.self))
      switch comparison {
      case .less: Elementwise.less(mask, p, q, count)
      case .lessOrEqual: Elementwise.lessOrEqual(mask, p, q, count)
      case .equal: Elementwise.equal(mask, p, q, count)
      }
    }
  }

  mutating func emitSelect(_ value: Value) {
    switch program.type(of: value).number {
    case .float32: break
    case .int32: return emitSelect(value, of: Int32.self)
    case .uint8: return emitSelect(value, of: UInt8.self)
    }
    let form = analysis.elementwise(value)
    let mask = home(program[value].operands[0])
    let (a, b) = (reader(form.operands[1]), reader(form.operands[2]))
    let y = destination(value, mayReplace: dense(form))
    let (outer, inner) = (form.outer, form.inner)
    step(value) {
      Elementwise.select(
        $0.floats(y), $0.bytes(mask), a.in($0), b.in($0), outer: outer, inner: inner)
    }
  }

  private mutating func emitSelect<Number: FixedWidthInteger>(_ value: Value, of _: Number.Type) {
    let operands = program[value].operands
    let count = program.type(of: value).count
    let (mask, a, b) = (home(operands[0]), home(operands[1]), home(operands[2]))
    let y = destination(value)
    step(value) { frame in
      Elementwise.select(
        frame.numbers(y, Number.self), frame.bytes(mask), frame.numbers(a, Number.self),
        frame.numbers(b, Number.self), count)
    }
  }

  mutating func emitConversion(_ value: Value) {
    let operand = program[value].operands[0]
    let count = program.type(of: value).count
    let (y, x) = (destination(value), home(operand))
    switch (program.type(of: operand).number, program.type(of: value).number) {
    case (.uint8, .float32): step(value) { Elementwise.convert($0.floats(y), $0.bytes(x), count) }
    case (.int32, .float32):
      step(value) { Elementwise.convert($0.floats(y), $0.integers(x), count) }
    case (.float32, .int32):
      step(value) { Elementwise.truncate($0.integers(y), $0.floats(x), count) }
    case (.float32, .uint8): step(value) { Elementwise.truncate($0.bytes(y), $0.floats(x), count) }
    case (.uint8, .int32): step(value) { Elementwise.convert($0.integers(y), $0.bytes(x), count) }
    case (.int32, .uint8): step(value) { Elementwise.convert($0.bytes(y), $0.integers(x), count) }
    case (.float32, .float32), (.int32, .int32), (.uint8, .uint8):
      preconditionFailure("a conversion to the same type is not written")
    }
  }

  /// The operands that the result may overwrite element by element.
  private func dense(_ form: Analysis.Elementwise) -> [Value] {
    form.operands.compactMap { operand in
      operand.innerStride == 1 && operand.outerStride == form.inner ? operand.source : nil
    }
  }

  private func reader(_ operand: Analysis.Operand) -> OperandReader {
    OperandReader(slot: operand.source.map(home), operand: operand)
  }
}

/// Finds an operand of an elementwise step when it runs.
private struct OperandReader {
  private let slot: Slot?
  private let constant: ConstantCell
  private let outerStride: Int
  private let innerStride: Int

  init(slot: Slot?, operand: Analysis.Operand) {
    self.slot = slot
    constant = ConstantCell(operand.constant)
    outerStride = operand.outerStride
    innerStride = operand.innerStride
  }

  func `in`(_ frame: Frame) -> StridedOperand {
    let pointer = slot.map { UnsafePointer(frame.floats($0)) } ?? UnsafePointer(constant.pointer)
    return StridedOperand(pointer, outerStride: outerStride, innerStride: innerStride)
  }
}

/// A number with an address.
private final class ConstantCell {
  let pointer: UnsafeMutablePointer<Float>

  init(_ value: Float) {
    pointer = .allocate(capacity: 1)
    pointer.initialize(to: value)
  }

  deinit { pointer.deallocate() }
}
