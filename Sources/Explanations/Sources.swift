internal import Graphs

/// Which elements of its operands go into each element of an instruction's result.
///
/// Operations that only move numbers are asked themselves: run on the numbers 1, 2, 3, ... they
/// tell where each went.
struct Sources {
  /// An element of an operand.
  struct Place {
    let operand: Int
    let element: Int
  }

  let instruction: Instruction
  let types: [TensorType]
  let values: [Tensor]

  /// What each element was copied from; nil for a zero that was added. For operations that move.
  func copied(from operands: [Int]) -> [Place?] {
    var first = 1
    var places: [Place?] = [nil]
    let numbered = values.indices.map { operand in
      guard operands.contains(operand) else { return values[operand] }
      let count = types[operand].count
      defer { first += count }
      places += (0..<count).map { Place(operand: operand, element: $0) }
      return Tensor(types[operand].shape, (first..<first + count).map(Double.init))
    }
    return result(of: instruction, numbered).map { places[$0] }
  }

  /// The elements of an operand that are added up in each element, given the operation that brings
  /// the result's elements back to the operand's places.
  func gathered(_ operand: Int, back: Operation, _ others: [Int] = []) -> [[Place]] {
    let numbers = Tensor(
      instruction.type.shape, (1...instruction.type.count).map(Double.init))
    let move = Instruction(back, [], TensorType(.float32, types[operand].shape))
    let targets = result(of: move, others.isEmpty ? [numbers] : others.map { values[$0] } + [numbers])
    var places = [[Place]](repeating: [], count: instruction.type.count)
    for (element, target) in targets.enumerated() where target > 0 {
      places[target - 1].append(Place(operand: operand, element: element))
    }
    return places
  }

  /// Runs one instruction on these operands.
  private func result(of instruction: Instruction, _ operands: [Tensor]) -> [Int] {
    var builder = Builder()
    var inputs: [String: Tensor] = [:]
    let leaves = operands.enumerated().map { index, tensor in
      inputs["\(index)"] = tensor
      return builder.input("\(index)", TensorType(number(of: tensor, index), tensor.shape))
    }
    let value = builder.emit(instruction.operation, leaves)
    let program = builder.program(outputs: [Output("result", value)])
    let outputs = try? ReferenceEvaluator(program).evaluate(inputs: inputs)
    guard let elements = outputs?["result"]?.elements else {
      preconditionFailure("\(instruction.operation) has run before and does not now")
    }
    return elements.map { Int($0) }
  }
}
