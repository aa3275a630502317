internal import Graphs

/// The comparisons of a program, such as those of relu and max pooling: its results have kinks
/// there.
///
/// The maximum that softmax subtracts is not one of them: it cancels.
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

  /// Whether all comparisons have the same outcome in two computations.
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
