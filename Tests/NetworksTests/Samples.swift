import Configuration
import Diagnostics
import Graphs
import Randomness

import Networks

/// The network of a model list as it would stand in `net.yaml`, its first layer on line 2; a list
/// of losses is one of outputs.
func network(
  _ layers: [String], loss: String = "cross_entropy", sample: Shape = [28, 28, 1],
  targets: TargetType = .classes(10), fields: [TargetType.NamedField] = [],
  isWeighted: Bool = false, set overrides: [String] = []
) throws(Failure) -> Network {
  let list = layers.isEmpty ? " []" : layers.map { "\n  - \($0)" }.joined()
  let key = loss.hasPrefix("[") ? "outputs" : "loss"
  let settings = try Settings(
    text: "model:\(list)\n\(key): \(loss)\n", source: "net.yaml", set: overrides,
    schema: Record("configuration", keys: Model.keys, help: "Test."))
  return try Network(
    settings, sample: sample, targets: targets, fields: fields, isWeighted: isWeighted)
}

let conv = [
  "conv: 16", "relu", "maxpool: 2", "conv: 32", "relu", "maxpool: 2", "flatten", "dense: 128",
  "relu", "dense: 10",
]

/// The first weights of a parameter.
func firstWeights(_ parameter: Parameter, seed: UInt64, from first: Int = 0, count: Int? = nil)
  -> [Float]
{
  unsafe [Float](unsafeUninitializedCapacity: count ?? parameter.count) { buffer, initialised in
    unsafe buffer.initialize(repeating: .nan)
    unsafe parameter.initialise(buffer, from: first, seed: seed)
    initialised = buffer.count
  }
}

/// Numbers from -1 to 1 for a named tensor, the same in every run.
func noise(_ shape: Shape, unit: Int) -> Tensor {
  let stream = RandomStream(seed: 7, purpose: .probe, unit: UInt16(unit))
  return Tensor(shape, (0..<shape.count).map { 2 * stream.uniformDouble(at: $0) - 1 })
}

/// The draws of dropout at a step.
func dropoutDraws(step: UInt64) -> ReferenceEvaluator.Random {
  { stream, shape in
    let stream = RandomStream(seed: 1, purpose: .dropout, unit: UInt16(stream), major: step)
    return (0..<shape.count).map { stream.uniformDouble(at: $0) }
  }
}
