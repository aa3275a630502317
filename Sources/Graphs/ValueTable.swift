/// An element for each value of a program, or of its first instructions.
package struct ValueTable<Element> {
  /// In the order of instructions and their results.
  package private(set) var elements: [Element] = []
  private var starts: [Int] = []

  package init() {}

  package init(_ instructions: some Sequence<Instruction>, repeating element: Element) {
    for instruction in instructions { append(instruction.types.map { _ in element }) }
  }

  /// Adds an element for each result of the next instruction.
  package mutating func append(_ results: [Element]) {
    starts.append(elements.count)
    elements += results
  }

  package subscript(value: Value) -> Element {
    get { elements[starts[value.index] + value.result] }
    set { elements[starts[value.index] + value.result] = newValue }
  }
}

extension ValueTable: Sendable where Element: Sendable {}
extension ValueTable: Equatable where Element: Equatable {}
