/// The gradients of a loop's constants: sums over the steps of what each step gives.
///
/// A product of two values of a step, or a sum of rows, becomes one over the samples of all steps,
/// behind the loop. Linear operations move behind the sum. What has no such form is a carry that adds up.
struct Totals {
  private let body: Builder
  /// Whether sequences are rows of all steps.
  ///
  /// A step that is a loop itself is computed again to save memory, so there all sums are carries.
  private let hasRows: Bool
  /// Values of the step that exist as sequences.
  private let known: Set<Value>
  /// Values that the loop must give as results, and that it must add up in carries.
  private(set) var stacks: [Value] = []
  private(set) var carried: [Value] = []

  init(of values: [Value], in body: Builder, hasRows: Bool, known: Set<Value>) {
    self.body = body
    self.hasRows = hasRows
    self.known = known
    for value in values { stack(value) }
    for value in values { add(value) }
  }

  private enum Form {
    case product, sum, linear, carried
  }

  private func form(_ value: Value) -> Form {
    let instruction = body.instructions[value.index]
    if !hasRows { return .carried }
    switch instruction.operation {
    case .matrixProduct(transposeLeft: true, transposeRight: false)
    where instruction.type.shape.rank == 2:
      return .product
    case .scatterAdd where instruction.type.shape.rank == 2:
      return .product
    case .binary(.add), .unary(.negate), .reshape, .permute, .slice, .pad, .concatenate:
      return instruction.operands.contains { form($0) != .carried } ? .linear : .carried
    case .reduce(.sum, axes: [0])
    where instruction.type.shape.rank == 2 && isStacked(instruction.operands[0]):
      return .sum
    default:
      return .carried
    }
  }

  private func isStacked(_ value: Value) -> Bool { known.contains(value) || stacks.contains(value) }

  /// Finds the factors of products.
  private mutating func stack(_ value: Value) {
    let operands = body.instructions[value.index].operands
    switch form(value) {
    case .product: stacks += operands.filter { !isStacked($0) }
    case .linear: for operand in operands { stack(operand) }
    case .sum, .carried: break
    }
  }

  private mutating func add(_ value: Value) {
    switch form(value) {
    case .product, .sum: break
    case .linear: for operand in body.instructions[value.index].operands { add(operand) }
    case .carried: if !carried.contains(value) { carried.append(value) }
    }
  }

  /// Writes the sum over all steps of a value that was added.
  func value(
    of value: Value, _ stacked: [Value: Value], _ sums: [Value: Value],
    in outside: inout Builder
  ) -> Value {
    if let sum = sums[value] { return sum }
    let instruction = body.instructions[value.index]
    func rows(_ operand: Value) -> Value {
      guard let stack = stacked[operand] else {
        preconditionFailure("a factor of a gradient is no sequence")
      }
      let shape = body.shape(of: operand)
      let count = outside.shape(of: stack).count
      let width = shape.extents.dropFirst().reduce(1, *)
      return outside.reshape(stack, Shape([count / width] + shape.extents.dropFirst()))
    }
    switch form(value) {
    case .product:
      let factors = instruction.operands.map(rows)
      return outside.emit(instruction.operation, factors)
    case .sum:
      return outside.sum(rows(instruction.operands[0]), axes: [0])
    case .linear, .carried:
      let totals = instruction.operands.map {
        self.value(of: $0, stacked, sums, in: &outside)
      }
      return outside.emit(instruction.operation, totals)
    }
  }
}
