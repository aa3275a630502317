/// The layout of the weights of a dense layer in a file of Neuron up to 1.6.
package enum WeightLayout: String, CaseIterable, Sendable {
  /// Row n holds the weights of node n.
  case natural
  /// The layout of releases 1.5 and 1.6, which read the matrix as its transpose.
  case permuted

  /// The weights `[nodes, inputs]` that compute what a file's weights do.
  func read(_ stored: [Float], nodes: Int, inputs: Int) -> [Float] {
    guard self == .permuted else { return stored }
    var weights = stored
    for node in 0..<nodes {
      for input in 0..<inputs {
        weights[node * inputs + input] = stored[Self.place(node, input, nodes, inputs)]
      }
    }
    return weights
  }

  /// The file's weights that compute what weights `[nodes, inputs]` do.
  func write(_ weights: [Float], nodes: Int, inputs: Int) -> [Float] {
    guard self == .permuted else { return weights }
    var stored = weights
    for node in 0..<nodes {
      for input in 0..<inputs {
        stored[Self.place(node, input, nodes, inputs)] = weights[node * inputs + input]
      }
    }
    return stored
  }

  /// Where the file has the number that joins a node to an input: its `nodes` x `inputs` numbers
  /// are read as `inputs` x `nodes` and transposed, and the result is read as `inputs` x `nodes`
  /// again.
  private static func place(_ node: Int, _ input: Int, _ nodes: Int, _ inputs: Int) -> Int {
    let (row, column) = (input * nodes + node).quotientAndRemainder(dividingBy: inputs)
    return column * nodes + row
  }
}
