package import Diagnostics
package import HDF5Files

/// The state of a run besides its tensors: named integers, numbers and texts.
package struct CheckpointState: Equatable, Sendable {
  private(set) var entries: [Entry] = []
  /// The file that the entries were read from, for failures.
  private var source = "a new checkpoint"

  struct Entry: Equatable, Sendable {
    let name: String
    let value: HDF5Attribute
  }

  /// The names that a checkpoint sets itself.
  static let reserved = ["format", "step", "tensor_digest"]

  package init() {}

  init(source: String, _ entries: [Entry]) {
    self.source = source
    self.entries = entries
  }

  package mutating func set(_ name: String, _ value: Int) { add(name, .integer(Int64(value))) }
  package mutating func set(_ name: String, _ value: Double) { add(name, .number(value)) }
  package mutating func set(_ name: String, _ values: [Double]) { add(name, .numbers(values)) }
  package mutating func set(_ name: String, _ value: String) { add(name, .text(value)) }

  private mutating func add(_ name: String, _ value: HDF5Attribute) {
    precondition(self[name] == nil && !Self.reserved.contains(name), "A state entry is set once")
    entries.append(Entry(name: name, value: value))
  }

  subscript(name: String) -> HDF5Attribute? { entries.first { $0.name == name }?.value }

  package var names: [String] { entries.map(\.name) }

  /// All entries.
  package var attributes: [(name: String, value: HDF5Attribute)] {
    entries.map { ($0.name, $0.value) }
  }

  package func integer(_ name: String) throws(Failure) -> Int {
    if case .integer(let value) = self[name] { return Int(value) }
    throw missing(name, "an integer")
  }

  package func number(_ name: String) throws(Failure) -> Double {
    if case .number(let value) = self[name] { return value }
    throw missing(name, "a number")
  }

  package func numbers(_ name: String) throws(Failure) -> [Double] {
    if case .numbers(let values) = self[name] { return values }
    throw missing(name, "a list of numbers")
  }

  package func text(_ name: String) throws(Failure) -> String {
    if case .text(let value) = self[name] { return value }
    throw missing(name, "a text")
  }

  private func missing(_ name: String, _ kind: String) -> Failure {
    let problem = self[name] == nil ? "has no" : "has another kind of"
    return Failure(.badData, "'\(source)' \(problem) state '\(name)', expected \(kind)")
  }

  /// Compares names and values, in any order and from any file.
  package static func == (a: Self, b: Self) -> Bool {
    a.entries.sorted { $0.name < $1.name } == b.entries.sorted { $0.name < $1.name }
  }
}
