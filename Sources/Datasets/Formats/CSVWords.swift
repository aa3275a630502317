/// The different words of a column in the order in which they came, found by their bytes.
struct CSVWords {
  private(set) var words: [String] = []
  private var places = ByteTable()

  /// No word may stand there twice.
  init(_ words: [String] = []) {
    self.words = words
    for word in words { _ = places.insert(Array(word.utf8)) }
  }

  /// Of the bytes of a word; longer ones are texts.
  static let lengthLimit = 1000

  var count: Int { words.count }

  /// The place of a word, nil if it is none of them.
  func index(of field: CSVField) -> Int? { field.index(in: places) }

  func place(of word: String) -> Int? { places.index(of: Array(word.utf8)) }

  /// The place of a word, which is added if it is new.
  mutating func insert(_ field: CSVField) -> Int {
    let index = field.insert(into: &places)
    if index == words.count { words.append(field.text) }
    return index
  }
}

extension [String] {
  /// The names of classes that occur so: whole numbers have no fraction, `1` is the name of `1.0`.
  var classNames: [String] {
    guard !allSatisfy({ Int($0) != nil }) else { return self }
    let numbers = map { word in Double(word).flatMap { Int(exactly: $0) } }
    return numbers.contains(nil) ? self : Set(numbers.compactMap(\.self)).map { "\($0)" }
  }
}
