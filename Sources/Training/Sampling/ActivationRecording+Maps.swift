internal import Datasets
internal import Reports
internal import RunFiles

extension ActivationRecording {
  /// The tokens that a map shows of cells and of attention.
  private static let cellTokens = 100
  private static let attendedTokens = 64

  /// Heat maps of the states of recurrent layers, and of what heads of attention look at.
  func maps(_ tokeniser: Tokeniser) -> [ActivationMap] {
    let names = tokens.map { String(decoding: tokeniser.tokens[Int($0)], as: UTF8.self) }
    let states = cells.filter { cell in
      // A cell remembers in c where it has one, else in h.
      let layer = cell.name.prefix { $0 != "." }
      let hasMemory = cells.contains { $0.name == "\(layer).c" }
      return cell.name.hasSuffix(hasMemory ? ".c" : ".h")
    }
    let memory = states.map { cell in
      LayerProbe.Sequence(
        layer: cell.name, units: cell.values.count / max(1, tokens.count), values: cell.values,
        columns: Array(names.prefix(Self.cellTokens))
      ).map
    }
    let heads = attention.flatMap { layer in
      (0..<layer.heads).map { map(of: layer, head: $0, names) }
    }
    return memory + ActivationMap.chosen(of: heads)
  }

  private func map(of layer: Attention, head: Int, _ names: [String]) -> ActivationMap {
    let shown = min(Self.attendedTokens, tokens.count)
    var values = [Float](repeating: 0, count: shown * shown)
    var place = 0
    for token in 0..<shown {
      let start = place + head * seen[token]
      for (offset, column) in (token - seen[token] + 1...token).enumerated() where column >= 0 {
        values[token * shown + column] = layer.weights[start + offset]
      }
      place += layer.heads * seen[token]
    }
    let columns = Array(names.prefix(shown))
    return ActivationMap(
      name: "\(layer.name), head \(head + 1)", columns: columns, rows: columns, values: values,
      isAttention: true)
  }
}
