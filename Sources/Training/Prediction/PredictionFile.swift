package import Diagnostics
internal import Files
internal import Glibc
internal import Reports

/// The format of a file of predictions.
package enum PredictionFormat: String, CaseIterable, Sendable {
  /// A header, and a line for each sample.
  case csv
  /// A JSON object in each line.
  case jsonl
  /// An array of all predictions.
  case h5

  /// By the suffix of a file name.
  package init(ofFile path: String) throws(Failure) {
    let ending = baseName(path).split(separator: ".").dropFirst().last.map(String.init) ?? ""
    guard let format = Self(rawValue: ending) else {
      throw Failure(
        .usage,
        "--output: cannot tell from the name '\(path)' what to write: expected one that ends in "
          + ".csv, .jsonl or .h5")
    }
    self = format
  }

  /// A file of predictions, which appears only when it is finished.
  package func output(to path: String, of predictor: Predictor) throws(Failure)
    -> any PredictionOutput
  {
    let meaning = PredictionMeaning(predictor)
    return switch self {
    case .csv: try PredictionTextFile(path, PredictionTable(meaning))
    case .jsonl: try PredictionTextFile(path, PredictionObjects())
    case .h5: try PredictionArrays(path, meaning)
    }
  }
}

/// How predictions become lines of a text file.
protocol PredictionText {
  /// The bytes before the first sample.
  func head(hasNames: Bool) -> [UInt8]
  func append(_ sample: Int, of predictions: Predictions, to bytes: inout [UInt8])
}

/// A text file of predictions.
final class PredictionTextFile<Text: PredictionText>: PredictionOutput {
  private let path: String
  private let text: Text
  private let temporary: TemporaryFile
  private let file: FileDescriptor
  private var bytes: [UInt8] = []
  private var isEmpty = true

  init(_ path: String, _ text: Text) throws(Failure) {
    self.path = path
    self.text = text
    temporary = TemporaryFile(for: path)
    file = try FileDescriptor(
      temporary.path, O_WRONLY | O_CREAT | O_EXCL, "create", otherwise: .cannotCreate)
  }

  var isOpen: Bool { true }

  func write(_ predictions: Predictions) throws(Failure) {
    bytes.removeAll(keepingCapacity: true)
    if isEmpty { bytes += text.head(hasNames: predictions.names != nil) }
    isEmpty = false
    for sample in 0..<predictions.count { text.append(sample, of: predictions, to: &bytes) }
    try file.write(bytes)
  }

  func finish() throws(Failure) {
    if isEmpty { try file.write(text.head(hasNames: false)) }
    try file.synchronize()
    try temporary.rename(to: path)
    try synchronizeDirectory(directoryName(path))
  }
}

/// A JSON object for each sample.
struct PredictionObjects: PredictionText {
  func head(hasNames: Bool) -> [UInt8] { [] }

  func append(_ sample: Int, of predictions: Predictions, to bytes: inout [UInt8]) {
    bytes += predictions.json(of: sample).description.utf8
    bytes.append(UInt8(ascii: "\n"))
  }
}

/// A table with a header: the name of a sample if it has one, then the class, its probability and
/// that of each class; the class at each place; or the values.
struct PredictionTable: PredictionText {
  private let meaning: PredictionMeaning
  /// The names of the classes, as they stand in a field.
  private let classes: [[UInt8]]

  init(_ meaning: PredictionMeaning) {
    self.meaning = meaning
    classes =
      if case .classes(let names, _) = meaning.kind { names.map(Self.field) } else { [] }
  }

  func head(hasNames: Bool) -> [UInt8] {
    let score = meaning.givesProbabilities ? "probability" : "score"
    let columns: [String] =
      switch meaning.kind {
      case .classes(let names, _) where meaning.isOneClass:
        ["class", score] + names.map { "\(score) of \($0)" }
      case .classes(let names, _): (1...meaning.width / names.count).map { "class \($0)" }
      case .values: meaning.valueNames
      }
    let all = (hasNames ? ["name"] : []) + columns
    return Array(all.map(Self.field).joined(separator: [Self.comma])) + [Self.newline]
  }

  func append(_ sample: Int, of predictions: Predictions, to bytes: inout [UInt8]) {
    if predictions.names != nil {
      bytes += Self.field(predictions.name(of: sample) ?? "")
      bytes.append(Self.comma)
    }
    let numbers = predictions.numbers(of: sample)
    if !classes.isEmpty {
      let found = predictions.classes(of: sample)
      for place in found {
        bytes += classes[place]
        bytes.append(Self.comma)
      }
      if meaning.isOneClass {
        bytes += numbers[numbers.startIndex + found[0]].description.utf8
        bytes.append(Self.comma)
      }
    }
    if classes.isEmpty || meaning.isOneClass {
      for number in numbers {
        bytes += number.description.utf8
        bytes.append(Self.comma)
      }
    }
    bytes[bytes.count - 1] = Self.newline
  }

  private static let comma = UInt8(ascii: ",")
  private static let newline = UInt8(ascii: "\n")

  /// A field in quotes where it needs them.
  private static func field(_ text: String) -> [UInt8] {
    let needsQuotes =
      text.hasPrefix(" ") || text.hasSuffix(" ")
      || text.utf8.contains { [comma, newline, 13, 34].contains($0) }
    guard needsQuotes else { return Array(text.utf8) }
    return Array("\"\(text.replacing("\"", with: "\"\""))\"".utf8)
  }
}
