/// Suggests valid words for an unknown one ("did you mean ...?").
package enum Suggestion {
  /// Returns the candidate that matches a word by spelling, as a synonym, or by edit distance.
  package static func nearest(to word: String, among candidates: [String]) -> String? {
    meaning(of: word, among: candidates)?.name
  }

  /// Returns ` (did you mean 'x'?)`, a list of the candidates if there are at most 25, or nothing.
  ///
  /// With `orElsewhere`, keys of other sections and words without an equivalent match as well.
  package static func hint(
    for word: String, among candidates: [String], orElsewhere: Bool = false
  ) -> String {
    if let (name, note) = meaning(of: word, among: candidates) {
      return question(name, note)
    }
    if orElsewhere, let synonym = elsewhere(word) {
      return synonym.place.map { question($0 + synonym.name, synonym.note) }
        ?? ": \(synonym.note ?? "")"
    }
    guard !candidates.isEmpty, candidates.count <= 25 else { return "" }
    return " (known: \(candidates.joined(separator: ", ")))"
  }

  /// Returns the path of the configuration key that a word is a synonym of, or nil.
  package static func key(for word: String) -> String? {
    elsewhere(word).flatMap { synonym in synonym.place.map { $0 + synonym.name } }
  }

  /// Returns a synonym that is a key of some section, or that has no equivalent.
  private static func elsewhere(_ word: String) -> Synonym? {
    Synonym.known.first {
      ($0.place != nil || $0.name.isEmpty) && $0.words.contains(Substring(plain(word)))
    }
  }

  private static func question(_ name: String, _ note: String?) -> String {
    " (did you mean '\(name)'?\(note.map { " \($0)" } ?? ""))"
  }

  private static func meaning(
    of word: String, among candidates: [String]
  ) -> (name: String, note: String?)? {
    let plain = plain(word)
    if let name = candidates.first(where: { Self.plain($0) == plain }), !plain.isEmpty {
      return (name, nil)
    }
    if let synonym = Synonym.known.first(where: {
      $0.words.contains(Substring(plain)) && candidates.contains($0.name)
    }) {
      return (synonym.name, synonym.note)
    }
    let typed = Array(word.lowercased())
    let ranked = candidates.map { (name: $0, distance: distance(typed, Array($0.lowercased()))) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }),
      best.distance <= max(1, min(typed.count, best.name.count) / 3)
    else { return nil }
    return (best.name, nil)
  }

  /// Returns the lower-case letters and digits of a word: `Batch_Norm` becomes `batchnorm`.
  private static func plain(_ word: String) -> String {
    word.lowercased().filter { $0.isLetter || $0.isNumber }
  }

  /// Returns the Damerau-Levenshtein distance (optimal string alignment).
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
