/// The different words of a column in the order in which they came, found by their bytes.
struct CSVWords {
  private(set) var words: [String] = []
  private var places = ByteTable()

  /// No word may stand there twice.
  init(_ words: [String] = []) {
    self.words = words
    for word in words { _ = places.insert(Array(word.utf8)) }
  }

  var count: Int { words.count }

  /// The place of a word, nil if it is none of them.
  func index(of field: CSVField) -> Int? { field.index(in: places) }

  /// The place of a word, which is added if it is new.
  mutating func insert(_ field: CSVField) -> Int {
    let index = field.insert(into: &places)
    if index == words.count { words.append(field.text) }
    return index
  }
}
