internal import Graphs

/// The places where a program goes one way or the other, so that its results have kinks.
///
/// The maximum that softmax subtracts is none: it cancels.
struct ProgramChoices {
  private enum Choice {
    case value(Value)
    case greater(Value, Value)
  }

  private let choices: [Choice]

  init(_ program: Program) {
    choices = program.instructions.enumerated().compactMap { index, instruction in
      switch instruction.operation {
      case .compare: .value(Value(index))
      case .maxPool: .value(Value(index, result: 1))
      case .binary(.maximum): .greater(instruction.operands[0], instruction.operands[1])
      default: nil
      }
    }
  }

  /// Whether two computations go the same ways.
  func areEqual(_ a: ValueTable<Tensor>, _ b: ValueTable<Tensor>) -> Bool {
    choices.allSatisfy { choice in
      switch choice {
      case .value(let value):
        return a[value] == b[value]
      case .greater(let left, let right):
        let (a, b) = ((a[left], a[right]), (b[left], b[right]))
        return a.0.elements.indices.allSatisfy {
          (a.0.elements[$0] > a.1.elements[$0]) == (b.0.elements[$0] > b.1.elements[$0])
        }
      }
    }
  }
}
