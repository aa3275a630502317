/// The nearest valid spelling of a word that was not recognised.
package enum Suggestion {
  /// The candidate closest to `word`, if it is close enough to be meant.
  package static func nearest(to word: String, among candidates: [String]) -> String? {
    let typed = Array(word.lowercased())
    let ranked = candidates.map { (name: $0, distance: distance(typed, Array($0.lowercased()))) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= max(1, min(typed.count, best.name.count) / 3) ? best.name : nil
  }

  /// The text ` (did you mean 'x'?)`, the list of all candidates when they are few, or nothing.
  package static func hint(for word: String, among candidates: [String]) -> String {
    if let name = nearest(to: word, among: candidates) { return " (did you mean '\(name)'?)" }
    guard !candidates.isEmpty, candidates.count <= 24 else { return "" }
    return " (known: \(candidates.joined(separator: ", ")))"
  }

  /// Damerau-Levenshtein distance: insertions, deletions, substitutions, neighbours swapped.
  static func distance(_ a: [Character], _ b: [Character]) -> Int {
    var before: [Int] = []
    var previous = Array(0...b.count)
    for i in a.indices {
      var current = [i + 1]
      for j in b.indices {
        var cost = min(
          previous[j] + (a[i] == b[j] ? 0 : 1), previous[j + 1] + 1, current[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
        current.append(cost)
      }
      before = previous
      previous = current
    }
    return previous[b.count]
  }
}
