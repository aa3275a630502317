internal import Configuration

/// The settings in which the configurations of runs differ.
struct SettingDifferences {
  struct Setting: Equatable {
    /// Such as `optimizer.adam.learning_rate` or `model[3].dense`.
    let key: String
    /// A value for each run; nil where it does not have the setting.
    let values: [String?]
  }

  private(set) var settings: [Setting] = []

  /// Compares the texts of configurations.
  ///
  /// What is no YAML is not compared. The names of runs always differ and are left out.
  init(_ texts: [String]) {
    let trees = texts.map { text in try? SettingTree(reading: text, source: "config.yaml") }
    compare(trees.compactMap(\.self), path: "")
    settings.removeAll { $0.key == "name" }
    settings = settings.map { setting in
      var values = setting.values[...]
      return Setting(key: setting.key, values: trees.map { $0 == nil ? nil : values.removeFirst() })
    }
  }

  /// Whether values of the runs can be compared: they learn the same data with the same loss.
  var areOfOneTask: Bool {
    !settings.contains { setting in
      setting.key == "loss" || setting.key.hasPrefix("loss.")
        || setting.key.hasPrefix("data.dataset")
    }
  }

  private mutating func compare(_ trees: [SettingTree?], path: String) {
    guard let first = trees.first, trees.contains(where: { $0 != first }) else { return }
    let known = trees.compactMap(\.self)
    if let keys = Self.keys(of: known) {
      for key in keys {
        compare(trees.map { $0?[key] }, path: path.isEmpty ? key : "\(path).\(key)")
      }
    } else if known.count == trees.count, let count = Self.count(of: known) {
      for place in 0..<count {
        compare(
          trees.map { tree in
            if case .list(let elements)? = tree { elements[place] } else { nil }
          }, path: "\(path)[\(place)]")
      }
    } else {
      settings.append(Setting(key: path, values: trees.map { $0?.line }))
    }
  }

  /// The keys of all maps, in the order of the first that has them; nil if one is no map.
  private static func keys(of trees: [SettingTree]) -> [String]? {
    var keys: [String] = []
    for tree in trees {
      guard case .map(let entries) = tree else { return nil }
      for entry in entries where !keys.contains(entry.key) { keys.append(entry.key) }
    }
    return keys
  }

  /// The number of elements that all lists have; nil if one is no list, or one is longer.
  private static func count(of trees: [SettingTree]) -> Int? {
    var counts: Set<Int> = []
    for tree in trees {
      guard case .list(let elements) = tree else { return nil }
      counts.insert(elements.count)
    }
    return counts.count == 1 ? counts.first : nil
  }
}
