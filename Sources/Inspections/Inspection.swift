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

/// Tells what a file is and what it holds; of a run directory, the checkpoint that is chosen.
///
/// `choices` are those of a model file, where it does not say them.
package func inspect(
  _ path: String, _ choices: StoredModel.Choices = StoredModel.Choices(),
  of choice: FoundCheckpoint.Choice = .best
) throws(Failure) -> Description {
  var description = Description()
  if StoredModel.isFile(path) {
    try description.describe(StoredModel(reading: path, choices), of: path)
    return description
  }
  guard choices == StoredModel.Choices() else {
    let option = choices.layout != nil ? "--layout" : "--release"
    throw Failure(.usage, "\(option) is about model files, and '\(path)' is none")
  }
  switch try FileKind(of: path) {
  case .folder:
    return try FoundCheckpoint.reading(path, choice) { found throws(Failure) in
      var description = try inspect(found.path)
      if let note = found.note { description.add("chosen", .string(note)) }
      return description
    }
  case .hdf5:
    try description.describe(hdf5: path)
  case .idx:
    let head = try IDXHead(of: path)
    description.begin(path, "IDX file")
    description.add("packed by gzip", .boolean(head.isCompressed))
    description.add("numbers", .string(head.type))
    description.add("shape", .array(head.shape.map { .integer($0) }))
  case .png:
    let head = try PNGHead(of: path)
    description.begin(path, "PNG image")
    description.add("width", .integer(head.width))
    description.add("height", .integer(head.height))
    description.add("coloured", .boolean(head.isColoured))
  case .text where path.hasSuffix(".yaml") || path.hasSuffix(".yml"):
    let configuration = try RunConfiguration(file: path, set: [])
    description.begin(path, "configuration")
    description.add("seed", .integer(Int(configuration.seed)))
    description.describe(configuration)
    description.add(
      "with every default", text: configuration.settings.yaml(includingAll: true))
  case .text:
    description.begin(path, "table")
    try description.describe(table: path)
  case .other:
    throw Failure(
      .badData,
      "'\(path)': expected a checkpoint, another HDF5, a model, an IDX, PNG or CSV file or a configuration, "
        + "found none of these")
  }
  return description
}

extension Description {
  /// What every file has.
  mutating func begin(_ path: String, _ kind: String) {
    add("file", .string(path))
    add("kind", .string(kind))
    if let status = fileStatus(path) { add("bytes", .integer(Int(status.st_size))) }
  }

  /// The settings that say most.
  mutating func describe(_ configuration: RunConfiguration) {
    let settings = configuration.settings
    add("name", .string(configuration.name))
    add("dataset", .string(configuration.data.name))
    add("batch", .integer(configuration.data.batch))
    guard configuration.isAdversarial else {
      add("layers", .array(settings.sections("model").map { .string($0.name) }))
      add("loss", .string(settings.section("loss").name))
      add("optimizer", .string(settings.section("optimizer").name))
      return
    }
    for key in ["generator", "critic", "discriminator"] where settings.optionalValue(key) != nil {
      add(key, .array(settings.sections(key).map { .string($0.name) }))
    }
    add("adversarial loss", .string(settings.section("adversarial").text("loss")))
  }

  /// The columns of a table, and what stands in them.
  fileprivate mutating func describe(table path: String) throws(Failure) {
    let table = try TableSummary(of: path)
    add("separator", .string(table.separator.rawValue))
    add("records", .integer(table.records))
    add(
      "columns", columns: ["column", "content", "least", "greatest", "mean", "missing"],
      rows: table.columns.map { column in
        let content: JSONValue
        let figures: [JSONValue]
        switch column.content {
        case .numbers(let least, let greatest, let mean):
          content = .string("numbers")
          figures = [.number(least), .number(greatest), .number(mean)]
        case .words(let count):
          content = .string(count.map { "\($0.grouped) words" } ?? "many words")
          figures = [.null, .null, .null]
        }
        return [.string(column.name), content] + figures + [.integer(column.missing)]
      })
  }
}
