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
    ] + SeriesWindow.columnKeys + [
      Key(
        "text", .text, default: .absent,
        help: "the column of a text, whose tokens alone are the sample, with the field lengths"),
      Key(
        "translation", .text, default: .absent,
        help: "the column of what each text is translated to: its tokens, learned as those of the"
          + " text, and its end are the classes; the field previous has those before each step"),
    ] + TokenSettings.keys(unit: .absent, "; of a column of text, left out, words") + [
      Key(
        "length", .integer(in: 1...1_000_000), default: .absent,
        help: "the tokens of a sample: of longer texts the first ones count, behind shorter ones"
          + " is 0; left out, those of the longest text to learn from")
    ],
    help: "A text file with a header and a sample in each line.")

  let files: [String]
  let testFile: String?
  let settings: CSVSettings

  init(_ settings: Settings, folder: String) throws(Failure) {
    self.settings = try CSVSettings(settings, folder: folder)
    var files = [try locate(settings.text("training"), in: folder)]
    if let test = settings.optionalText("test") { files.append(try locate(test, in: folder)) }
    self.files = files + (self.settings.text?.tokens?.files ?? [])
    testFile = settings.optionalText("test") == nil ? nil : files[1]
  }

  /// One file with the columns of a coding.
  init(file: String, _ settings: CSVSettings) {
    files = [file]
    testFile = nil
    self.settings = settings
  }

  func open(
    _ options: ReadingOptions
  ) throws(Failure) -> (training: any SampleReader, test: (any SampleReader)?) {
    if let window = settings.window { return try series(window, options) }
    let parts = try options.split.map { split throws(Failure) in try self.parts(split) }
    let content = try content(options, counting: parts)
    func reader(of part: SamplePart) throws(Failure) -> Reader? {
      guard let parts else { return nil }
      let count = parts.count { $0 == part }
      return count == 0 ? nil : try Reader(files[0], content, count: count, part, of: parts)
    }
    let training =
      if let training = try reader(of: .training) { training } else {
        try Reader(files[0], content, count: content.count)
      }
    training.heldOut = try reader(of: .validation)
    let test = try reader(of: .test)
    guard test == nil, let testFile else { return (training, test) }
    return (training, try Reader(testFile, content, count: records(testFile)))
  }

  /// The columns as measured on the training file, or as a network knows them.
  private func content(
    _ options: ReadingOptions, counting parts: [SamplePart]?
  ) throws(Failure) -> CSVColumns.Content {
    var settings = settings
    if let column = options.split?.column, !settings.isNamed(column) {
      settings.ignored.append(column)
    }
    func measure(standardises: Bool) throws(Failure) -> CSVColumns.Content {
      try CSVColumns.measure(
        CSVRecords(files[0], separator: settings.separator.byte), settings,
        standardises: standardises, counting: parts)
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
      features: features,
      target: settings.translation == nil
        ? settings.target : known.coding.columns?.target ?? settings.target,
      separator: settings.separator)
    let measured = try known.fixesTargets ? nil : measure(standardises: false)
    let count =
      if let parts { parts.count { $0 == .training } } else if let measured { measured.count } else
      {
        try records(files[0])
      }
    return CSVColumns.Content(
      columns: columns, tokens: known.coding.tokens, targetTokens: known.coding.targetTokens,
      classes: measured?.classes ?? known.classes ?? [], count: count)
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
    /// The set of each record, where the reader reads one set; nil: all are read.
    private let parts: [SamplePart]?
    private let part: SamplePart
    /// The number of records read so far.
    private var record = 0
    fileprivate(set) var heldOut: (any SampleReader)?
    /// The tokens of each text, and the classes before each step of its translation.
    private var lengths: [Int32] = []
    private var previous: [Int32] = []

    init(
      _ path: String, _ content: CSVColumns.Content, count: Int, _ part: SamplePart = .training,
      of parts: [SamplePart]? = nil
    ) throws(Failure) {
      // Records that are held out may have words that the others do not.
      table = try CSVTable(
        path, content.columns, content.tokens, content.targetTokens, withTargets: true,
        takesUnknownWords: part != .training)
      classes = content.classes
      self.count = count
      self.part = part
      self.parts = parts
    }

    var shape: [Int] { [table.columns.width] }
    var number: Dataset.Number { table.columns.number }
    var fields: [Field] { table.columns.fields }
    var tokens: Tokeniser? { table.tokens }
    var targetTokens: Tokeniser? { table.targetTokens }
    var unknownCount: Int { table.unknownCount }
    var targetSource: String { table.records.path }
    var normalisation: Normalisation? { .identity }
    var columns: CSVColumns? { table.columns }

    var targets: TargetKind {
      switch table.columns.target {
      case .label: .classes(names: classes)
      case .targets(let names): .values(shape: [names.count])
      case .translation(_, let steps, _): .classes(names: classes, shape: [steps])
      }
    }

    func read(
      _ count: Int, samples: UnsafeMutableRawBufferPointer, targets: UnsafeMutableRawBufferPointer
    ) throws(Failure) {
      guard let features = samples.baseAddress, let start = targets.baseAddress else { return }
      for sample in 0..<count {
        let row = try next()
        lengths.append(
          try unsafe table.encode(row, into: features + 4 * sample * table.columns.width))
        let target = unsafe start + sample * self.targets.byteCount
        switch table.columns.target {
        case .label: try unsafe table.encodeLabel(row, among: classes, into: target)
        case .targets: try unsafe table.encodeTargets(row, into: target)
        case .translation(_, let steps, let classes):
          let labels = try unsafe table.encodeTranslation(row, steps: steps, into: target)
          let end = Int32(classes - 1)
          previous += [end] + labels.dropLast().map { $0 < 0 ? end : $0 }
        }
      }
    }

    /// The next record of the set.
    private func next() throws(Failure) -> CSVRow {
      while let row = try table.next() {
        defer { record += 1 }
        guard let parts else { return row }
        guard record < parts.count else {
          throw Failure(.badData, "'\(table.records.path)': became longer meanwhile")
        }
        if parts[record] == part { return row }
      }
      throw Failure(.badData, "'\(table.records.path)': became shorter meanwhile")
    }

    func read(
      _ rows: Range<Int>, ofField place: Int, into target: UnsafeMutableRawBufferPointer
    ) {
      guard place > 0 else { return unsafe lengths.copy(rows, to: target) }
      let steps = fields[place].size
      unsafe previous.copy(rows.lowerBound * steps..<rows.upperBound * steps, to: target)
    }
  }
}

extension [Int32] {
  /// Copies some numbers.
  func copy(_ places: Range<Int>, to target: UnsafeMutableRawBufferPointer) {
    unsafe self[places].withUnsafeBytes { unsafe target.copyMemory(from: $0) }
  }
}

/// The columns of a CSV file as a configuration describes them.
struct CSVSettings {
  let label: String?
  let targets: [String]
  let categorical: [String]
  var ignored: [String]
  let standardises: Bool
  let separator: CSVSeparator
  let window: SeriesWindow?
  /// The share of each series that is the test set.
  let testShare: Double?
  /// Nil if samples are no texts.
  let text: Text?
  /// The column of translations.
  let translation: String?

  /// A column of texts.
  struct Text {
    let column: String
    /// Nil for those of a network.
    let tokens: TokenSettings?
    /// Nil for that of the longest text.
    let length: Int?
  }

  enum Role { case number, category, label, target, text, translation, ignored }

  /// Those of a file with the columns of a coding.
  init(_ columns: CSVColumns) {
    switch columns.target {
    case .label(let name): (label, targets, translation) = (name, [], nil)
    case .targets(let names): (label, targets, translation) = (nil, names, nil)
    case .translation(let name, _, _): (label, targets, translation) = (nil, [], name)
    }
    (categorical, ignored, standardises) = ([], [], false)
    separator = columns.separator
    (window, testShare) = (columns.window, nil)
    text = columns.textLength.map {
      Text(column: columns.features[0].name, tokens: nil, length: $0)
    }
  }

  var target: CSVColumns.Target { label.map { .label($0) } ?? .targets(targets) }

  init(_ settings: Settings, folder: String) throws(Failure) {
    label = settings.optionalText("label")
    targets = settings.optionalValue("targets")?.list.map(\.text) ?? []
    categorical = settings.list("categorical").map(\.text)
    ignored = settings.list("ignore").map(\.text)
    standardises = settings.boolean("standardise")
    separator = settings.choice("separator")
    window = try SeriesWindow(settings)
    testShare = settings.optionalSection("window")?.optionalNumber("test")
    text = try settings.optionalText("text").map { column throws(Failure) in
      Text(
        column: column,
        tokens: try TokenSettings(settings, folder: folder, otherwise: .words),
        length: settings.optionalInteger("length"))
    }
    translation = settings.optionalText("translation")
    let foreign =
      text == nil ? ["tokens", "vocabulary", "length", "translation"] : ["window"]
    if let key = foreign.first(where: { settings.optionalValue($0) != nil }) {
      throw settings.failure(
        at: key,
        text == nil
          ? "is for a column of text: add text or leave it out"
          : "a sample is either a text or a window: leave one of them out")
    }
    guard text == nil || categorical.isEmpty else {
      throw settings.failure(at: "categorical", "a sample is the text alone: leave it out")
    }
    let given = [label != nil, !targets.isEmpty, translation != nil].count { $0 }
    guard given == 1 else {
      throw settings.failure(
        at: label == nil ? "training" : "label",
        "expected either label (a column of classes) or targets (columns of real numbers)"
          + (text == nil ? "" : " or translation (a column of texts)")
          + ", found \(given == 0 ? "neither" : given == 2 && text == nil ? "both" : "\(given)")")
    }
    guard window == nil || label == nil else {
      throw settings.failure(at: "label", "windows of a series have targets: name their columns")
    }
    guard testShare == nil || settings.optionalText("test") == nil else {
      throw settings.failure(
        at: "test", "the window has a share as test set: leave one of them out")
    }
  }

  /// Whether a column has a role of its own.
  func isNamed(_ column: String) -> Bool {
    ([label, text?.column, translation].compactMap(\.self) + targets + categorical + ignored)
      .contains(column)
  }

  /// The role of each column; every name must be that of a column, and have one role.
  func roles(of header: [String], in records: CSVRecords) throws(Failure) -> [Role] {
    var roles = header.map { _ in Role.number }
    let named: [([String], Role)] = [
      (label.map { [$0] } ?? [], .label), (targets, .target), (categorical, .category),
      (text.map { [$0.column] } ?? [], .text), (translation.map { [$0] } ?? [], .translation),
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
    // Nothing else is read beside a text.
    return text == nil ? roles : roles.map { $0 == .number ? .ignored : $0 }
  }
}
