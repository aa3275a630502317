import Graphs
import TestSupport

/// Operations on int32 and uint8, which chains of real numbers begin and end with.
extension ProgramWriter {
  mutating func addIntegers(_ shape: Shape) {
    let number: NumberType = chance(70) ? .int32 : .uint8
    let (a, b) = (integer(number, shape), integer(number, shape))
    switch generator.integer(in: 0...5) {
    case let choice where choice < 2 && number == .int32:
      let operations: [Binary] = [.add, .subtract, .multiply, .maximum]
      integers.append(builder.emit(.binary(one(of: operations)), a, b))
    case 2:
      let mask = builder.emit(.compare(one(of: Comparison.allCases)), a, b)
      integers += [mask, builder.emit(.select, mask, b, integer(number, shape))]
    case 3:
      // A mask of integers chooses between real numbers.
      let mask = builder.emit(.compare(one(of: Comparison.allCases)), a, b)
      let ((x, first), (y, second)) = (operand(for: shape), operand(for: shape))
      add(builder.emit(.select, mask, x, y), bound: max(first, second))
    case 4:
      let (bytes, other) = (builder.emit(.convert(.uint8), a), one(of: [NumberType.int32, .uint8]))
      integers.append(builder.emit(.convert(other), bytes))
      add(builder.emit(.convert(.float32), bytes), bound: 255)
    default:
      // bfloat16 holds every byte.
      let halves = builder.emit(.convert(.bfloat16), builder.emit(.convert(.uint8), a))
      others.append(halves)
      integers.append(builder.emit(.convert(number), halves))
      add(builder.emit(.convert(.float32), halves), bound: 255)
    }
  }

  /// A value of this type and shape, one that is repeated along some axes, a constant or an input.
  private mutating func integer(_ number: NumberType, _ shape: Shape) -> Value {
    let fitting = integers.filter { builder.type(of: $0) == TensorType(number, shape) }
    switch generator.integer(in: 0...5) {
    case 0...2 where !fitting.isEmpty: return one(of: fitting)
    case 3:
      let value = Double(generator.integer(in: number == .int32 ? -3...3 : 0...3))
      return builder.constant(value, TensorType(number, shape))
    case 4:
      let thin = Shape(shape.extents.map { chance(50) ? 1 : $0 })
      return builder.broadcast(integerInput(number, thin), shape)
    default: return integerInput(number, shape)
    }
  }

  private mutating func integerInput(_ number: NumberType, _ shape: Shape) -> Value {
    let name = "n\(inputs.count)"
    let range = number == .int32 ? (chance(20) ? -2_147_483_648...2_147_483_647 : -3...3) : 0...255
    inputs[name] = Tensor(
      shape, (0..<shape.count).map { _ in Double(generator.integer(in: range)) })
    let value = builder.input(name, TensorType(number, shape))
    integers.append(value)
    return value
  }
}
