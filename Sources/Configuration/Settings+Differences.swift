/// A setting in which two configurations differ.
package struct Difference: Equatable, Sendable, CustomStringConvertible {
  package let path: String
  package let this: String
  package let other: String

  package var description: String { "\(path): \(this), was \(other)" }
}

extension Settings {
  /// The settings that would change the result of a run, were `other` replaced by this: what a
  /// resume must refuse.
  package func differences(from other: Settings) -> [Difference] {
    var found: [Difference] = []
    for (i, key) in record.keys.enumerated() where key.effect == .result {
      compare(entries[i]?.value, other.entries[i]?.value, joined(path, key.name), &found)
    }
    return found
  }
}

private func compare(
  _ this: Setting?, _ other: Setting?, _ path: String, _ found: inout [Difference]
) {
  switch (this, other) {
  case (.section(let a), .section(let b)), (.variant(let a), .variant(let b)):
    if a.name == b.name { return found += a.differences(from: b) }
  case (.list(let a), .list(let b)) where a.count == b.count:
    for i in a.indices { compare(a[i], b[i], "\(path).\(i)", &found) }
    return
  default: break
  }
  if this == other { return }
  found.append(
    Difference(
      path: path, this: this.map { flow($0) } ?? "not set",
      other: other.map { flow($0) } ?? "not set"))
}
