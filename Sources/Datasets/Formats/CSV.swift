internal import Configuration
internal import Diagnostics

/// A CSV file with a header and a sample in each line.
struct CSV: DescribedFormat {
  static let record = Record(
    "csv",
    keys: [
      Key("training", .text, help: "the file to learn from"),
      Key("test", .text, default: .absent, help: "a file with the same columns to be tested with"),
      Key("label", .text, default: .absent, help: "the column with the class of each sample"),
      Key(
        "targets", .list(of: .text, count: 1...1000), default: .absent,
        help: "the columns with real numbers to predict, where no label is given"),
      Key(
        "categorical", .list(of: .text), default: "[]",
        help: "columns of words: each word becomes a feature that is 1 or 0"),
      Key("ignore", .list(of: .text), default: "[]", help: "columns that are left out"),
      Key(
        "standardise", .boolean, default: true,
        help: "bring the numbers of each column to mean 0 and deviation 1 over the training file"),
      Key(
        "separator", .choice(CSVSeparator.self), default: "comma",
        help: "what stands between fields"),
      Key(
        "window", .record(SeriesWindow.splitRecord), default: .absent,
        help: "samples are windows of this many rows in time order, which also hold the targets'"
          + " columns; targets are those columns at the steps after"),
    ] + SeriesWindow.columnKeys,
    help: "A text file with a header and a sample in each line.")

  let files: [String]
  let settings: CSVSettings

  init(_ settings: Settings, folder: String) throws(Failure) {
    self.settings = try CSVSettings(settings)
    var files = [try locate(settings.text("training"), in: folder)]
    if let test = settings.optionalText("test") { files.append(try locate(test, in: folder)) }
    self.files = files
  }

  /// One file with the columns of a coding.
  init(file: String, _ settings: CSVSettings) {
    files = [file]
    self.settings = settings
  }

  func open(
    _ options: ReadingOptions
  ) throws(Failure) -> (training: any SampleReader, test: (any SampleReader)?) {
    if let window = settings.window { return try series(window, options) }
    let content = try content(options)
    let training = try Reader(files[0], content, count: content.count)
    guard files.count > 1 else { return (training, nil) }
    return (training, try Reader(files[1], content, count: records(files[1])))
  }

  /// The columns as measured on the training file, or as a network knows them.
  private func content(_ options: ReadingOptions) throws(Failure) -> CSVColumns.Content {
    func measure(standardises: Bool) throws(Failure) -> CSVColumns.Content {
      try CSVColumns.measure(
        CSVRecords(files[0], separator: settings.separator.byte), settings,
        standardises: standardises)
    }
    guard let known = options.known else {
      var content = try measure(standardises: options.standardises && settings.standardises)
      // Classes that are numbers may be more than those that occur.
      if let count = options.classes, content.classes.allSatisfy({ Int($0) != nil }) {
        content.classes = Dataset.Targets.numbered(count)
      }
      return content
    }
    guard let features = known.coding.columns?.features else { throw noTable(known) }
    let columns = CSVColumns(
      features: features, target: settings.target, separator: settings.separator)
    guard known.fixesTargets else {
      let measured = try measure(standardises: false)
      return CSVColumns.Content(
        columns: columns, classes: measured.classes, count: measured.count)
    }
    return CSVColumns.Content(
      columns: columns, classes: known.classes ?? [], count: try records(files[0]))
  }

  /// The failure of a table for a network that was trained on no table.
  func noTable(_ known: KnownCoding) -> Failure {
    Failure(
      .badData,
      "'\(files[0])': expected samples of \(known.coding.shape.text) "
        + "\(known.coding.number.rawValue) as in training, found a table")
  }

  private func records(_ path: String) throws(Failure) -> Int {
    let counted = try CSVRecords(path, separator: settings.separator.byte)
    var lines = -1
    while try counted.next() != nil { lines += 1 }
    return max(0, lines)
  }

  private final class Reader: SampleReader {
    private let table: CSVTable
    private let classes: [String]
    let count: Int

    init(_ path: String, _ content: CSVColumns.Content, count: Int) throws(Failure) {
      table = try CSVTable(path, content.columns, withTargets: true)
      classes = content.classes
      self.count = count
    }

    var shape: [Int] { [table.columns.width] }
    var number: Dataset.Number { .float32 }
    var targetSource: String { table.records.path }
    var normalisation: Normalisation? { .identity }
    var columns: CSVColumns? { table.columns }

    var targets: TargetKind {
      switch table.columns.target {
      case .label: .classes(names: classes)
      case .targets(let names): .values(shape: [names.count])
      }
    }

    func read(
      _ count: Int, samples: UnsafeMutableRawBufferPointer, targets: UnsafeMutableRawBufferPointer
    ) throws(Failure) {
      let numbers = unsafe samples.assumingMemoryBound(to: Float.self)
      guard let features = numbers.baseAddress, let start = targets.baseAddress else { return }
      for sample in 0..<count {
        guard let row = try table.next() else {
          throw Failure(.badData, "'\(table.records.path)': became shorter meanwhile")
        }
        try unsafe table.encode(row, into: features + sample * table.columns.width)
        let target = unsafe start + sample * self.targets.byteCount
        switch table.columns.target {
        case .label: try unsafe table.encodeLabel(row, among: classes, into: target)
        case .targets: try unsafe table.encodeTargets(row, into: target)
        }
      }
    }
  }
}

/// The columns of a CSV file as a configuration describes them.
struct CSVSettings {
  let label: String?
  let targets: [String]
  let categorical: [String]
  let ignored: [String]
  let standardises: Bool
  let separator: CSVSeparator
  let window: SeriesWindow?
  /// The share of each series that is the test set.
  let testShare: Double?

  enum Role { case number, category, label, target, ignored }

  /// Those of a file with the columns of a coding.
  init(_ columns: CSVColumns) {
    switch columns.target {
    case .label(let name): (label, targets) = (name, [])
    case .targets(let names): (label, targets) = (nil, names)
    }
    (categorical, ignored, standardises) = ([], [], false)
    separator = columns.separator
    (window, testShare) = (columns.window, nil)
  }

  var target: CSVColumns.Target { label.map { .label($0) } ?? .targets(targets) }

  init(_ settings: Settings) throws(Failure) {
    label = settings.optionalText("label")
    targets = settings.optionalValue("targets")?.list.map(\.text) ?? []
    categorical = settings.list("categorical").map(\.text)
    ignored = settings.list("ignore").map(\.text)
    standardises = settings.boolean("standardise")
    separator = settings.choice("separator")
    window = try SeriesWindow(settings)
    testShare = settings.optionalSection("window")?.optionalNumber("test")
    guard (label == nil) != targets.isEmpty else {
      throw settings.failure(
        at: label == nil ? "training" : "label",
        "expected either label (a column of classes) or targets (columns of real numbers), "
          + "found \(label == nil ? "neither" : "both")")
    }
    guard window == nil || label == nil else {
      throw settings.failure(at: "label", "windows of a series have targets: name their columns")
    }
    guard testShare == nil || settings.optionalText("test") == nil else {
      throw settings.failure(
        at: "test", "the window has a share as test set: leave one of them out")
    }
  }

  /// The role of each column; every name must be that of a column, and have one role.
  func roles(of header: [String], in records: CSVRecords) throws(Failure) -> [Role] {
    var roles = header.map { _ in Role.number }
    let named: [([String], Role)] = [
      (label.map { [$0] } ?? [], .label), (targets, .target), (categorical, .category),
      (ignored + [window?.group, window?.time].compactMap(\.self), .ignored),
    ]
    for (names, role) in named {
      for name in names {
        guard let column = header.firstIndex(of: name) else {
          throw records.failure(
            "there is no column '\(name)'\(Suggestion.hint(for: name, among: header))")
        }
        guard roles[column] == .number else {
          throw records.failure("column '\(name)' is named twice in the configuration")
        }
        roles[column] = role
      }
    }
    return roles
  }
}
