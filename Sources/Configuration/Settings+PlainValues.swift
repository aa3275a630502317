extension Settings {
  /// The values that change what is trained, with the path of their keys: `optimizer.adam.epsilon`.
  ///
  /// Of one record among several its name is a value, too. Lists, such as layers, are left out.
  package var plainValues: [(name: String, value: Setting)] {
    written(false).flatMap { key, value in
      let inner: Settings?
      switch value {
      case .section(let settings): inner = settings
      case .variant(let settings): inner = settings
      case .list, .map: return [(name: String, value: Setting)]()
      case .integer, .number, .boolean, .text, .choice, .timespan: return [(key, value)]
      }
      let isVariant = if case .variant = value { true } else { false }
      let path = isVariant ? "\(key).\(inner?.name ?? "")" : key
      return (isVariant ? [(key, value)] : [])
        + (inner?.plainValues ?? []).map { ("\(path).\($0.name)", $0.value) }
    }
  }
}
