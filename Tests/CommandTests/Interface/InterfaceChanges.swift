/// In what one set of lines differs from another.
struct InterfaceChanges {
  private let before: Set<InterfaceLine>
  private let after: Set<InterfaceLine>

  init(from before: Set<InterfaceLine>, to after: Set<InterfaceLine>) {
    self.before = before
    self.after = after
  }

  private var removed: Set<InterfaceLine> { before.subtracting(after) }
  private var added: Set<InterfaceLine> { after.subtracting(before) }

  /// The lines that differ, as `diff` shows them, those of one name together.
  var description: [String] {
    (removed.map { ($0, "-") } + added.map { ($0, "+") })
      .sorted { ($0.0.name, $1.1, $0.0) < ($1.0.name, $0.1, $1.0) }
      .map { "\($0.1) \($0.0.text)" }
  }

  /// What a changelog fails to name, each with the sections that may do so.
  func unnamed(in changelog: UnreleasedChanges) -> [String] {
    let (old, new) = (Set(before.map(\.name)), Set(after.map(\.name)))
    let gone = Set(removed.map(\.name))
    let losses = gone.filter { name in
      !changelog.names(name, in: ["Changed", "Removed"], whole: { !new.has($0) })
    }
    let gains = Set(added.map(\.name)).subtracting(gone).filter { name in
      !changelog.names(name, in: nil, whole: { !old.has($0) })
    }
    return losses.sorted().map { "`\($0)` under ### \(new.contains($0) ? "Changed" : "Removed")" }
      + gains.sorted().map { "`\($0)` under ### Added" }
  }
}

extension Set<String> {
  /// Whether something has this name or stands inside it.
  fileprivate func has(_ name: String) -> Bool { contains { $0.isInside(name) } }
}

extension String {
  /// Whether this is the name of a thing, or of a part of it: `layer conv.filters` of `layer conv`.
  fileprivate func isInside(_ name: String) -> Bool {
    guard hasPrefix(name) else { return false }
    guard let next = dropFirst(name.count).first else { return true }
    return !next.isLetter && !next.isNumber && next != "_" && next != "-"
  }
}

/// What CHANGELOG.md says of the next release: the names in backquotes in its sections.
struct UnreleasedChanges {
  private var names: [(section: String, name: String)] = []

  init(changelog text: String) {
    let parts = text.split(separator: "\n## [Unreleased]", maxSplits: 1)
    guard parts.count == 2 else { return }
    let unreleased = String(parts[1]).firstRange(of: "\n## ").map {
      String(parts[1])[..<$0.lowerBound]
    }
    for section in (unreleased ?? parts[1]).split(separator: "\n### ").dropFirst() {
      let title = String(section.prefix { $0 != "\n" })
      let body = section.dropFirst(title.count).split(whereSeparator: \.isWhitespace)
        .joined(separator: " ")
      for name in body.matches(of: /`([^`]+)`/) { names.append((title, String(name.1))) }
    }
  }

  /// Whether one of these sections names something, or a whole that it is inside of; the star of
  /// `layer *.input` stands for each layer.
  func names(
    _ name: String, in sections: [String]?, whole: (String) -> Bool
  ) -> Bool {
    names.contains { entry in
      guard sections?.contains(entry.section) ?? true else { return false }
      let parts = entry.name.split(separator: "*", omittingEmptySubsequences: false)
      if parts.count == 2 { return name.hasPrefix(parts[0]) && name.hasSuffix(parts[1]) }
      guard name.isInside(entry.name) else { return false }
      return name == entry.name || whole(entry.name)
    }
  }
}
