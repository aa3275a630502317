import Graphs
import TestSupport

/// What a loop means: the last value of a carry, or at each index what the step of this index gave.
func definition(_ scan: Scan, _ x: [Tensor], to shape: Shape, _ result: Int) -> Tensor {
  var carries = Array(x[..<scan.carries])
  var given = [[Tensor]](repeating: [], count: scan.steps)
  for turn in 0..<scan.steps {
    let time = scan.isReversed ? scan.steps - 1 - turn : turn
    var values: [Value: Tensor] = [:]
    for (index, instruction) in scan.body.instructions.enumerated() {
      let operands = instruction.operands.compactMap { values[$0] }
      for (place, type) in instruction.types.enumerated() {
        let value: Tensor
        if index < scan.carries {
          value = carries[index]
        } else if index < scan.carries + scan.sequences {
          value = Tensor(type.shape) { place in
            let axis = min(scan.axis, place.count)
            return x[index][place[..<axis] + [time] + place[axis...]]
          }
        } else if index < x.count {
          value = x[index]
        } else {
          value = definition(instruction.operation, operands, to: type, result: place)
        }
        values[Value(index, result: place)] = value
      }
    }
    given[time] = scan.body.outputs.compactMap { values[$0.value] }
    carries = Array(given[time][..<scan.carries])
  }
  if result < scan.carries { return carries[result] }
  return Tensor(shape) { index in
    var inner = index
    let time = inner.remove(at: min(scan.axis, index.count - 1))
    return given[time][result][inner]
  }
}
