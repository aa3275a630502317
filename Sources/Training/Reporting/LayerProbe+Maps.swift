internal import RunFiles

extension LayerProbe.Sequence {
  /// The steps and units that a map shows.
  private static let stepLimit = 100
  private static let unitLimit = 32

  /// A heat map of the units that vary the most, in their order.
  var map: ActivationMap {
    let steps = min(Self.stepLimit, values.count / units)
    func column(_ unit: Int) -> [Float] { (0..<steps).map { values[$0 * units + unit] } }
    let deviations = (0..<units).map { Self.deviation(of: column($0)) }
    let order = deviations.indices.sorted { (a: Int, b: Int) in
      (deviations[b], a) < (deviations[a], b)
    }
    let chosen = order.prefix(Self.unitLimit).sorted()
    let names = columns.map { Array($0.prefix(steps)) } ?? (1...max(1, steps)).map(String.init)
    return ActivationMap(
      name: layer, columns: names, rows: chosen.map { "unit \($0 + 1)" },
      values: chosen.flatMap(column), isAttention: false)
  }

  private static func deviation(of values: [Float]) -> Double {
    let mean = values.reduce(0) { $0 + Double($1) } / Double(max(1, values.count))
    return values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
  }
}

extension LayerProbe.Attention {
  /// The steps of a map.
  private static let stepLimit = 64

  /// A heat map for each head.
  var maps: [ActivationMap] {
    let read = weights.count / (heads * steps)
    let (rows, columns) = (min(Self.stepLimit, steps), min(Self.stepLimit, read))
    let names = self.columns.map { Array($0.prefix(columns)) } ?? (1...columns).map(String.init)
    let rowNames = self.columns == nil ? (1...rows).map(String.init) : names
    return (0..<heads).map { (head: Int) -> ActivationMap in
      var values: [Float] = []
      for row in 0..<rows {
        let start = (head * steps + row) * read
        values += weights[start..<start + columns]
      }
      return ActivationMap(
        name: "\(layer), head \(head + 1)", columns: names, rows: rowNames, values: values,
        isAttention: true)
    }
  }
}

extension LayerProbe.Result {
  /// Heat maps of recurrent layers and of attention.
  var maps: [ActivationMap] {
    sequences.map(\.map) + ActivationMap.chosen(of: attention.flatMap(\.maps))
  }
}

extension ActivationMap {
  /// The most maps of attention that a page shows.
  private static let attentionLimit = 8

  /// The first heads of the first layers, and the last ones of the last.
  static func chosen(of heads: [ActivationMap]) -> [ActivationMap] {
    let half = attentionLimit / 2
    return heads.count <= attentionLimit ? heads : heads.prefix(half) + heads.suffix(half)
  }
}
