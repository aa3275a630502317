package import Checkpoints
internal import Configuration
internal import Datasets
package import Diagnostics
internal import Files
internal import Glibc
internal import HDF5Files
package import ModelFiles
package import Reports
internal import Training

/// Describes the kind and contents of a file; for a run directory, those of a checkpoint; or the
/// images of a folder.
///
/// `choices` apply to a model file that does not store them.
package func inspect(
  _ path: String, _ choices: StoredModel.Choices = StoredModel.Choices(),
  of choice: ResolvedCheckpoint.Choice = .best
) throws(Failure) -> Report {
  var report = Report()
  if StoredModel.isFile(path) {
    try report.describe(StoredModel(reading: path, choices), of: path)
    return report
  }
  guard choices == StoredModel.Choices() else {
    let option = choices.layout != nil ? "--layout" : "--release"
    throw Failure(.usage, "\(option) applies only to model files, and '\(path)' is not one")
  }
  switch try FileKind(of: path) {
  case .folder:
    if try CheckpointDirectory(inside: path).latest() == nil,
      let summary = try ImageFolderSummary(of: path)
    {
      report.describe(summary, of: path)
      return report
    }
    return try ResolvedCheckpoint.reading(path, choice) { found throws(Failure) in
      var report = try inspect(found.path)
      if let note = found.note { report.add("chosen", .string(note)) }
      return report
    }
  case .hdf5:
    try report.describe(hdf5: path)
  case .idx:
    let head = try IDXHead(of: path)
    report.begin(path, "IDX file")
    report.add("packed by gzip", .boolean(head.isCompressed))
    report.add("numbers", .string(head.type))
    report.add("shape", .array(head.shape.map { .integer($0) }))
  case .png:
    let head = try PNGHead(of: path)
    report.begin(path, "PNG image")
    report.add("width", .integer(head.width))
    report.add("height", .integer(head.height))
    report.add("coloured", .boolean(head.isColoured))
  case .text where path.hasSuffix(".yaml") || path.hasSuffix(".yml"):
    let configuration = try RunConfiguration(file: path, set: [])
    report.begin(path, "configuration")
    report.add("seed", .integer(Int(configuration.seed)))
    report.describe(configuration)
    report.add(
      "with every default", text: configuration.settings.yaml(includingAll: true))
  case .text:
    report.begin(path, "table")
    try report.describe(table: path)
  case .other:
    throw Failure(
      .badData,
      "'\(path)': expected a checkpoint, another HDF5, a model, an IDX, PNG or CSV file or a "
        + "configuration, found none of these")
  }
  return report
}

extension Report {
  /// Adds the path, kind and size of a file.
  mutating func begin(_ path: String, _ kind: String) {
    add("file", .string(path))
    add("kind", .string(kind))
    if let status = fileStatus(path) { add("bytes", .integer(Int(status.st_size))) }
  }

  /// Adds the most important settings.
  mutating func describe(_ configuration: RunConfiguration) {
    let settings = configuration.settings
    add("name", .string(configuration.name))
    add("dataset", .string(configuration.data.name))
    let batch = configuration.data.batch
    add(
      "batch",
      configuration.data.isBatchGiven
        ? .integer(batch) : .string("\(batch), or all of a smaller training set"))
    guard configuration.isAdversarial else {
      add("layers", .array(settings.sections("model").map { .string($0.name) }))
      let losses =
        settings.optionalSection("loss").map { [$0.name] }
        ?? settings.sections("outputs").map {
          "\($0.text("layer")): \($0.section("loss").name)"
        }
      add("loss", .string(losses.joined(separator: ", ")))
      add("optimizer", .string(settings.section("optimizer").name))
      return
    }
    for key in ["generator", "critic", "discriminator"] where settings.optionalValue(key) != nil {
      add(key, .array(settings.sections(key).map { .string($0.name) }))
    }
    add("adversarial loss", .string(settings.section("adversarial").text("loss")))
  }

  /// Adds the columns of a CSV file, and statistics of their values.
  fileprivate mutating func describe(table path: String) throws(Failure) {
    let table = try TableSummary(of: path)
    add("separator", .string(table.separator.rawValue))
    add("records", .integer(table.records))
    add(
      "columns", columns: ["column", "content", "least", "greatest", "mean", "missing"],
      rows: table.columns.map { column in
        let content: JSONValue
        let statistics: [JSONValue]
        switch column.content {
        case .numbers(let least, let greatest, let mean):
          content = .string("numbers")
          statistics = [.number(least), .number(greatest), .number(mean)]
        case .words(let count):
          content = .string(count.map { "\($0.grouped) words" } ?? "many words")
          statistics = [.null, .null, .null]
        }
        return [.string(column.name), content] + statistics + [.integer(column.missing)]
      })
  }
}
