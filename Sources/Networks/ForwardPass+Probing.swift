internal import Graphs

extension ForwardPass {
  /// The program whose outputs are those of the written layers of some kinds, in the order of their
  /// names; nil where there are none.
  func probingProgram(of kinds: Set<String>) -> Program? {
    let found = written.values.filter { kinds.contains($0.node.node.kind) }
      .sorted { $0.path < $1.path }
    guard !found.isEmpty else { return nil }
    return builder.program(
      outputs: found.map { Output("\($0.node.node.kind)/\($0.path)", $0.output) })
  }
}
