internal import Diagnostics
internal import Files
internal import Graphs
internal import HDF5Files
internal import Reports

/// An HDF5 file of predictions: `predictions`, a row of numbers for each sample; of classes also
/// `classes`, their indices; and the names of what they stand for, as JSON in `names`.
final class PredictionArrays: PredictionOutput {
  private let path: String
  private let meaning: PredictionMeaning
  private let temporary: TemporaryFile
  private var writer: HDF5Writer?
  private var predictions: HDF5RowWriter?
  private var classes: HDF5RowWriter?
  private var names: [String?] = []

  init(_ path: String, _ meaning: PredictionMeaning) throws(Failure) {
    self.path = path
    self.meaning = meaning
    temporary = TemporaryFile(for: path)
    var writer = try HDF5Writer(creating: temporary.path)
    predictions = try writer.growingRows(of: .float32, shape: [meaning.width], at: "predictions")
    let texts: [String]
    switch meaning.kind {
    case .classes(let classNames, let shape):
      classes = try writer.growingRows(
        of: .int32, shape: Array(shape.extents.dropLast()), at: "classes")
      texts = classNames
    case .values: texts = meaning.valueNames
    }
    try writer.write(Self.json(texts), to: "names")
    self.writer = consume writer
  }

  var isOpen: Bool { true }

  func write(_ found: Predictions) throws(Failure) {
    try unsafe found.numbers.withUnsafeBufferPointer { numbers throws(Failure) in
      if let start = numbers.baseAddress {
        try unsafe predictions?.append(rows: found.count, start)
      }
    }
    let indices = (0..<found.count).flatMap { found.classes(of: $0).map(Int32.init) }
    try unsafe indices.withUnsafeBufferPointer { indices throws(Failure) in
      if let start = indices.baseAddress { try unsafe classes?.append(rows: found.count, start) }
    }
    names += found.names ?? []
  }

  func finish() throws(Failure) {
    if !names.isEmpty { try writer?.write(Self.json(names.map { $0 ?? "" }), to: "sample_names") }
    try predictions.take()?.close()
    try classes.take()?.close()
    try writer.take()?.close()
    try temporary.synchronize()
    try temporary.rename(to: path)
    try synchronizeDirectory(directoryName(path))
  }

  private static func json(_ texts: [String]) -> String {
    JSONValue.array(texts.map { .string($0) }).description
  }
}
