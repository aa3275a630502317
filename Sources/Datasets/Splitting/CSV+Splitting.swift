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
    let own = settings.leavingOut(split.column)
    let drops = own.drops(of: header, try own.roles(of: header, in: records))
    var keys = SampleKeys()
    // Dropped records are in no set and do not count.
    var (named, kept, count): ([SamplePart], [Bool], Int) = ([], [], 0)
    while let row = try records.next(under: header) {
      kept.append(!row.lacksValue(in: drops))
      guard kept.last == true else { continue }
      count += 1
      guard let column else { continue }
      switch split.method {
      case .column: named.append(try row.part(column))
      // Whoever reads the record says what a missing class means.
      case .stratified: keys.add(row[column].isMissing ? nil : row[column].className)
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
      return try split.parts(of: count, keys, in: "'\(files[0])'\(place)").spread(over: kept)
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
    return named.spread(over: kept)
  }
}

extension [SamplePart] {
  /// The same with `none` for each record that is not kept.
  fileprivate func spread(over kept: [Bool]) -> [SamplePart] {
    var next = 0
    return kept.map { isKept in
      guard isKept else { return .none }
      next += 1
      return self[next - 1]
    }
  }
}

extension CSVField {
  /// A class by the name that it has among others: `1.0` is `1`.
  fileprivate var className: String { wholeNumber.map { "\($0)" } ?? text }
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
      throw failure(column, "holds '\(self[column].shown)', expected train, validation or test")
    }
  }
}
