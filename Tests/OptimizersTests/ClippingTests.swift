import Configuration
import Diagnostics
import Optimizers
import TestSupport
import Testing

@Suite struct ClippingTests {
  static let schema = Record(
    "test", keys: [Key("clip", .record(Clipping.record), default: .absent, help: "Bound.")],
    help: "Test.")

  private func clipping(_ text: String) throws -> Clipping? {
    try Settings(text: "clip: \(text)", schema: ClippingTests.schema).optionalSection("clip")
      .map { section throws(Failure) in try Clipping(section) }
  }

  private func clipped<Scalar: BinaryFloatingPoint>(
    _ clipping: Clipping, _ gradient: [Scalar], norm: Double
  ) -> [Scalar] {
    var gradient = gradient
    unsafe gradient.withUnsafeMutableBufferPointer { gradient in
      guard let start = gradient.baseAddress else { return }
      unsafe clipping.apply(to: gradient.indices, of: start, norm: norm)
    }
    return gradient
  }

  @Test func readsItsForms() throws {
    #expect(try clipping("{norm: 1.5}") == Clipping(norm: 1.5))
    #expect(try clipping("{value: {limit: 0.5}}") == Clipping(value: 0.5))
    #expect(try clipping("1.0") == Clipping(norm: 1))
    #expect(try clipping("{value: 0.5, norm: 2}") == Clipping(norm: 2, value: 0.5))
    #expect(try clipping("null") == nil)
  }

  @Test(arguments: ["norm", "{norm: 0}", "{value: -1}", "{nrom: 1}", "{norm: .inf}", "{}", "0"])
  func refuses(_ text: String) {
    #expect(throws: Failure.self) { try clipping(text) }
  }

  /// Made with PyTorch.
  @Test func shortensALongGradient() {
    let result = clipped(Clipping(norm: 1), [3.0, 4, 12], norm: 13)
    for (a, b) in zip(result, [0.230769213, 0.307692284, 0.923076852]) {
      #expect(isClose(a, b, relative: 0, absolute: 6e-10))
    }
  }

  /// clip_grad_norm_, then clip_grad_value_, as PyTorch computes them one after the other.
  @Test func withBothTheNormComesFirst() {
    let result = clipped(Clipping(norm: 1, value: 0.25), [3.0, 4, -12], norm: 13)
    for (a, b) in zip(result, [0.230769213, 0.25, -0.25]) {
      #expect(isClose(a, b, relative: 0, absolute: 6e-10))
    }
  }

  /// The gradient keeps its bits: there is no factor of nearly one.
  @Test(arguments: [13.000002, 14, 1e30])
  func leavesAShortGradient(_ limit: Double) {
    #expect(clipped(Clipping(norm: limit), [3.0, 4, 12], norm: 13) == [3, 4, 12])
  }

  @Test func aNormAtTheLimitIsJustBelowIt() {
    #expect(clipped(Clipping(norm: 13), [3.0, 4, 12], norm: 13)[2] < 12)
  }

  @Test func cutsElements() {
    let gradient: [Float] = [-3, -0.5, -0.25, -0.0, 0, 0.25, 0.5, 0.75, 1e30]
    #expect(
      clipped(Clipping(value: 0.5), gradient, norm: 9)
        == [-0.5, -0.5, -0.25, -0.0, 0, 0.25, 0.5, 0.5, 0.5])
  }
}
