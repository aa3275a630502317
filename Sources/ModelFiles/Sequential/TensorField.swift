internal import Diagnostics
internal import JSON

/// A tensor of a model of Neuron 2, as any of its three generations spells it.
struct TensorField {
  let depth: Int
  let rows: Int
  let columns: Int
  /// In the order depth, row, column.
  let values: [Float]

  var count: Int { values.count }

  init(_ field: Field) throws(Failure) {
    if let nested = try field.optional("value") {
      try self.init(nested: nested)
    } else {
      let storage = try field.required("storage")
      let size = try TensorSize(field.required("size"))
      guard let count = product([size.depth, size.rows, size.columns]) else {
        throw field.failure("a tensor of \(size) is more than there may be")
      }
      self.init(
        depth: size.depth, rows: size.rows, columns: size.columns,
        values: try storage.floats(count, "as the size \(size) says"))
    }
  }

  /// Lists of the form `value[depth][row][column]`; `[]` is the tensor of nothing.
  init(nested field: Field) throws(Failure) {
    let shape = field.numberCount == 0 ? [0, 0, 0] : try field.shape(rank: 3)
    let values = try field.floats(field.numberCount ?? 0, "in lists of three levels")
    self.init(depth: shape[0], rows: shape[1], columns: shape[2], values: values)
  }

  private init(depth: Int, rows: Int, columns: Int, values: [Float]) {
    self.depth = depth
    self.rows = rows
    self.columns = columns
    self.values = values
  }
}

/// The extents of a tensor.
struct TensorSize: CustomStringConvertible {
  let rows: Int
  let columns: Int
  let depth: Int

  private static let limit = 0...1 << 31

  init(_ field: Field) throws(Failure) {
    rows = try field.required("rows").integer(in: Self.limit)
    columns = try field.required("columns").integer(in: Self.limit)
    depth = try field.required("depth").integer(in: Self.limit)
    if let batch = try field.optional("batchCount"), try batch.integer(in: Self.limit) > 1 {
      throw batch.failure("expected a tensor of one sample, found one of several")
    }
  }

  init(_ shape: SampleShape) {
    switch shape {
    case .vector(let count): (rows, columns, depth) = (1, count, 1)
    case .map(let height, let width, let channels):
      (rows, columns, depth) = (height, width, channels)
    }
  }

  /// What layers see: one row alone is a vector.
  var shape: SampleShape {
    rows == 1 && depth == 1
      ? .vector(columns) : .map(height: rows, width: columns, channels: depth)
  }

  var isEmpty: Bool { rows == 0 || columns == 0 || depth == 0 }

  var description: String { "\(rows) rows, \(columns) columns and depth \(depth)" }
}
