package import Graphs

/// What an explanation is limited to, and shows in full.
package enum Selection: Hashable, Sendable {
  case all
  case tensor(String)
  case head(AttentionHead)

  /// Whether a tensor is one of those selected, which are shown in full whatever their size.
  package func singles(out tensor: String?) -> Bool {
    switch self {
    case .all: false
    case .tensor(let name): name == tensor
    case .head(let head): tensor.map { head.holds($0) } ?? false
    }
  }

  /// Which elements of a tensor are shown, by their index in row order; nil for all.
  package func elements(of tensor: String, _ shape: Shape) -> ((Int) -> Bool)? {
    if case .head(let head) = self { head.elements(of: tensor, shape) } else { nil }
  }
}

/// A head of a layer of attention, counted from 1.
package struct AttentionHead: Hashable, Sendable {
  let layer: String
  let number: Int
  /// The heads of the layer, and those of its keys and values.
  private let (heads, groups): (Int, Int)

  /// The heads of all layers of attention of a program, layer by layer.
  package static func all(of program: Program) -> [AttentionHead] {
    program.instructions.indices.flatMap { index -> [AttentionHead] in
      let instruction = program.instructions[index]
      guard case .composite(.attention) = instruction.operation else { return [] }
      let shapes = instruction.operands.map { program.type(of: $0).shape }
      return (1...shapes[0][2]).map {
        AttentionHead(
          layer: program.provenance.author(of: index), number: $0, heads: shapes[0][2],
          groups: shapes[1][2])
      }
    }
  }

  /// As users name it: `attention1.2`.
  package var name: String { "\(layer).\(number)" }

  private init(layer: String, number: Int, heads: Int, groups: Int) {
    self.layer = layer
    self.number = number
    (self.heads, self.groups) = (heads, groups)
  }

  /// The head of keys and values that it reads, counted from 1.
  private var group: Int { (number - 1) * groups / heads + 1 }

  /// Whether a tensor is its own, or has a part that is.
  fileprivate func holds(_ tensor: String) -> Bool {
    if tensor.hasPrefix("\(layer)/") { return true }
    guard tensor.hasPrefix("\(layer).") else { return false }
    let name = tensor.dropFirst(layer.count + 1)
    let letters = name.prefix { $0.subscriptDigit == nil }
    if heads == 1 || ["query", "key", "value"].contains(name) { return true }
    return name.dropFirst(letters.count)
      == (["k", "v"].contains(letters) ? group : number).subscripted
  }

  /// Queries, keys and values of all heads stand side by side, and so do the rows of their matrices
  /// and the columns of the output's.
  fileprivate func elements(of tensor: String, _ shape: Shape) -> ((Int) -> Bool)? {
    let words = tensor.dropFirst(layer.count + 1).split(separator: "/").map(String.init)
    guard let kind = words.first, ["query", "key", "value", "output"].contains(kind),
      words.last != "lora_\(kind == "output" ? "b" : "a")", words != ["output", "bias"],
      let last = shape.extents.last
    else { return nil }
    let (count, place) = ["key", "value"].contains(kind) ? (groups, group) : (heads, number)
    // Vectors and rows of steps lie along the last axis, the rows of matrices along the first.
    let alongLast = kind == "output" || words.count == 1
    let extent = alongLast ? last : shape[0]
    let stride = alongLast ? 1 : shape.count / shape[0]
    let block = extent / count
    return { ($0 / stride % extent) / block == place - 1 }
  }
}
