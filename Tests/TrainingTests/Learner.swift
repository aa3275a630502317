import Graphs
import Networks
import Optimizers

/// The weights of a network in one number type, one after the other, and how they are learnt.
struct Learner<Scalar: BinaryFloatingPoint> {
  let optimizer: Optimizer
  let parameters: [(name: String, shape: Shape, range: Range<Int>)]
  var weights: [Scalar] = []
  private var moments: [[Scalar]]
  private var step = 0

  init(_ network: Network, _ optimizer: Optimizer, from initial: [String: Tensor]) {
    self.optimizer = optimizer
    var parameters: [(name: String, shape: Shape, range: Range<Int>)] = []
    for parameter in network.parameters {
      let elements = initial[parameter.name]?.elements ?? []
      parameters.append(
        (parameter.name, parameter.shape, weights.count..<weights.count + elements.count))
      weights += elements.map { Scalar($0) }
    }
    self.parameters = parameters
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
    var all = weights + gradient + moments.joined()
    unsafe all.withUnsafeMutableBufferPointer { all in
      let parts = unsafe (0..<2 + moments.count).map { k in
        unsafe UnsafeMutableBufferPointer(rebasing: all[k * count..<(k + 1) * count])
      }
      unsafe optimizer.update(
        parts[0], gradient: UnsafeBufferPointer(parts[1]), moments: Array(parts[2...]),
        step: step, learningRate: optimizer.learningRate)
    }
    weights = Array(all[..<count])
    for k in moments.indices { moments[k] = Array(all[(k + 2) * count..<(k + 3) * count]) }
  }
}
