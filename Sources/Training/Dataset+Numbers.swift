internal import Datasets
internal import Diagnostics
internal import Graphs

extension Dataset {
  /// The numbers of a field of some samples, which may be of any type.
  func numbers<Number>(
    of field: Field, _ samples: ArraySlice<Int32>, _ integer: (Int) -> Number,
    _ real: (Float) -> Number
  ) throws(Failure) -> [Number] {
    func read<Stored>(_ zero: Stored) throws(Failure) -> [Stored] {
      var numbers = [Stored](repeating: zero, count: samples.count * field.size)
      try unsafe numbers.withUnsafeMutableBufferPointer { numbers throws(Failure) in
        try unsafe copy(field, of: samples, into: UnsafeMutableRawBufferPointer(numbers))
      }
      return numbers
    }
    return switch field.number {
    case .uint8: try read(UInt8(0)).map { integer(Int($0)) }
    case .int32: try read(Int32(0)).map { integer(Int($0)) }
    case .float32: try read(Float(0)).map(real)
    }
  }

  /// All fields as the reference evaluator takes them; `convert` is how it reads a float.
  func tensors(
    _ samples: ArraySlice<Int32>, convert: (Float) -> Double = { Double($0) }
  ) throws(Failure) -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for field in fields {
      let numbers = try numbers(of: field, samples, { Double($0) }, convert)
      tensors[field.name] = Tensor(Shape([samples.count] + field.inputShape), numbers)
    }
    return tensors
  }
}

extension Field {
  /// The shape of one sample's part in a program, where a single real number is a vector of one.
  fileprivate var inputShape: [Int] {
    switch role {
    case .targets, .named: shape.isEmpty ? [1] : shape
    case .samples, .labels, .weights: shape
    }
  }
}
