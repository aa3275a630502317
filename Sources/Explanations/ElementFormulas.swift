internal import Graphs

/// The formulas of the elements of a program's values, with the numbers filled in.
struct ElementFormulas {
  let program: Program
  let values: ValueTable<Tensor>
  /// Values without a line: their formulas are written out where they are used.
  let isWrittenOut: ValueTable<Bool>
  /// The largest number of terms of a sum; of more, those in the middle are left out.
  let termLimit: Int

  typealias Reader = (_ element: Int) -> Formula

  /// A value's elements as they are written in the formulas of others.
  func reader(of value: Value) -> Reader {
    if isWrittenOut[value] { return formulas(of: value) }
    return { .number(values[value].elements[$0]) }
  }

  /// The formulas of a value's elements.
  func formulas(of value: Value) -> Reader {
    let instruction = program[value]
    let x = instruction.operands.map { reader(of: $0) }
    let number: Reader = { .number(values[value].elements[$0]) }
    switch instruction.operation {
    case .input, .parameter, .constant, .random, .oneHot, .scan:
      return number
    case .composite(let composite):
      return crossEntropy(value, composite, x)
    case .unary, .binary, .compare, .select:
      return { element in instruction.operation.formula(x.map { $0(element) }) }
    case .convert, .reshape:
      return x[0]
    case .permute, .broadcast, .slice, .pad, .reverse, .gather:
      return copies(value, of: [0], x)
    case .concatenate:
      return copies(value, of: Array(x.indices), x)
    case .maxPool(let window):
      return value.result == 0 ? copies(maxima(value, window), x) : number
    case .poolGather:
      return copies(value, of: [1], x)
    case .reduce(.sum, _):
      return sums(reduced(value), x)
    case .reduce(.maximum, _):
      let places = reduced(value)
      return { element in .function("max", places[element].map { x[$0[0].operand]($0[0].element) })
      }
    case .scatterAdd:
      return sums(scattered(value, by: .gather), x)
    case .poolScatter(let window, _, _):
      return sums(scattered(value, by: .poolGather(window)), x)
    case .poolSum(let window):
      return sums(windows(value, window, input: instruction.operands[0], output: value), x)
    case .poolSpread(let window, _, _):
      return sums(windows(value, window, input: value, output: instruction.operands[0]), x)
    case .matrixProduct, .convolution, .convolutionInputGradient, .convolutionFilterGradient:
      return sums(products(value), x)
    }
  }

  /// Sums of products of elements.
  private func sums(_ places: [[Product]], _ x: [Reader]) -> Reader {
    { element in
      let products = places[element]
      func term(_ index: Int) -> Formula {
        let factors = products[index].map { x[$0.operand]($0.element) }
        return factors.dropFirst().reduce(factors[0]) { $0 * $1 }
      }
      return sum(products.count, term)
    }
  }

  private func sum(_ count: Int, _ term: (Int) -> Formula) -> Formula {
    switch count {
    case 0: return 0
    case 1: return term(0)
    case ...termLimit: return .sum((0..<count).map(term))
    default:
      return .sum((0..<termLimit - 2).map(term) + [.name("..."), term(count - 1)])
    }
  }

  /// Softmax and cross entropy, or their gradient.
  private func crossEntropy(_ value: Value, _ composite: Composite, _ x: [Reader]) -> Reader {
    let operands = program[value].operands
    let classes = program.type(of: operands[0]).shape[1]
    let labels = values[operands[1]].elements
    guard composite == .softmaxCrossEntropy else {
      return { element in
        let (row, column) = element.quotientAndRemainder(dividingBy: classes)
        return x[4](row) * (x[3](element) - (Int(labels[row]) == column ? 1 : 0))
      }
    }
    if value.result == 1 {
      return { element in
        let first = element / classes * classes
        // Powers of the greatest number must not overflow, nor all of them vanish.
        let greatest = values[operands[0]].elements[first..<first + classes].max() ?? 0
        func power(_ element: Int) -> Formula {
          let logit = x[0](element)
          return .function("exp", [abs(greatest) < 700 ? logit : logit - .number(greatest)])
        }
        return power(element) / sum(classes) { power(first + $0) }
      }
    }
    let probabilities = values[Value(value.index, result: 1)].elements
    return { row in
      -.function("log", [.number(probabilities[row * classes + Int(labels[row])])])
    }
  }

  private func copies(_ value: Value, of operands: [Int], _ x: [Reader]) -> Reader {
    copies(moved(value, operands), x)
  }

  private func copies(_ places: [Place?], _ x: [Reader]) -> Reader {
    { element in places[element].map { x[$0.operand]($0.element) } ?? 0 }
  }
}
