/// Attention written head by head, as explanations show it: each head has its own scores, weights
/// and mean of values, whose names end with its number.
struct AttentionByHeads: CompositeDefinition {
  let attention: Composite.Attention

  var text: String { attention.text }
  var name: String { attention.name }
  var operands: [NumberClass] { attention.operands }
  var resultCount: Int { attention.resultCount }
  var differentiable: [Int] { attention.differentiable }

  func resultTypes(of operands: [TensorType]) throws(ProgramError) -> [TensorType] {
    try attention.resultTypes(of: operands)
  }

  func expand(_ operands: [Value], in builder: inout Builder) -> [Value] {
    let heads = builder.shape(of: operands[0])[2]
    let groups = builder.shape(of: operands[1])[2]
    guard heads > 1 else { return attention.expand(operands, in: &builder) }
    let parts = (0..<heads).map { head in
      let own = zip(operands, "qkv").map { x, letter in
        let place = letter == "q" ? head : head * groups / heads
        let part = builder.slice(x, axis: 2, place..<place + 1)
        builder.name(part, "\(letter)\((place + 1).subscripted)")
        return part
      }
      let start = builder.instructions.count
      let results = attention.expand(
        own + operands.dropFirst(own.count), of: (head, heads), in: &builder)
      builder.mark(from: start, asHead: head + 1)
      return results
    }
    return (0..<resultCount).map { result in
      builder.emit(.concatenate(axis: 2), parts.map { $0[result] })
    }
  }

  func formula(_ x: [Formula]) -> Formula { attention.formula(x) }

  func derivative(of operand: Int, _ x: [Formula], y: Formula, g: Formula) -> Formula? {
    attention.derivative(of: operand, x, y: y, g: g)
  }
}

extension Composite {
  /// The definition whose expansion is explained.
  package var explained: any CompositeDefinition {
    switch self {
    case .attention(let attention): AttentionByHeads(attention: attention)
    case .gradient(.attention(let attention), let given):
      CompositeGradient(composite: AttentionByHeads(attention: attention), given: given)
    default: definition
    }
  }
}

extension Builder {
  /// Marks what was written of a head of attention with its number.
  fileprivate mutating func mark(from start: Int, asHead head: Int) {
    for index in start..<instructions.count {
      provenance.authors[index] += " head \(head)"
      for result in instructions[index].types.indices {
        provenance.names[Value(index, result: result)]? += head.subscripted
      }
    }
  }
}
