internal import Graphs

extension ForwardPass {
  /// The program whose outputs are those of the written layers of some kinds, in the order of their
  /// names; nil where there are none.
  ///
  /// Of attention they are the weights `[1, heads, steps, steps]` of the first sample.
  mutating func probingProgram(of kinds: Set<String>) -> Program? {
    let plain = kinds.subtracting(["attention"])
    var outputs = written.values.filter { plain.contains($0.node.node.kind) }
      .sorted { $0.path < $1.path }
      .map { Output("\($0.node.node.kind)/\($0.path)", $0.output) }
    if kinds.contains("attention") {
      for (path, attention, operands) in attention {
        let first = operands.map { builder.slice($0, axis: 0, 0..<1) }
        outputs.append(
          Output("attention/\(path)", attention.weights(first, in: &builder).weights))
      }
    }
    return outputs.isEmpty ? nil : builder.program(outputs: outputs)
  }
}
