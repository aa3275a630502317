internal import Checkpoints
internal import Diagnostics
internal import Graphs
internal import HDF5Files

/// The differences between two checkpoints of one model.
package struct CheckpointDifference: Sendable {
  /// An entry of the metadata that differs.
  package struct Entry: Sendable {
    package let name: String
    package let first: String
    package let second: String
  }

  /// A tensor that differs.
  package struct Tensor: Sendable {
    /// The path in the file: `weights/conv1/weight`.
    package let name: String
    package let count: Int
    package let differing: Int
    /// The index of the first element that differs, and its values.
    package let index: [Int]
    package let first: Float
    package let second: Float
    /// The maximum absolute difference over finite elements.
    package let greatest: Double

    /// The distance between the values of the first element in units in the last place.
    package var unitsInTheLastPlace: Int { abs(first.orderedBits - second.orderedBits) }
  }

  /// Entries of the configuration, coding, metrics and state.
  package private(set) var entries: [Entry] = []
  /// Tensors in the order of the file.
  package private(set) var tensors: [Tensor] = []

  package var isEmpty: Bool { entries.isEmpty && tensors.isEmpty }

  /// Compares two checkpoints.
  ///
  /// They contain nothing that depends on the clock.
  init(_ first: borrowing Checkpoint, _ second: borrowing Checkpoint) throws(Failure) {
    compareLines("config", first.configuration, second.configuration)
    compareLines("coding", first.coding, second.coding)
    compareLines("metrics", first.metrics, second.metrics)
    let (left, right) = (first.state.attributes, second.state.attributes)
    let names =
      left.map(\.name) + right.map(\.name).filter { name in !left.contains { $0.name == name } }
    for name in names {
      let values = [left, right].map { state in state.first { $0.name == name }?.value }
      if values[0] != values[1] { add("state/\(name)", values[0]?.text, values[1]?.text) }
    }
    guard first.tensorDigest != second.tensorDigest else { return }
    for group in try [.weights] + first.otherGroups() {
      guard try second.contains(group) else {
        add(group.path, "is there", nil)
        continue
      }
      let layout = try first.layout(of: group)
      try second.check(group, has: layout)
      for tensor in layout.tensors {
        compare(
          "\(group.path)/\(tensor.name)", tensor.shape, try first.values(of: tensor, in: group),
          try second.values(of: tensor, in: group))
      }
    }
  }

  private mutating func add(_ name: String, _ first: String?, _ second: String?) {
    entries.append(Entry(name: name, first: first ?? "nothing", second: second ?? "nothing"))
  }

  /// Adds the first line that differs.
  private mutating func compareLines(_ name: String, _ first: String, _ second: String) {
    guard first != second else { return }
    let lines = [first, second].map { $0.split(separator: "\n", omittingEmptySubsequences: false) }
    let place = (0..<max(lines[0].count, lines[1].count)).first { place in
      lines[0].element(place) != lines[1].element(place)
    }
    let found = place.map { place in lines.map { $0.element(place).map { "\($0)" } } }
    add(name, found?[0], found?[1])
  }

  private mutating func compare(
    _ name: String, _ shape: [Int], _ first: [Float], _ second: [Float]
  ) {
    let differing = first.indices.filter { first[$0].bitPattern != second[$0].bitPattern }
    guard let place = differing.first else { return }
    var rest = place
    let index = shape.reversed().map { extent in
      defer { rest /= extent }
      return rest % extent
    }
    let distances = differing.map { abs(Double(first[$0]) - Double(second[$0])) }
    tensors.append(
      Tensor(
        name: name, count: first.count, differing: differing.count, index: index.reversed(),
        first: first[place], second: second[place],
        greatest: distances.filter(\.isFinite).max() ?? .nan))
  }
}

extension Float {
  /// An integer that is ordered like the number; adjacent numbers have adjacent integers.
  fileprivate var orderedBits: Int {
    let bits = Int(bitPattern & 0x7fff_ffff)
    return sign == .minus ? -bits : bits
  }
}

extension HDF5Attribute {
  fileprivate var text: String {
    switch self {
    case .integer, .number, .numbers: description
    case .text(let value): value
    }
  }
}

extension Array {
  fileprivate func element(_ place: Int) -> Element? {
    indices.contains(place) ? self[place] : nil
  }
}
