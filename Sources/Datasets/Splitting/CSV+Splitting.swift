internal import Diagnostics

extension SplitSettings {
  /// The column that sets follow from and that is no feature by itself.
  var column: String? {
    switch method {
    case .group(let column), .column(let column): column
    case .random, .stratified, .end: nil
    }
  }
}

extension CSV {
  /// The set of each record of the training file.
  func parts(_ split: SplitSettings) throws(Failure) -> [SamplePart] {
    let records = try CSVRecords(files[0], separator: settings.separator.byte)
    let header = try records.header()
    guard split.test == nil || testFile == nil else {
      throw Failure(
        .badConfiguration,
        "data.test: the dataset has the test file '\(testFile ?? "")': leave one of them out")
    }
    if split.method == .stratified, settings.label == nil {
      throw Failure(
        .badConfiguration,
        "data.split: stratified needs a label, a column of classes, and '\(files[0])' has targets: "
          + "use random or group")
    }
    let name = split.method == .stratified ? settings.label : split.column
    let column = try name.map { name throws(Failure) in
      guard let column = header.firstIndex(of: name) else {
        throw records.failure(
          "there is no column '\(name)' to split by\(Suggestion.hint(for: name, among: header))")
      }
      return column
    }
    let drops = settings.drops(of: header, try settings.roles(of: header, in: records))
    var keys = SampleKeys()
    var (named, count): ([SamplePart], Int) = ([], 0)
    var isDropped: [Bool] = []
    while let row = try records.next(under: header) {
      isDropped.append(row.lacksValue(in: drops))
      if isDropped[isDropped.count - 1] { continue }
      count += 1
      guard let column else { continue }
      switch split.method {
      case .column: named.append(try row.part(column))
      // Whoever reads the record says what a missing class means.
      case .stratified: keys.add(row[column].isMissing ? nil : row[column].text)
      default: keys.add(try row.word(column))
      }
    }
    if let limit = split.limit, limit > count {
      throw Failure(
        .badConfiguration,
        "data.train_samples: expected at most the \(count.grouped) samples of '\(files[0])', found "
          + "\(limit)")
    }
    guard case .column(let name) = split.method else {
      let place = name.map { ", column '\($0)'" } ?? ""
      return try split.parts(of: count, keys, in: "'\(files[0])'\(place)").spread(isDropped)
    }
    for record in min(count, split.limit ?? count)..<count { named[record] = .none }
    guard named.contains(.training) else {
      throw Failure(.badData, "'\(files[0])': column '\(name)' has no record for train")
    }
    guard testFile == nil || !named.contains(.test) else {
      throw Failure(
        .badData,
        "'\(files[0])': column '\(name)' has records for test, and the dataset has a test file: "
          + "leave one of them out")
    }
    return named.spread(isDropped)
  }
}

extension [SamplePart] {
  /// The sets of all records, of which these are those that are not dropped.
  fileprivate func spread(_ isDropped: [Bool]) -> [SamplePart] {
    var rest = makeIterator()
    return isDropped.map { $0 ? .none : rest.next() ?? .none }
  }
}

extension CSVRow {
  /// The set that a column names.
  fileprivate func part(_ column: Int) throws(Failure) -> SamplePart {
    let word = try word(column)
    switch word.lowercased() {
    case "train", "training": return .training
    case "validation", "valid", "val", "dev": return .validation
    case "test": return .test
    default:
      throw failure(
        column, "holds '\(word)', expected train, validation or test")
    }
  }
}
