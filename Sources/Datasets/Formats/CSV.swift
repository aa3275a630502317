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
    ] + CSVSettings.columnKeys + [
      Key("ignore", .list(of: .text), default: "[]", help: "columns that are left out"),
      Key(
        "standardise", .boolean, default: true,
        help: "bring the numbers of each column to mean 0 and deviation 1 over the training file"),
      Key(
        "separator", .choice(CSVSeparator.self), default: .absent,
        help: "what stands between fields; left out, the one that splits the header into most names"
      ),
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
  private(set) var settings: CSVSettings

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
    guard settings.hasSeparator else {
      var format = self
      format.settings.separator = try CSVSeparator(guessedFrom: files[0])
      format.settings.hasSeparator = true
      return try format.open(options)
    }
    if let window = settings.window { return try series(window, options) }
    if let column = options.split?.column, !settings.isNamed(column) {
      var format = self
      format.settings.ignored.append(column)
      return try format.open(options)
    }
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
    return (
      training, try Reader(testFile, content, count: records(testFile, content.columns))
    )
  }

  /// The columns as measured on the training file, or as a network knows them.
  private func content(
    _ options: ReadingOptions, counting parts: [SamplePart]?
  ) throws(Failure) -> CSVColumns.Content {
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
    guard let coded = known.coding.columns else { throw noTable(known) }
    let columns = CSVColumns(
      features: coded.features,
      target: settings.translation == nil ? settings.target : coded.target,
      separator: settings.separator, drops: settings.drops(of: coded), weight: settings.weight)
    let measured = try known.fixesTargets ? nil : measure(standardises: false)
    let count =
      if let parts { parts.count { $0 == .training } } else if let measured { measured.count } else
      {
        try records(files[0], columns)
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

  /// The number of records that are not dropped.
  private func records(_ path: String, _ columns: CSVColumns) throws(Failure) -> Int {
    let records = try CSVRecords(path, separator: settings.separator.byte)
    guard try records.next() else { return 0 }
    let header = records.texts
    let drops = header.indices.filter { columns.drops.contains(header[$0]) }
    var count = 0
    while try records.next() {
      // Whoever reads a record with too few fields says so.
      let row = CSVRow(header: header, records: records)
      if drops.isEmpty || records.count != header.count || !row.lacksValue(in: drops) { count += 1 }
    }
    return count
  }

  private final class Reader: SampleReader {
    private let table: CSVTable
    private let classes: CSVWords
    let count: Int
    /// Of the samples that were read; nil if they all count the same.
    private(set) var weights: [Float]?
    /// The set of each record, where the reader reads one set; nil: all that are not dropped are
    /// read.
    private let parts: [SamplePart]?
    private let part: SamplePart
    /// The number of records read so far.
    private var record = 0
    fileprivate(set) var heldOut: (any SampleReader)?

    init(
      _ path: String, _ content: CSVColumns.Content, count: Int, _ part: SamplePart = .training,
      of parts: [SamplePart]? = nil
    ) throws(Failure) {
      // Records that are held out may have words that the others do not.
      table = try CSVTable(
        path, content.columns, content.tokens, content.targetTokens, withTargets: true,
        takesUnknownWords: part != .training)
      classes = CSVWords(content.classes)
      self.count = count
      self.part = part
      self.parts = parts
      weights = content.columns.weight == nil ? nil : []
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
      case .label: .classes(names: classes.words)
      case .targets(let names): .values(shape: [names.count])
      case .translation(_, let steps, _): .classes(names: classes.words, shape: [steps])
      }
    }

    func read(
      _ count: Int, samples: UnsafeMutableRawBufferPointer, targets: UnsafeMutableRawBufferPointer
    ) throws(Failure) {
      guard let features = samples.baseAddress, let start = targets.baseAddress else { return }
      let (width, target, size) = (
        table.columns.width, table.columns.target, self.targets.byteCount
      )
      for sample in 0..<count {
        let row = try next()
        try unsafe table.encode(row, into: features + 4 * sample * width)
        let place = unsafe start + sample * size
        switch target {
        case .label: try unsafe table.encodeLabel(row, among: classes, into: place)
        case .targets: try unsafe table.encodeTargets(row, into: place)
        case .translation(_, let steps, let classes):
          try unsafe table.encodeTranslation(row, steps: steps, classes: classes, into: place)
        }
        if let weight = try table.weight(of: row) { weights?.append(weight) }
      }
    }

    /// The next record of the set.
    private func next() throws(Failure) -> CSVRow {
      while let row = try table.next() {
        defer { record += 1 }
        guard let parts else {
          if table.drops(row) { continue }
          return row
        }
        guard record < parts.count else {
          throw Failure(.badData, "'\(table.records.path)': became longer meanwhile")
        }
        if parts[record] == part { return row }
      }
      throw Failure(.badData, "'\(table.records.path)': became shorter meanwhile")
    }

    func read(
      _ rows: Range<Int>, ofField place: Int, into target: UnsafeMutableRawBufferPointer
    ) { unsafe table.fields[place].copy(rows, to: target) }
  }
}
