internal import Graphs

/// How derivatives pass from step to step of loops: the derivatives of each state by the one before
/// and their products, and the norm of the gradient that reaches each step.
struct ThroughTime {
  private let whole: ProgramExplanation
  private let derivatives: [CarryDerivative]

  init(_ whole: ProgramExplanation, _ derivatives: [CarryDerivative]) {
    self.whole = whole
    self.derivatives = derivatives
  }

  var sections: [Explanation.Section] {
    var sections: [Explanation.Section] = []
    let entries = derivatives.map(entry) + products
    if !entries.isEmpty {
      sections.append(Explanation.Section("from each state to the next", entries))
    }
    let norms = norms
    if !norms.isEmpty {
      sections.append(
        Explanation.Section("the gradient that reaches each step", table: norms, []))
    }
    return sections
  }

  // MARK: From step to step

  private func entry(_ derivative: CarryDerivative) -> Explanation.Entry {
    let width = whole.numbers(derivative.source).elements.count
    let numbers = derivative.rows.flatMap { row in
      row.map { whole.numbers($0).elements } ?? [Double](repeating: 0, count: width)
    }
    return entry(derivative.value, derivative.source, numbers) { element in
      guard let row = derivative.rows[element / width] else { return 0 }
      if width == 1, whole.naming.isForward[row], let name = whole.naming.names[row] {
        return .name(name)
      }
      return whole.formulas(row)(element % width).withoutZeros
    }
  }

  private func entry(
    _ value: Value, _ source: Value, reason: String? = nil, formula: Formula? = nil,
    _ numbers: [Double], _ element: (Int) -> Formula
  ) -> Explanation.Entry {
    let name = name(value)
    let shape = Shape(whole.shape(of: value).extents + whole.shape(of: source).extents)
    return Explanation.Entry(
      name, .derivative(of: self.name(source), numerator: name), reason: reason, formula: formula,
      .shown(numbers, shape: shape, element))
  }

  /// The derivatives of the last state by those two steps before and more, each the product of two
  /// that were shown before.
  private var products: [Explanation.Entry] {
    var entries: [Explanation.Entry] = []
    for states in loops {
      guard let last = states.last, states.count > 2 else { continue }
      // The numbers of the derivative of the last state by the one at hand.
      var known: [[Value: [Value: [Double]]]] = [numbers(of: last, by: states[states.count - 2])]
      for place in (0..<states.count - 2).reversed() {
        let (middle, first) = (states[place + 1], states[place])
        let (outer, inner) = (known[known.count - 1], numbers(of: middle, by: first))
        var made: [Value: [Value: [Double]]] = [:]
        for value in last.carries {
          for source in first.carries {
            let (entry, numbers) = product(value, middle.carries, source, outer, inner)
            made[value, default: [:]][source] = numbers
            entries.append(entry)
          }
        }
        known.append(made)
      }
    }
    return entries
  }

  /// The states of each loop in the order of its steps, if their derivatives are known.
  private var loops: [[LoopState]] {
    let known = Set(derivatives.map(\.value))
    var loops: [[LoopState]] = []
    for state in whole.program.provenance.states {
      if loops.last?.last?.loop != state.loop { loops.append([]) }
      loops[loops.count - 1].append(state)
    }
    return loops.filter { $0.last?.carries.allSatisfy(known.contains) ?? false }
  }

  private func numbers(
    of state: LoopState, by before: LoopState
  ) -> [Value: [Value: [Double]]] {
    var numbers: [Value: [Value: [Double]]] = [:]
    for derivative in derivatives
    where state.carries.contains(derivative.value) && before.carries.contains(derivative.source) {
      let width = whole.numbers(derivative.source).elements.count
      numbers[derivative.value, default: [:]][derivative.source] = derivative.rows.flatMap { row in
        row.map { whole.numbers($0).elements } ?? [Double](repeating: 0, count: width)
      }
    }
    return numbers
  }

  private func product(
    _ value: Value, _ middle: [Value], _ source: Value, _ outer: [Value: [Value: [Double]]],
    _ inner: [Value: [Value: [Double]]]
  ) -> (Explanation.Entry, [Double]) {
    let (rows, columns) = (count(value), count(source))
    var (numbers, terms) = ([Double](), [[Formula]]())
    for row in 0..<rows {
      for column in 0..<columns {
        var (sum, products) = (0.0, [Formula]())
        for carry in middle {
          guard let left = outer[value]?[carry], let right = inner[carry]?[source] else { continue }
          for k in 0..<count(carry) {
            let (a, b) = (left[row * count(carry) + k], right[k * columns + column])
            sum += a * b
            products.append(.number(a) * .number(b))
          }
        }
        numbers.append(sum)
        terms.append(products)
      }
    }
    let formula = middle.map { carry in
      Formula.matrixProduct(
        .derivative(of: name(carry), numerator: name(value)),
        .derivative(of: name(source), numerator: name(carry)))
    }
    let entry = entry(
      value, source, reason: "chain rule", formula: .sum(formula), numbers
    ) { Formula.sum(terms[$0]).withoutZeros }
    return (entry, numbers)
  }

  private func count(_ value: Value) -> Int { whole.numbers(value).elements.count }

  private func name(_ value: Value) -> String { whole.naming.names[value] ?? "state" }

  // MARK: Norms

  /// A row for each step, last first, and a column for each carry.
  private var norms: [[String]] {
    var columns: [(title: String, norms: [Int: Double])] = []
    var (place, loop) = (0, -1)
    for state in whole.program.provenance.states {
      if state.loop != loop { (place, loop) = (columns.count, state.loop) }
      for (number, carry) in state.carries.enumerated() {
        guard let name = whole.naming.names[carry],
          let sum = whole.sums.sums[whole.naming.root(carry)]
        else { continue }
        let title = name.filter { $0.subscriptDigit == nil }
        while columns.count <= place + number { columns.append((title, [:])) }
        let elements = whole.numbers(sum).elements
        columns[place + number].norms[state.step] =
          elements.reduce(0) { $0 + $1 * $1 }.squareRoot()
      }
    }
    let steps = Set(columns.flatMap(\.norms.keys)).sorted(by: >)
    guard !steps.isEmpty else { return [] }
    let head = ["step"] + columns.map { "‖∂L/∂\($0.title)‖" }
    return [head]
      + steps.map { step in
        ["\(step)"] + columns.map { $0.norms[step].map(\.figure) ?? "" }
      }
  }
}

extension Formula {
  /// The formula without terms and factors that are zero, and without factors of one.
  var withoutZeros: Formula {
    switch self {
    case .product(let a, let b):
      let (a, b) = (a.withoutZeros, b.withoutZeros)
      if a == 0 || b == 0 { return 0 }
      return a == 1 ? b : b == 1 ? a : a * b
    case .sum(let terms):
      let rest = terms.map(\.withoutZeros).filter { $0 != 0 }
      return rest.isEmpty ? 0 : rest.count == 1 ? rest[0] : .sum(rest)
    case .difference(let a, let b):
      let (a, b) = (a.withoutZeros, b.withoutZeros)
      return b == 0 ? a : a - b
    case .negative(let a):
      return a.withoutZeros == 0 ? 0 : -a.withoutZeros
    case .quotient(let a, let b):
      return a.withoutZeros == 0 ? 0 : a.withoutZeros / b.withoutZeros
    default: return self
    }
  }
}
