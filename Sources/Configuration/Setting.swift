/// A setting after it was checked against its kind.
package enum Setting: Equatable, Sendable {
  case integer(Int)
  case number(Double)
  case boolean(Bool)
  case text(String)
  case choice(String)
  case timespan(Timespan)
  /// The values of a record.
  case section(Settings)
  /// The values of one record among several; its name says which.
  case variant(Settings)
  case list([Setting])
  /// Values by names that the file chose, in its order.
  case map([Entry])

  package struct Entry: Equatable, Sendable {
    package let name: String
    package let value: Setting
  }
}
