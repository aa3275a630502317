internal import Datasets
package import Diagnostics
package import Execution
package import Graphs
internal import Networks

extension Experiment {
  /// Writes the inputs of a network's program for some samples of the training set.
  package func write(
    _ samples: ArraySlice<Int32>, of group: ParameterGroup, to bindings: any Bindings,
    random position: RandomPosition
  ) throws(Failure) {
    let loader = BatchLoader(inOrder: data.training)
    loader.load(Batch(samples: samples))
    task(of: group, on: loader).write(0..<samples.count, to: bindings, position)
    if let failure = loader.failure { throw failure }
    bindings.begin(true, samples: samples.count)
    try BatchScale(samples, of: self).write(to: bindings)
  }

  /// The inputs of the first step's program for some samples, for the reference evaluator.
  package func inputs(
    _ samples: ArraySlice<Int32>, random position: RandomPosition,
    convert: (Float) -> Double = { Double($0) }
  ) throws(Failure) -> [String: Tensor] {
    var tensors = try data.training.tensors(samples, convert: convert)
    let count = samples.count
    if !compiled.states.isEmpty {
      tensors[CarriedState.begins] = Tensor([count], [Double](repeating: 1, count: count))
    }
    for state in compiled.states {
      tensors[state.name] = Tensor(
        [count, state.size], [Double](repeating: 0, count: count * state.size))
    }
    guard let settings = compiled.adversaries?.settings else { return tensors }
    let noiseSource = NoiseSource(settings, seed: position.seed)
      .tensors(samples: samples.count, step: position.step, convert: convert)
    return tensors.merging(noiseSource) { $1 }
  }
}

extension NoiseSource {
  /// The random inputs of the first samples of a batch.
  fileprivate func tensors(
    samples count: Int, step: Int, convert: (Float) -> Double
  ) -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for (name, size) in inputs {
      let shape: Shape = size == 1 && name != "noise" ? [count] : [count, size]
      var numbers = [Float](repeating: 0, count: shape.count)
      unsafe numbers.withUnsafeMutableBufferPointer {
        unsafe write(name, $0, from: 0, step: step)
      }
      tensors[name] = Tensor(shape, numbers.map(convert))
    }
    return tensors
  }
}

extension Dataset {
  /// The numbers of a field, of any type, for some samples.
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

  /// All fields of some samples, for the reference evaluator; `convert` makes Double of a float.
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
  /// The shape of one sample in a program's input: a single real number is a vector of one.
  fileprivate var inputShape: [Int] {
    switch role {
    case .targets, .named: shape.isEmpty ? [1] : shape
    case .samples, .labels, .weights: shape
    }
  }
}
