internal import Configuration
internal import Diagnostics

/// A column of numbers: x becomes (x - mean) / deviation.
package struct NumberColumn: ColumnKind, ColumnWriter {
  package let mean: Double
  package let deviation: Double
  /// What completes a missing value; nil where it is an error.
  let missing: Double?

  package init(mean: Double, deviation: Double, missing: Double? = nil) {
    self.mean = mean
    self.deviation = deviation
    self.missing = missing
  }

  var width: Int { 1 }

  func names(of column: String) -> [String] { [column] }

  var text: String {
    "mean: \(shortest(mean)), deviation: \(shortest(deviation))"
      + (missing.map { ", missing: \(shortest($0))" } ?? "")
  }

  @inline(__always)
  func write(
    _ column: Int, of row: CSVRow, into target: UnsafeMutablePointer<Float>
  ) throws(Failure) {
    let number =
      if let missing, row[column].isMissing { missing } else { try row.number(column) }
    unsafe target.pointee = Float((number - mean) / deviation)
  }

  struct Learner: ColumnLearner {
    private var statistics: NumberStatistics
    private let standardises: Bool

    init(_ policy: MissingPolicy, standardises: Bool) {
      statistics = NumberStatistics(policy)
      self.standardises = standardises
    }

    @inline(__always)
    mutating func learn(_ column: Int, of row: CSVRow) throws(Failure) {
      try statistics.add(try row.number(column, advice: true))
    }

    mutating func content(missing: Int) -> CSVColumns.Encoding? {
      guard let (moments, completion) = statistics.completed(missing: missing) else { return nil }
      let scale = standardises ? moments.standard : (mean: 0, deviation: 1)
      return .number(
        NumberColumn(mean: scale.mean, deviation: scale.deviation, missing: completion))
    }
  }
}

/// The mean and the deviation of numbers, of which missing ones are completed.
struct NumberStatistics {
  private let policy: MissingPolicy
  private var moments = Moments()
  /// Nil where the moments are enough.
  private var numbers: ColumnNumbers?

  init(_ policy: MissingPolicy) {
    self.policy = policy
    if policy == .median || policy == .most_frequent { numbers = ColumnNumbers() }
  }

  @inline(__always)
  mutating func add(_ number: Double) throws(Failure) {
    moments.add(number)
    if numbers != nil { try numbers?.append(number) }
  }

  /// The moments of all numbers, with so many missing ones completed, and what completes them; nil
  /// of no numbers.
  mutating func completed(missing count: Int) -> (moments: Moments, completion: Double?)? {
    guard moments.count > 0 else { return nil }
    let completion: Double? =
      switch policy {
      case .mean: moments.mean
      case .median: numbers?.median()
      case .most_frequent: numbers?.mostFrequent()
      case .drop, .error: nil
      }
    var moments = moments
    if let completion { moments.add(completion, times: count) }
    return (moments, completion)
  }
}
