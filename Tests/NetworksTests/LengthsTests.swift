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
}
