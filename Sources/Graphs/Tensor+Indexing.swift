extension Tensor {
  func gathered(at indices: Tensor, to shape: Shape) throws(ProgramError) -> Tensor {
    let width = self.shape.count / self.shape[0]
    var result = Tensor(shape, repeating: 0)
    for (row, index) in indices.elements.enumerated() {
      let source = try Tensor.row(index, of: self.shape[0])
      for column in 0..<width {
        result.elements[row * width + column] = elements[source * width + column]
      }
    }
    return result
  }

  func scattered(at indices: Tensor, to shape: Shape) throws(ProgramError) -> Tensor {
    let width = shape.count / shape[0]
    var result = Tensor(shape, repeating: 0)
    for (row, index) in indices.elements.enumerated() {
      let target = try Tensor.row(index, of: shape[0])
      for column in 0..<width {
        result.elements[target * width + column] += elements[row * width + column]
      }
    }
    return result
  }

  func oneHot(to shape: Shape) throws(ProgramError) -> Tensor {
    let classes = shape[shape.rank - 1]
    var result = Tensor(shape, repeating: 0)
    for (row, index) in elements.enumerated() {
      result.elements[row * classes + (try Tensor.row(index, of: classes))] = 1
    }
    return result
  }

  private static func row(_ index: Double, of rows: Int) throws(ProgramError) -> Int {
    guard let row = Int(exactly: index), (0..<rows).contains(row) else {
      throw ProgramError("index \(index) is outside 0..<\(rows)")
    }
    return row
  }
}
