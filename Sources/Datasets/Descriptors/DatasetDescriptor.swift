package import Configuration
internal import Diagnostics

/// A dataset's files and what they hold: `Datasets/NAME.yaml`, or as a configuration describes it.
package struct DatasetDescriptor: Sendable {
  let name: String
  /// Nil if a configuration describes the dataset itself.
  let about: String?
  let source: Source
  let files: [File]
  let mirrors: [String]
  /// Downloaded and unpacked instead of single files.
  let archive: File?
  let shape: [Int]?
  let classes: [String]?
  let normalisation: (mean: Double, deviation: Double)?
  /// Part of a cache's key: all that decides its content.
  let identity: String

  /// Whether it has a descriptor file.
  var isNamed: Bool { about != nil }

  /// How the files hold it.
  enum Source: Sendable {
    case described(Settings)
    /// One file of samples and targets, coded for a trained network.
    case input(LabelledInput, SampleCoding)

    func open(in folder: String) throws(Failure) -> any SourceFormat {
      switch self {
      case .described(let settings): try DatasetSource.open(settings, in: folder)
      case .input(let input, let coding): try input.open(as: coding)
      }
    }

    /// Whether samples are the rows of a table, whose columns have scales of their own.
    var isTable: Bool {
      if case .described(let settings) = self { settings.name == CSV.record.name } else { false }
    }

    /// Whether samples are windows of series, whose order of time splits keep.
    var isSeries: Bool {
      guard isTable, case .described(let settings) = self else { return false }
      return settings.optionalValue("window") != nil
    }
  }

  /// Whether the samples are the parts of a text.
  var isText: Bool {
    if case .described(let settings) = source {
      settings.name == TextFiles.record.name
    } else {
      false
    }
  }

  struct File: Sendable {
    let name: String
    let sha256: String
    /// The digest of the content, if the file is compressed.
    let unpacked: String?
  }

  package static let record = Record(
    "descriptor",
    keys: [
      Key("about", .text, help: "one line on what the dataset is"),
      Key("source", DatasetSource.kind, help: "how its files hold the samples"),
      Key(
        "files", .list(of: .record(file), count: 0...10_000), default: "[]",
        help: "the files and their digests"),
      Key("archive", .record(file), default: .absent, help: "an archive (tar, gzip) of the files"),
      Key("mirrors", .list(of: .text), default: "[]", help: "addresses of folders with the files"),
      Key(
        "shape", .list(of: .integer(in: 1...1_000_000), count: 1...8), default: .absent,
        help: "of a sample, channels last"),
      Key("classes", .list(of: .text), default: .absent, help: "names, in the order of labels"),
      Key(
        "normalisation", .record(normalisation), default: .absent,
        help: "mean and deviation of all numbers; left out, they are measured"),
    ],
    help: "A dataset that configurations can name.")

  private static let file = Record(
    "file",
    keys: [
      Key("name", .text, help: "its name"),
      Key("sha256", .text, help: "its SHA-256 digest"),
      Key("unpacked", .text, default: .absent, help: "the digest of the content, if it is packed"),
    ],
    help: "A file and its digest.")

  private static let normalisation = Record(
    "normalisation",
    keys: [
      Key("mean", .number(in: .any), help: "of all numbers; of pixels, 255 counts as 1"),
      Key("deviation", .number(in: .above(0)), help: "of all numbers"),
    ],
    help: "Mean and deviation over the training set.")

  init(file path: String, name: String) throws(Failure) {
    let settings = try Settings(file: path, schema: Self.record)
    self.name = name
    about = settings.text("about")
    source = .described(settings.section("source"))
    files = try settings.sections("files").map { section throws(Failure) in try File(section) }
    archive = try settings.optionalSection("archive").map { section throws(Failure) in
      try File(section)
    }
    mirrors = settings.list("mirrors").map(\.text)
    shape = settings.optionalValue("shape")?.list.map(\.integer)
    classes = settings.optionalValue("classes")?.list.map(\.text)
    normalisation = settings.optionalSection("normalisation").map {
      ($0.number("mean"), $0.number("deviation"))
    }
    identity = settings.yaml(includingAll: true)
  }

  /// A dataset that a configuration describes.
  init(source: Settings) {
    self.init(
      source.name, .described(source),
      identity: "\(source.name)\n\(source.yaml(includingAll: true))")
  }

  /// A file to evaluate a network on.
  init(_ input: LabelledInput, for coding: SampleCoding) {
    self.init("input", .input(input, coding), identity: input.identity)
  }

  private init(_ name: String, _ source: Source, identity: String) {
    self.name = name
    self.source = source
    self.identity = identity
    about = nil
    files = []
    mirrors = []
    archive = nil
    shape = nil
    classes = nil
    normalisation = nil
  }

  /// The descriptor of a name; `failure` makes the error of an unknown one.
  static func find(
    _ name: String, in paths: DataPaths, failure: (String) -> Failure
  ) throws(Failure) -> DatasetDescriptor {
    let known = paths.datasets
    guard known.contains(name), let path = paths.descriptor(name) else {
      let advice =
        DatasetSource(rawValue: name) != nil
        ? ": a dataset of this kind is described by its settings, dataset: {\(name): {...}}"
        : Suggestion.hint(for: name, among: known + DataConfiguration.builtIn)
      throw failure("unknown dataset '\(name)'\(advice)")
    }
    return try DatasetDescriptor(file: path, name: name)
  }
}

extension DatasetDescriptor.File {
  fileprivate init(_ settings: Settings) throws(Failure) {
    name = settings.text("name")
    guard !name.isEmpty, !name.contains("/"), !name.hasPrefix(".") else {
      throw settings.failure(at: "name", "expected the name of a file in the folder of the dataset")
    }
    sha256 = try settings.digest("sha256") ?? ""
    unpacked = try settings.digest("unpacked")
  }
}

extension Settings {
  /// 64 hexadecimal digits.
  fileprivate func digest(_ key: String) throws(Failure) -> String? {
    guard let text = optionalText(key) else { return nil }
    guard text.utf8.count == 64, text.allSatisfy(\.isHexDigit) else {
      throw failure(at: key, "expected 64 hexadecimal digits, found \(text.utf8.count) characters")
    }
    return text.lowercased()
  }
}
