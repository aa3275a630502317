internal import Configuration
internal import Diagnostics
internal import Elementary

/// A column of texts as bags of words: how often each word of a vocabulary stands in a text, or its
/// weight there (TF-IDF).
package struct WordsColumn: ColumnKind {
  /// In the order of their bytes.
  let vocabulary: [String]
  /// The inverse document frequency of each word; nil where words are counted.
  let frequencies: [Double]?
  /// Whether a missing value is an error; else it is a text without words.
  let isRequired: Bool

  enum Weighting: String, CaseIterable, Sendable { case tfidf, counts }

  var width: Int { vocabulary.count }

  func names(of column: String) -> [String] { vocabulary.map { "\(column):\($0)" } }

  var text: String {
    "vocabulary: \(flowList(vocabulary))"
      + (frequencies.map { ", idf: [\($0.map(shortest).joined(separator: ", "))]" } ?? "")
      + (isRequired ? ", required: true" : "")
  }

  final class Writer: ColumnWriter {
    private let kind: WordsColumn
    private var places = ByteTable()
    /// Of the words of the vocabulary in a text; all 0 between two texts.
    private var counts: [Double]

    init(_ kind: WordsColumn) {
      self.kind = kind
      for word in kind.vocabulary { _ = places.insert(Array(word.utf8)) }
      counts = Array(repeating: 0, count: kind.width)
    }

    func write(
      _ column: Int, of row: CSVRow, into target: UnsafeMutablePointer<Float>
    ) throws(Failure) {
      for place in 0..<kind.width { unsafe target[place] = 0 }
      if !kind.isRequired, row[column].isMissing { return }
      var found: [Int] = []
      forEachWord(of: try row.value(column).copy) { word in
        guard let place = places.index(of: word) else { return }
        if counts[place] == 0 { found.append(place) }
        counts[place] += 1
      }
      var length = 1.0
      if let frequencies = kind.frequencies {
        for place in found { counts[place] *= frequencies[place] }
        length = found.sorted().reduce(0) { $0 + counts[$1] * counts[$1] }.squareRoot()
      }
      for place in found {
        unsafe target[place] = Float(counts[place] / length)
        counts[place] = 0
      }
    }
  }

  struct Learner: ColumnLearner {
    private let size: Int
    private let weighting: Weighting
    private let policy: MissingPolicy?
    private var words = ByteTable()
    /// Of each word: how often it occurs, in how many texts, and the number of the last of these.
    private var counts: [Int] = []
    private var texts: [Int] = []
    private var last: [Int] = []
    private var count = 0

    private static let byteLimit = 1 << 28

    init(size: Int, _ weighting: Weighting, _ policy: MissingPolicy?) {
      self.size = size
      self.weighting = weighting
      self.policy = policy
    }

    mutating func learn(_ column: Int, of row: CSVRow) throws(Failure) {
      count += 1
      forEachWord(of: row[column].copy) { word in
        let place = words.insert(word)
        if place == counts.count {
          counts.append(0)
          texts.append(0)
          last.append(0)
        }
        counts[place] += 1
        if last[place] != count {
          texts[place] += 1
          last[place] = count
        }
      }
      guard words.byteCount <= Self.byteLimit else {
        throw row.failure(
          column, "has words of more than \(Self.byteLimit.asBytes): they are no words of a text")
      }
    }

    func content(missing: Int) -> CSVColumns.Encoding? {
      guard !counts.isEmpty else { return nil }
      // Of equally frequent words the first ones in the order of bytes.
      let order = counts.indices.sorted { a, b in
        counts[a] != counts[b]
          ? counts[a] > counts[b] : words[a].lexicographicallyPrecedes(words[b])
      }
      let kept = order.prefix(size).sorted { words[$0].lexicographicallyPrecedes(words[$1]) }
      let total = Double(1 + count + missing)
      return .words(
        WordsColumn(
          vocabulary: kept.map { String(decoding: words[$0], as: UTF8.self) },
          frequencies: weighting == .counts
            ? nil : kept.map { Double.log(total / Double(1 + texts[$0])) + 1 },
          isRequired: policy == .drop || policy == .error))
    }
  }
}

/// Calls `body` with each word of a text in lower case: two or more letters, digits or `_`.
///
/// Bytes that are no UTF-8 part words.
private func forEachWord(of text: [UInt8], _ body: ([UInt8]) -> Void) {
  let bytes = text.span
  var (word, length, place) = ([UInt8](), 0, 0)
  func end() {
    if length > 1 { body(word) }
    word.removeAll(keepingCapacity: true)
    length = 0
  }
  while place < bytes.count {
    let byte = bytes[place]
    if byte < 0x80 {
      place += 1
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): word.append(byte | 0x20)
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
        UInt8(ascii: "_"):
        word.append(byte)
      default:
        end()
        continue
      }
      length += 1
      continue
    }
    guard let (scalar, size) = bytes.scalar(at: place) else {
      end()
      place += 1
      continue
    }
    place += size
    for lower in scalar.properties.lowercaseMapping.unicodeScalars {
      guard lower.isWordPart else {
        end()
        continue
      }
      word += UTF8.encode(lower).map { Array($0) } ?? []
      length += 1
    }
  }
  end()
}

extension Unicode.Scalar {
  /// Whether it is a letter, a digit or `_`.
  fileprivate var isWordPart: Bool {
    switch properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
      .decimalNumber, .letterNumber, .otherNumber:
      true
    default: self == "_"
    }
  }
}
