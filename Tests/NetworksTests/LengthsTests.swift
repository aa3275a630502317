import Configuration
import Diagnostics
import Graphs
import Networks
import Testing

/// What layers say of a field that they read as lengths of sequences.
@Suite struct LengthsTests {
  /// A layer that does nothing with them.
  private struct Reader: Layer {
    let field: String
    let steps: Int
    let record = Record("reader", keys: [], help: "Test.")

    func settings() throws(Failure) -> Settings { try Settings(record, [:]) }

    func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
      let lengths = try pass.lengths(field, steps: steps)
      #expect(pass.shape(of: lengths) == [pass.shape(of: x)[0]])
      return x
    }
  }

  private func network(_ readers: [Reader]) throws -> Network {
    try Network(
      Model(LayerList(readers.map { $0.node() } + [Dense(units: 3).node()]), loss: CrossEntropy()),
      sample: [5], targets: .classes(3),
      fields: [
        .init("lengths", NumberType.int32, []), .init("bytes", NumberType.uint8, [1]),
        .init("reals", NumberType.float32, []), .init("pairs", NumberType.int32, [2]),
      ])
  }

  @Test func theShortestSequencesLimitThem() throws {
    let network = try network([
      Reader(field: "lengths", steps: 9), Reader(field: "bytes", steps: 300),
      Reader(field: "lengths", steps: 4), Reader(field: "lengths", steps: 6),
    ])
    #expect(network.lengthLimits == ["lengths": 4, "bytes": 300])
    #expect(try self.network([]).lengthLimits.isEmpty)
  }

  @Test(arguments: [
    ("length", "the data have no field 'length' (did you mean 'lengths'?)"),
    ("reals", "the field 'reals' is 1 float32: lengths are one whole number for each sample"),
    ("pairs", "the field 'pairs' is 2 int32: lengths are one whole number for each sample"),
  ])
  func otherFieldsAreRefused(_ field: String, _ message: String) {
    let failure = #expect(throws: Failure.self) {
      try network([Reader(field: field, steps: 4)])
    }
    #expect(failure?.message.contains(message) == true, "\(failure?.message ?? "")")
  }

  /// The mean over the steps that count is that of sequences without the others, and so are the
  /// gradients; what stands behind them changes no bit.
  @Test func aMeanOverStepsThatCount() throws {
    let (lengths, steps, width) = ([1, 4, 2], 4, 3)
    func program(_ pool: String, steps: Int, samples: Int) throws -> Program {
      try NetworksTests.network(
        ["dense: 5", "tanh", pool, "dense: 2"], loss: "mse", sample: [steps, width],
        targets: .values(2), fields: [.init("lengths", NumberType.int32, [])]
      ).trainingProgram(samples: samples)
    }
    let parameters = [
      "dense1/weight": Tensor([5, 3], (0..<15).map { Double($0 * 7 % 11) / 11 - 0.4 }),
      "dense1/bias": Tensor([5], (0..<5).map { Double($0) / 9 }),
      "dense2/weight": Tensor([2, 5], (0..<10).map { Double($0 * 3 % 7) / 7 - 0.5 }),
      "dense2/bias": Tensor([2], [0.1, -0.2]),
    ]
    let numbers = (0..<3 * steps * width).map { Double($0 * 13 % 29) / 29 - 0.5 }
    let targets = (0..<6).map { Double($0) / 5 }
    func run(
      _ program: Program, _ numbers: [Double], _ targets: ArraySlice<Double>, _ lengths: [Int]
    ) throws -> [String: Tensor] {
      let count = lengths.count
      return try ReferenceEvaluator(program).evaluate(
        inputs: [
          "samples": Tensor([count, numbers.count / count / width, width], numbers),
          "targets": Tensor([count, 2], Array(targets)), "scale": Tensor([1], [1]),
          "lengths": Tensor([count, 1], lengths.map(Double.init)),
        ], parameters: parameters)
    }
    let whole = try program("global_avgpool: {lengths: lengths}", steps: steps, samples: 3)
    let found = try run(whole, numbers, targets[...], lengths)
    var sums: [String: [Double]] = [:]
    for (sample, length) in lengths.enumerated() {
      let first = sample * steps * width
      let alone = try run(
        program("global_avgpool", steps: length, samples: 1),
        Array(numbers[first..<first + length * width]), targets[2 * sample..<2 * sample + 2],
        [length])
      for (name, tensor) in alone where name.hasPrefix("gradient/") {
        sums[name] = zip(sums[name] ?? tensor.elements.map { _ in 0 }, tensor.elements).map(+)
      }
      let predictions = try #require(found["predictions"]).elements
      let expected = try #require(alone["predictions"]).elements
      expectClose(predictions[2 * sample..<2 * sample + 2], expected)
    }
    #expect(sums.count == 4)
    for (name, sum) in sums {
      let gradient = try #require(found[name]).elements
      expectClose(gradient[...], sum)
    }
    let other = numbers.enumerated().map { place, number in
      place / width % steps < lengths[place / width / steps] ? number : 1e9
    }
    let changed = try run(whole, other, targets[...], lengths)
    for (name, tensor) in found { #expect(changed[name]?.elements == tensor.elements, "\(name)") }
  }

  private func expectClose(_ numbers: ArraySlice<Double>, _ expected: [Double]) {
    #expect(numbers.count == expected.count)
    for (one, other) in zip(numbers, expected) { #expect(abs(one - other) < 1e-12) }
  }

  @Test func aMeanOverRowsHasNoLengths() {
    let failure = #expect(throws: Failure.self) {
      try NetworksTests.network(
        ["global_avgpool: {lengths: lengths}", "dense: 2"], sample: [4, 3, 2],
        targets: .classes(2), fields: [.init("lengths", NumberType.int32, [])])
    }
    #expect(
      failure?.message.contains("needs a sequence (steps x features), found a map") == true,
      "\(failure?.message ?? "")")
  }
}
