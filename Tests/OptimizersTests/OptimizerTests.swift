import Configuration
import Diagnostics
import Optimizers
import TestSupport
import Testing

/// The parameters of one optimiser in one number type, owned by a test.
struct Run<Scalar: BinaryFloatingPoint> {
  let optimizer: Optimizer
  var weights: [Scalar]
  var moments: [[Scalar]]

  init(_ optimizer: Optimizer, _ weights: [Scalar]) {
    self.optimizer = optimizer
    self.weights = weights
    moments = optimizer.moments.map { _ in weights.map { _ in 0 } }
  }

  /// One step on a slice of the parameters.
  mutating func step(_ t: Int, _ gradient: [Scalar], _ slice: Range<Int>, rate: Double? = nil) {
    let rate = rate ?? optimizer.learningRate
    let count = optimizer.moments.count
    var flat = weights[slice] + gradient[slice] + moments.flatMap { $0[slice] }
    unsafe flat.withUnsafeMutableBufferPointer { flat in
      let parts = unsafe (0..<count + 2).map { k in
        unsafe UnsafeMutableBufferPointer(
          rebasing: flat[k * slice.count..<(k + 1) * slice.count])
      }
      unsafe optimizer.update(
        parts[0], gradient: UnsafeBufferPointer(parts[1]), moments: Array(parts[2...]), step: t,
        learningRate: rate)
    }
    weights.replaceSubrange(slice, with: flat.prefix(slice.count))
    for k in moments.indices {
      let part = flat.dropFirst((k + 2) * slice.count).prefix(slice.count)
      moments[k].replaceSubrange(slice, with: part)
    }
  }
}

func optimizer(_ text: String) throws -> Optimizer {
  let schema = Record("test", keys: [Key("rule", Optimizer.kind, help: "Rule.")], help: "Test.")
  return Optimizer(try Settings(text: "rule: \(text)", schema: schema).section("rule"))
}

/// Uniform numbers from -1 to 1 by a linear congruential generator.
func noise(_ count: Int, seed: UInt64) -> [Float] {
  var state = seed
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(Int32(truncatingIfNeeded: state >> 32)) / 2_147_483_648
  }
}

let rules = [
  "{sgd: 0.1}", "{sgd: {learning_rate: 0.1, momentum: 0.9}}",
  "{sgd: {learning_rate: 0.1, momentum: 0.5, weight_decay: 0.01}}", "{adam: 0.1}",
  "{adam: {learning_rate: 0.1, beta1: 0, beta2: 0.9}}",
  "{adam: {learning_rate: 0.1, weight_decay: 0.01}}",
]

@Suite struct OptimizerTests {
  /// The weight after each of the gradients 1, 1, -1, 0.5, 0.01, beginning at 1; made independently.
  @Test(arguments: [
    ("{adam: 0.1}", [0.900000001, 0.800000002, 0.773800740, 0.737050930, 0.705686430]),
    (
      "{adam: {learning_rate: 0.1, weight_decay: 0.01}}",
      [0.900000001, 0.800002596, 0.773010073, 0.735480988, 0.703238375]
    ),
    (
      "{adam: {learning_rate: 0.1, beta1: 0, beta2: 0.9}}",
      [0.900000001, 0.800000002, 0.900000001, 0.843455460, 0.842154671]
    ),
    ("{sgd: {learning_rate: 0.1, momentum: 0.9}}", [0.9, 0.71, 0.639, 0.5251, 0.42159]),
    ("{sgd: 0.1}", [0.9, 0.8, 0.9, 0.85, 0.849]),
  ])
  func followsTheTables(_ rule: String, _ expected: [Double]) throws {
    var run = Run<Double>(try optimizer(rule), [1])
    for (t, gradient) in [1, 1, -1, 0.5, 0.01].enumerated() {
      run.step(t + 1, [gradient], 0..<1)
      #expect(isClose(run.weights[0], expected[t], relative: 0, absolute: 6e-10))
    }
  }

  @Test(arguments: [(2.0, -0.000999999995), (1e-8, -0.0005)])
  func firstAdamStepIsTheRate(_ gradient: Double, _ expected: Double) throws {
    var run = Run<Double>(try optimizer("adam"), [0])
    run.step(1, [gradient], 0..<1)
    #expect(isClose(run.weights[0], expected, relative: 1e-8))
  }

  @Test(arguments: rules) func singlePrecisionFollowsDouble(_ rule: String) throws {
    let start = noise(1000, seed: 1)
    var single = Run<Float>(try optimizer(rule), start)
    var double = Run<Double>(try optimizer(rule), start.map { Double($0) })
    for t in 1...10 {
      let gradient = noise(1000, seed: UInt64(t + 1))
      single.step(t, gradient, 0..<1000)
      double.step(t, gradient.map { Double($0) }, 0..<1000)
    }
    for (a, b) in zip(single.weights, double.weights) {
      #expect(isClose(Double(a), b, relative: 1e-5, absolute: 2e-5))
    }
  }

  @Test(arguments: rules) func slicesGiveTheBitsOfTheWhole(_ rule: String) throws {
    var whole = Run<Float>(try optimizer(rule), noise(1003, seed: 1))
    var sliced = whole
    for t in 1...5 {
      let gradient = noise(1003, seed: UInt64(t + 1))
      whole.step(t, gradient, 0..<1003)
      for slice in [0..<1, 1..<14, 14..<14, 14..<77, 77..<640, 640..<1003] {
        sliced.step(t, gradient, slice)
      }
    }
    #expect(whole.weights.map(\.bitPattern) == sliced.weights.map(\.bitPattern))
    #expect(
      whole.moments.map { $0.map(\.bitPattern) } == sliced.moments.map { $0.map(\.bitPattern) })
  }

  @Test(arguments: rules) func lateStepsStayFinite(_ rule: String) throws {
    var run = Run<Float>(try optimizer(rule), noise(64, seed: 1))
    for t in [1, 2, 1000, 1_000_000, Int(Int32.max), Int.max] {
      run.step(t, noise(64, seed: 2), 0..<64)
      run.step(t, [Float](repeating: 0, count: 64), 0..<64)
    }
    #expect(run.weights.allSatisfy { $0.isFinite })
  }

  @Test func namesMomentsLikePyTorch() throws {
    let names = try ["sgd", "{sgd: {momentum: 0.9}}", "adam"].map { try optimizer($0).moments }
    #expect(names == [[], ["momentum_buffer"], ["exp_avg", "exp_avg_sq"]])
  }

  @Test(arguments: rules) func notANumberIsNotHidden(_ rule: String) throws {
    var run = Run<Float>(try optimizer(rule), noise(40, seed: 1))
    run.step(1, [Float](repeating: .nan, count: 40), 0..<40)
    #expect(run.weights.allSatisfy { $0.isNaN })
  }

  @Test func usesTheRateOfTheStep() throws {
    var run = Run<Double>(try optimizer("{sgd: 0.1}"), [1])
    run.step(1, [1], 0..<1, rate: 0.25)
    #expect(run.weights == [0.75])
  }

  @Test(arguments: [
    ("{adam: 0}", "rule.adam.learning_rate: expected a number above 0 and at most 1000"),
    ("{adam: 1e30}", "found '1e30'"), ("{sgd: {momentum: 1}}", "of at least 0 and below 1"),
    ("{adam: {beta1: .nan}}", "found '.nan'"),
    ("{adam: {leraning_rate: 1}}", "in rule.adam (did you mean 'learning_rate'?)"),
    ("adma", "unknown optimizer 'adma' in rule (did you mean 'adam'?)"),
  ])
  func refuses(_ rule: String, _ message: String) {
    let failure = #expect(throws: Failure.self) { try optimizer(rule) }
    #expect(failure?.message.contains(message) == true)
  }
}
