internal import Diagnostics

/// The problems of single records of a table, gathered while it is read and told in one line.
///
/// Reading ends at the twentieth problem; missing values alone are counted to the end of the file.
struct CSVProblems {
  private let file: CSVRecords
  private let header: [String]
  private var found: [Problem] = []
  /// The number of missing values by column.
  private var missing: [Int: Int] = [:]
  /// The number of problems besides missing values.
  private var others = 0
  private var records = 0

  private static let limit = 20

  private struct Problem {
    let line: Int
    /// Nil of a whole record.
    let column: Int?
    let failure: Failure
  }

  init(of file: CSVRecords, under header: [String]) {
    self.file = file
    self.header = header
  }

  /// The next record that has as many fields as the header, nil at the end.
  mutating func next() throws(Failure) -> CSVRow? {
    while true {
      do throws(Failure) {
        guard try file.next() else { return nil }
      } catch {
        // Nothing is known of what is behind a wrong quote.
        try add(Problem(line: file.line, column: nil, failure: error), isLast: true)
      }
      records += 1
      guard let misfit = file.misfit(to: header) else {
        return CSVRow(header: header, records: file)
      }
      try add(Problem(line: file.line, column: nil, failure: misfit))
    }
  }

  /// Reads a field of a record; if that fails, it is noted.
  @inline(__always)
  mutating func note(
    _ column: Int, of row: CSVRow, _ body: () throws(Failure) -> Void
  ) throws(Failure) {
    do throws(Failure) { try body() } catch { try note(error, column, of: row) }
  }

  /// Notes that a field cannot be read.
  mutating func note(_ error: Failure, _ column: Int, of row: CSVRow) throws(Failure) {
    guard error.code == .badData else { throw error }
    let problem = Problem(line: file.line, column: column, failure: error)
    guard row[column].isMissing else { return try add(problem) }
    missing[column, default: 0] += 1
    if found.count < Self.limit { found.append(problem) }
  }

  private mutating func add(_ problem: Problem, isLast: Bool = false) throws(Failure) {
    found.append(problem)
    others += 1
    if isLast || others == Self.limit, let failure { throw failure }
  }

  /// Throws if there were problems; columns without any value are named once.
  func check() throws(Failure) {
    guard let failure else { return }
    let empty = missing.filter { $0.value == records && records > 1 }.keys.sorted()
    guard let column = empty.first else { throw failure }
    let names = empty.prefix(Self.limit).map { header[$0].clipped }.joined(separator: ", ")
    let last = found.first { $0.column == column }?.failure ?? failure
    throw Failure(
      last.code,
      "\(file.path):\(file.line): column '\(header[column].clipped)' has no value in all "
        + "\(records.grouped) records up to here"
        + (empty.count == 1 ? "" : ", nor have \((empty.count - 1).grouped) other columns")
        + ": leave out by ignore: [\(names)]")
  }

  /// The first problem, and the others in short.
  private var failure: Failure? {
    let sorted = found.sorted { ($0.line, $0.column ?? 0) < ($1.line, $1.column ?? 0) }
    guard let first = sorted.first else { return nil }
    let more = others + missing.values.reduce(-1, +)
    if more == 0 { return first.failure }
    let told = sorted.dropFirst().prefix(Self.limit - 1)
    let untold = more - told.count
    return Failure(
      first.failure.code,
      "\(first.failure.message); \(more.grouped) more problem\(more == 1 ? "" : "s"): "
        + told.map(text).joined(separator: "; ")
        + (untold == 0 ? "" : "; and \(untold.grouped) others"))
  }

  /// A problem without the name of the file, and without what to do about it.
  private func text(_ problem: Problem) -> String {
    let place = Failure(.badData, "\(file.path):\(problem.line): ").message
    let message = problem.failure.message.dropFirst(place.count)
    let quote = message.lastIndex(of: "'") ?? message.startIndex
    let advice = [": ", "; "].compactMap { message[quote...].firstRange(of: $0)?.lowerBound }.min()
    return "line \(problem.line), \(message[..<(advice ?? message.endIndex)])"
  }
}

extension CSVRecords {
  /// The failure of a target that is the same in all records, at the last of them.
  func onlyValue(_ value: String, of column: String, _ purpose: String) -> Failure {
    failure(
      "column '\(column.clipped)' holds \(value) in all records up to here: there is nothing to "
        + "learn, choose another \(purpose)")
  }
}
