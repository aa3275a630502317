internal import Diagnostics
internal import Files
internal import Glibc
internal import Processes

/// A table in time order, in memory: the rows of each series apart.
struct SeriesTable {
  let path: String
  let window: SeriesWindow
  /// The columns that are inputs, in the order of a row.
  private(set) var inputs: [Input]
  private(set) var series: [Series] = []

  /// A column of numbers, or of words, whose places are the numbers.
  struct Input {
    let name: String
    let isCategory: Bool
    fileprivate(set) var words: CSVWords
  }

  struct Series {
    /// In the column of groups; empty if the file is one series.
    let name: String
    /// Row by row, a number for each input.
    fileprivate(set) var numbers: [Double] = []
    /// Empty without time stamps.
    fileprivate(set) var times: [Double] = []
    /// Of each row.
    fileprivate(set) var lines: [Int32] = []

    var rows: Int { lines.count }
  }

  /// Reads a file; `known` are the columns of a network or of the training file, which then decide.
  init(
    _ path: String, _ settings: CSVSettings, _ window: SeriesWindow, known: [CSVColumns.Feature]?
  ) throws(Failure) {
    self.path = path
    self.window = window
    // A number and what separates it take two bytes, and become a Double and a Float.
    try MemoryLimits.require(
      6 * Int(fileStatus(path)?.st_size ?? 0), for: "the series of '\(path)'")
    let records = try CSVRecords(path, separator: settings.separator.byte)
    let header = try records.header()
    func place(_ name: String) throws(Failure) -> Int {
      guard let place = header.firstIndex(of: name) else {
        throw records.failure(
          "there is no column '\(name)'\(Suggestion.hint(for: name, among: header))")
      }
      return place
    }
    var columns: [Int] = []
    inputs = []
    if let known {
      for feature in known {
        columns.append(try place(feature.name))
        let words: [String]? = if case .category(let words) = feature.content { words } else { nil }
        inputs.append(
          Input(name: feature.name, isCategory: words != nil, words: CSVWords(words ?? [])))
      }
    } else {
      for (column, role) in try settings.roles(of: header, in: records).enumerated()
      where role != .ignored {
        columns.append(column)
        inputs.append(Input(name: header[column], isCategory: role == .category, words: CSVWords()))
      }
    }
    try read(
      records, header, columns, group: try window.group.map(place),
      time: try window.time.map(place), isKnown: known != nil)
    if known == nil { sortWords() }
    guard !series.isEmpty else { throw Failure(.badData, "'\(path)': holds no samples") }
  }

  private mutating func read(
    _ records: CSVRecords, _ header: [String], _ columns: [Int], group: Int?, time: Int?,
    isKnown: Bool
  ) throws(Failure) {
    var places: [String: Int] = [:]
    while let row = try records.next(under: header) {
      let name = try group.map { column throws(Failure) in try row.word(column) } ?? ""
      let place = places[name] ?? series.count
      if place == series.count {
        places[name] = place
        series.append(Series(name: name))
      }
      if let time {
        let stamp = try row.time(time)
        if let last = series[place].times.last, let line = series[place].lines.last, stamp <= last {
          let owner = name.isEmpty ? "" : " of '\(name)'"
          throw records.failure(
            stamp == last
              ? "the time stamp '\(row[time].text)'\(owner) stands twice, first in line \(line)"
              : "the time stamp '\(row[time].text)'\(owner) is before that of line \(line): "
                + "sort the file by time")
        }
        series[place].times.append(stamp)
      }
      for (input, column) in columns.enumerated() {
        let number =
          try inputs[input].isCategory
          ? Double(index(of: row, column, input, isKnown: isKnown))
          : row.number(column, advice: true)
        series[place].numbers.append(number)
      }
      series[place].lines.append(Int32(clamping: records.line))
    }
  }

  private static let wordLimit = 1000

  private mutating func index(
    of row: CSVRow, _ column: Int, _ input: Int, isKnown: Bool
  ) throws(Failure) -> Int {
    if isKnown { return try row.index(column, among: inputs[input].words) }
    let word = try row.value(column)
    let index = inputs[input].words.insert(word)
    guard index < Self.wordLimit else {
      throw row.failure(column, "has more than \(Self.wordLimit.grouped) different values")
    }
    return index
  }

  /// Words were met in any order.
  private mutating func sortWords() {
    for input in inputs.indices where inputs[input].isCategory {
      let sorted = CSVColumns.sorted(inputs[input].words.words)
      let places = inputs[input].words.words.map { Double(sorted.firstIndex(of: $0) ?? 0) }
      for place in series.indices {
        for row in 0..<series[place].rows {
          let number = row * inputs.count + input
          series[place].numbers[number] = places[Int(series[place].numbers[number])]
        }
      }
      inputs[input].words = CSVWords(sorted)
    }
  }

  /// The columns with scales that are measured on a part of each series.
  func features(measuredOn parts: [Range<Int>], standardises: Bool) -> [CSVColumns.Feature] {
    inputs.enumerated().map { place, input in
      guard !input.isCategory else {
        return CSVColumns.Feature(name: input.name, content: .category(input.words.words))
      }
      var moments = Moments()
      if standardises {
        for (series, part) in zip(series, parts) {
          for row in part { moments.add(series.numbers[row * inputs.count + place]) }
        }
      }
      let scale = standardises ? moments.standard : (mean: 0, deviation: 1)
      return CSVColumns.Feature(
        name: input.name, content: .number(mean: scale.mean, deviation: scale.deviation))
    }
  }

  /// The parts of each series: for training, for validation behind it, and for testing at its end.
  func split(
    validation: Double?, test: Double?
  ) -> (training: [Range<Int>], validation: [Range<Int>], test: [Range<Int>]) {
    var parts: (training: [Range<Int>], validation: [Range<Int>], test: [Range<Int>]) = ([], [], [])
    for series in series {
      func share(_ share: Double?, of rows: Int) -> Int {
        share.map { Int(($0 * Double(rows)).rounded()) } ?? 0
      }
      let testStart = series.rows - share(test, of: series.rows)
      let start = testStart - share(validation, of: testStart)
      parts.training.append(0..<start)
      parts.validation.append(start..<testStart)
      parts.test.append(testStart..<series.rows)
    }
    return parts
  }
}

extension CSVRow {
  /// The seconds of a time stamp.
  func time(_ column: Int) throws(Failure) -> Double {
    let word = try word(column)
    guard let time = TimeStamp.seconds(word) else {
      throw failure(
        column,
        "holds '\(word)', expected a time stamp as 2024-03-31 or "
          + "2024-03-31T13:00:00Z, or seconds since 1970")
    }
    return time
  }

}
