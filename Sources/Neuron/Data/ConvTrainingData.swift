/// The extents of a map.
public typealias TensorSize = (rows: Int, columns: Int, depth: Int)

/// A map and its target.
public struct ConvTrainingData: Equatable, Sendable {
  /// For each channel its rows, and for each row its columns.
  public var data: [[[Float]]]
  /// A number for each output; one-hot for classes.
  public var label: [Float]

  /// A map and its target.
  public init(data: [[[Float]]], label: [Float]) {
    self.data = data
    self.label = label
  }
}

extension ConvTrainingData {
  /// Appends its numbers with channels last; false if the size differs.
  func append(to numbers: inout [Float], as size: TensorSize) -> Bool {
    guard data.count == size.depth,
      data.allSatisfy({ $0.count == size.rows && $0.allSatisfy { $0.count == size.columns } })
    else { return false }
    for row in 0..<size.rows {
      if size.depth == 1 {
        numbers += data[0][row]
      } else {
        for column in 0..<size.columns { numbers += data.map { $0[row][column] } }
      }
    }
    return true
  }
}
