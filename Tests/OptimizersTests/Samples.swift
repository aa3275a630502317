import Configuration
import Optimizers

/// The parameters of one optimiser in one number type, owned by a test.
struct Run<Scalar: BinaryFloatingPoint> {
  private let learningRate: Double
  private let update: any UpdateFormula
  var weights: [Scalar]
  var moments: [[Scalar]]

  init(_ optimizer: any Optimizer, _ weights: [Scalar]) {
    learningRate = optimizer.learningRate
    update = optimizer.update
    self.weights = weights
    moments = optimizer.moments.map { _ in weights.map { _ in 0 } }
  }

  /// One step on a slice of the parameters.
  mutating func step(
    _ t: Int, _ gradient: [Scalar], _ slice: Range<Int>, rate: Double? = nil, decays: Bool = true
  ) {
    let count = weights.count
    let step = update.step(t, learningRate: rate ?? learningRate)
    var flat = weights + gradient + moments.joined()
    unsafe flat.withUnsafeMutableBufferPointer { flat in
      guard let start = flat.baseAddress else { return }
      unsafe update.apply(
        step, to: slice, of: start, gradient: start + count,
        moments: moments.indices.map { unsafe start + (2 + $0) * count }, decays: decays)
    }
    weights = Array(flat[..<count])
    for k in moments.indices { moments[k] = Array(flat[(k + 2) * count..<(k + 3) * count]) }
  }
}

func optimizer(_ text: String) throws -> any Optimizer {
  let schema = Record("test", keys: [Key("rule", .optimizer, help: "Rule.")], help: "Test.")
  return try Settings(text: "rule: \(text)", schema: schema).section("rule").optimizer()
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
  "{sgd: {learning_rate: 0.1, momentum: 0.5, weight_decay: 0.01}}",
  "{sgd: {learning_rate: 0.1, momentum: 0.9, nesterov: true, weight_decay: 0.01}}", "{adam: 0.1}",
  "{adam: {learning_rate: 0.1, beta1: 0, beta2: 0.9}}",
  "{adam: {learning_rate: 0.1, weight_decay: 0.01}}", "{adam: {learning_rate: 0.1, amsgrad: true}}",
  "{adamw: 0.1}", "{adamw: {learning_rate: 0.1, amsgrad: true}}", "{rmsprop: 0.1}",
  "{rmsprop: {learning_rate: 0.1, alpha: 0.9, weight_decay: 0.01}}",
  "{adagrad: {learning_rate: 0.1, weight_decay: 0.01}}",
]
