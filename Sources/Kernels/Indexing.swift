/// Rows of a table by index.
///
/// Indices are checked where data enters the program.
package enum Indexing {
  package static func gather(
    _ y: UnsafeMutableRawPointer, _ table: UnsafeRawPointer, _ indices: UnsafePointer<Int32>,
    count: Int, rows: Int, rowBytes: Int
  ) {
    for i in 0..<count {
      unsafe precondition(indices[i] >= 0 && indices[i] < rows, "index outside the table")
      unsafe (y + i * rowBytes).copyMemory(
        from: table + Int(indices[i]) * rowBytes, byteCount: rowBytes)
    }
  }

  package static func scatterAdd(
    _ table: UnsafeMutablePointer<Float>, _ indices: UnsafePointer<Int32>,
    _ updates: UnsafePointer<Float>, count: Int, rows: Int, columns: Int
  ) {
    unsafe table.update(repeating: 0, count: rows * columns)
    for i in 0..<count {
      unsafe precondition(indices[i] >= 0 && indices[i] < rows, "index outside the table")
      unsafe Elementwise.accumulate(
        table + Int(indices[i]) * columns, updates + i * columns, columns)
    }
  }

  package static func oneHot(
    _ y: UnsafeMutablePointer<Float>, _ indices: UnsafePointer<Int32>, count: Int, classes: Int
  ) {
    unsafe y.update(repeating: 0, count: count * classes)
    for i in 0..<count {
      unsafe precondition(indices[i] >= 0 && indices[i] < classes, "index outside the classes")
      unsafe y[i * classes + Int(indices[i])] = 1
    }
  }
}
