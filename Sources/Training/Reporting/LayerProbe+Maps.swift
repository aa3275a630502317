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
