internal import Configuration

/// What becomes of a record in which a column has no value.
enum MissingPolicy: String, CaseIterable, Sendable {
  /// The value is completed by one of the training samples.
  case mean, median, most_frequent
  /// The record is left out.
  case drop
  case error
}

/// What a configuration says of missing values.
struct MissingValues {
  /// Of the columns that are not named.
  private let others: MissingPolicy
  private let named: [String: MissingPolicy]

  /// The name that stands for all other columns.
  static let all = "all"

  static let kind = Kind.oneOf([
    .choice(MissingPolicy.self), .map(of: .choice(MissingPolicy.self)),
  ])

  /// All values must be there, but in records that lack one of some columns and are dropped.
  init(dropping columns: [String] = []) {
    others = .error
    named = Dictionary(columns.map { ($0, .drop) }) { first, _ in first }
  }

  init(_ setting: Setting) {
    guard case .map(let entries) = setting else {
      others = MissingPolicy(rawValue: setting.text) ?? .error
      named = [:]
      return
    }
    let policies = entries.compactMap { entry in
      MissingPolicy(rawValue: entry.value.text).map { (entry.name, $0) }
    }
    named = Dictionary(policies.filter { $0.0 != Self.all }) { _, last in last }
    others = policies.last { $0.0 == Self.all }?.1 ?? .error
  }

  var names: [String] { named.keys.sorted() }

  /// The policy of a column by its name.
  func named(_ column: String) -> MissingPolicy? { named[column] }

  /// The policy of the other columns, if it is among some.
  func others(among policies: [MissingPolicy]) -> MissingPolicy? {
    policies.contains(others) ? others : nil
  }

  subscript(column: String) -> MissingPolicy { named[column] ?? others }
}
