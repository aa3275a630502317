import Graphs
import Networks
import Optimizers

/// The weights of a network in one number type, one after the other, and how they are learnt.
struct Learner<Scalar: BinaryFloatingPoint> {
  private let learningRate: Double
  private let update: any UpdateFormula
  let parameters: [(name: String, shape: Shape, range: Range<Int>)]
  private let trained: [(range: Range<Int>, decays: Bool)]
  /// The ranges that are running averages, and how fast they move.
  private let averages: [(range: Range<Int>, momentum: Double)]
  var weights: [Scalar] = []
  private var moments: [[Scalar]]
  private var step = 0

  init(_ network: Network, _ optimizer: any Optimizer, from initial: [String: Tensor]) {
    self.init(network.parameters, optimizer, from: initial)
  }

  init(_ list: [Parameter], _ optimizer: any Optimizer, from initial: [String: Tensor]) {
    learningRate = optimizer.learningRate
    update = optimizer.update
    var parameters: [(name: String, shape: Shape, range: Range<Int>)] = []
    for parameter in list {
      let elements = initial[parameter.name]?.elements ?? []
      parameters.append(
        (parameter.name, parameter.shape, weights.count..<weights.count + elements.count))
      weights += elements.map { Scalar($0) }
    }
    self.parameters = parameters
    trained = zip(list, parameters).compactMap { parameter, place in
      parameter.role == .trained ? (place.range, parameter.decays) : nil
    }
    averages = zip(list, parameters).compactMap { parameter, place in
      if case .average(let momentum) = parameter.role { (place.range, momentum) } else { nil }
    }
    let count = weights.count
    moments = optimizer.moments.map { _ in [Scalar](repeating: 0, count: count) }
  }

  var tensors: [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for (name, shape, range) in parameters {
      tensors[name] = Tensor(shape, weights[range].map { Double($0) })
    }
    return tensors
  }

  mutating func update(by gradient: [Scalar]) {
    step += 1
    let count = weights.count
    let step = self.update.step(step, learningRate: learningRate)
    var all = weights + gradient + moments.joined()
    unsafe all.withUnsafeMutableBufferPointer { all in
      guard let start = all.baseAddress else { return }
      let moments = unsafe moments.indices.map { unsafe start + (2 + $0) * count }
      for (range, decays) in trained {
        unsafe self.update.apply(
          step, to: range, of: start, gradient: start + count, moments: moments, decays: decays)
      }
    }
    weights = Array(all[..<count])
    for (range, momentum) in averages {
      for i in range { weights[i] += Scalar(momentum) * (gradient[i] - weights[i]) }
    }
    for k in moments.indices { moments[k] = Array(all[(k + 2) * count..<(k + 3) * count]) }
  }
}
