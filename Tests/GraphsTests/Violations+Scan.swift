import Graphs
import TestSupport

extension Violation {
  /// Loops that are none, each for one reason.
  static var scans: [Violation] {
    let sum = Scan(over: [float(2)], axis: 1, steps: 3, from: [float(2)]) {
      body, carries, items, _ in
      let sum = body.add(carries[0], items[0])
      return ([sum], [sum])
    }
    let types = [float(2), float(2, 3)]
    func scan(
      _ body: Program? = nil, carries: Int = 1, sequences: Int = 1, axis: Int = 1, steps: Int = 3
    ) -> Operation {
      .scan(
        Scan(
          body ?? sum.body, carries: carries, sequences: sequences, axis: axis, steps: steps,
          isReversed: false))
    }
    func body(_ operation: Operation, _ operands: Value..., type: TensorType) -> Program {
      let leaves = sum.body.instructions.prefix(2)
      return Program(
        leaves + [Instruction(operation, operands, [type])],
        outputs: [Output("carry", Value(2)), Output("result", Value(2))])
    }
    let narrow = body(.reduce(.sum, axes: [0]), Value(0), type: float(1))
    let whole = body(.convert(.int32), Value(0), type: int(2))
    return [
      Violation(scan(), [float(2)], "2 operands"),
      Violation(scan(steps: 0), types, "0 steps"),
      Violation(scan(steps: -1), types, "-1 steps"),
      // One sequence that is shorter than the others, or all of another length.
      Violation(scan(), [float(2), float(2, 4)], "not float32[2, 3]"),
      Violation(
        scan(sequences: 2, axis: 0), [float(2), float(3, 2)], "1 carries and 2 sequences"),
      Violation(scan(), [float(3), float(2, 3)], "not float32[2]"),
      Violation(scan(), [int(2), float(2, 3)], "not float32[2]"),
      Violation(scan(), [float(2), int(2, 3)], "not float32[2, 3]"),
      Violation(scan(), [float(2), float(2)], "not float32[2, 3]"),
      Violation(scan(axis: -1), types, "no axis -1 of time"),
      Violation(scan(narrow), types, "turns carry 0 of float32[2] into float32[1]"),
      Violation(scan(whole), types, "turns carry 0 of float32[2] into int32[2]"),
      Violation(scan(carries: 3, sequences: 0), types, "3 carries"),
      Violation(scan(carries: -1), types, "-1 carries"),
      Violation(scan(Program(sum.body.instructions, outputs: [])), types, "0 results"),
      Violation(scan(body(.parameter("p"), type: float(2))), types, "parameters"),
      Violation(scan(body(.random(stream: 1), type: float(2))), types, "random"),
    ]
  }
}
