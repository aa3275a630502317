internal import Diagnostics
internal import Execution
internal import Graphs
internal import Randomness
internal import Training

/// The effect of float32 rounding on the loss and its gradients at a point.
///
/// The gradients are computed several times. Each time, every result and every term of a sum is
/// changed at random by at most one rounding error. So the growth of errors is measured, not
/// bounded.
struct RoundingNoise {
  /// The norm of the error of each parameter's gradient; infinite if float32 overflows.
  let gradients: [Double]
  let loss: Double
  /// Whether rounding changed the outcome of a comparison; an engine may then be beyond a kink.
  let changesChoices: Bool

  private static let samples = 8
  /// An engine adds in another order, so its error may be greater than that of all samples.
  private static let caution = 8.0

  /// The same error in Double, whose rounding errors are 2^-29 of those of float32.
  func inDouble(_ error: Double) -> Double { error * 0x1p-29 }

  init(
    _ loss: ReferenceLoss, of parameters: [String], at weights: ReferenceLoss.Weights,
    seed: UInt64, on pool: WorkerPool
  ) throws(Failure) {
    let exact = try loss.steps(at: weights)
    let samples = try pool.map(Self.samples) { (sample) throws(Failure) in
      let rounding = Float32Rounding(seed: seed, sample: sample)
      let values = try loss.steps(at: weights) { rounding.round($0, $1) }
      func error(of output: String) -> [Double] {
        zip(loss.output(output, in: values), loss.output(output, in: exact)).map { $0 - $1 }
      }
      return (
        gradients: parameters.map { error(of: "gradient/\($0)").norm },
        loss: abs(1 / loss.scale.targets * error(of: "losses").reduce(0, +)),
        changesChoices: !loss.choicesAreEqual(values, exact)
      )
    }
    func greatest(_ errors: some Sequence<Double>) -> Double {
      Self.caution * errors.reduce(0) { $1.isNaN ? .infinity : max($0, $1) }
    }
    gradients = parameters.indices.map { place in greatest(samples.map { $0.gradients[place] }) }
    self.loss = greatest(samples.map(\.loss))
    changesChoices = samples.contains(where: \.changesChoices)
  }
}

/// Changes numbers at random by at most the unit roundoff of float32.
private final class Float32Rounding {
  private let seed: UInt64
  private let sample: Int
  private var tensors: UInt64 = 0

  init(seed: UInt64, sample: Int) {
    self.seed = seed
    self.sample = sample
  }

  func round(_ tensor: Tensor, _ times: Int) -> Tensor {
    defer { tensors += 1 }
    let stream = RandomStream(
      seed: seed, purpose: .probe, major: tensors, minor: UInt32(3 + sample))
    // Independent errors grow with the square root of their number.
    let unit = 0x1p-24 * Double(times).squareRoot()
    var draws = [Float](repeating: 0, count: tensor.elements.count)
    unsafe draws.withUnsafeMutableBufferPointer { unsafe stream.fill(uniform: $0) }
    var tensor = tensor
    for i in tensor.elements.indices {
      // A number that float32 holds exactly is not rounded.
      let exact = tensor.elements[i]
      if times == 1, Double(Float(exact)) == exact { continue }
      let element = exact * (1 + unit * (2 * Double(draws[i]) - 1))
      tensor.elements[i] =
        if abs(element) < Double(Float.leastNormalMagnitude) {
          0
        } else if abs(element) > Double(Float.greatestFiniteMagnitude) {
          element > 0 ? .infinity : -.infinity
        } else {
          element
        }
    }
    return tensor
  }
}

extension WorkerPool {
  /// The results of `body` for the numbers below `count`, computed by all workers.
  func map<Value>(
    _ count: Int, _ body: @escaping (Int) throws(Failure) -> Value
  ) throws(Failure) -> [Value] {
    var results = [Result<Value, Failure>?](repeating: nil, count: count)
    unsafe results.withUnsafeMutableBufferPointer { buffer in
      let results = unsafe buffer
      run { worker in
        for i in stride(from: worker, to: count, by: self.count) {
          unsafe results[i] = Result { () throws(Failure) in try body(i) }
        }
      }
    }
    var values: [Value] = []
    for result in results { if let value = try result?.get() { values.append(value) } }
    return values
  }
}

extension Sequence<Double> {
  var norm: Double { reduce(0) { $0 + $1 * $1 }.squareRoot() }

  /// The greatest number; not-a-number if one is.
  var greatest: Double { reduce(0) { $0.isNaN || $1 <= $0 ? $0 : $1 } }
}
