internal import Graphs

/// The parameters of a cell; a letter stands for the rows of a gate, in their order.
package struct CellTensors: Sendable {
  /// The gates with rows in `weight_ih`, in `weight_hh`, in both biases and in `weight_peephole`.
  var input: String
  var recurrent: String
  var bias: String
  var peephole = ""
  /// The gates that see those of the step before, through `weight_gate`.
  var gate = ""
  /// The states that can be learned.
  var states = ["h0"]
  /// The first value of a gate's `bias_ih`, if it is not 0.
  var firstBias: [Character: Double] = [:]

  init(_ gates: String) { (input, recurrent, bias) = (gates, gates, gates) }
}

/// A parameter before it has a value.
private struct CellTensor {
  let name: String
  let gates: String
  let shape: Shape
  let distribution: Distribution
}

extension RecurrentCell {
  /// The weights of a cell in their order, and its learned first states by name.
  func parameters(
    inputs: Int, _ suffix: String, in pass: inout ForwardPass
  ) throws(Misfit) -> (weights: CellWeights, learned: [String: Value]) {
    let given = recurrence.weights.tensors
    let (all, states) = (weightTensors(inputs: inputs), stateTensors)
    if let unknown = given.keys.sorted().first(where: { name in
      !(all + states).contains { $0.name == name }
        && (recurrence.attention == nil || !AdditiveAttention.names.contains(name))
    }) {
      throw Misfit("with these settings it has no \(unknown): leave that out", at: "weights")
    }
    func value(_ tensor: CellTensor) throws(Misfit) -> Value {
      do throws(Misfit) {
        return try pass.parameter(
          tensor.name + suffix, tensor.shape, tensor.distribution, given: given[tensor.name],
          constraint: ["weight_ih", "weight_hh"].contains(tensor.name)
            ? recurrence.constraint : nil)
      } catch {
        throw Misfit(
          error.message, at: error.key?.hasPrefix(tensor.name) == true ? "weights" : error.key)
      }
    }
    var weights = CellWeights(units: recurrence.units)
    for tensor in all { weights.append(tensor.name, tensor.gates, try value(tensor)) }
    var learned: [String: Value] = [:]
    for tensor in states { learned[tensor.name] = try value(tensor) }
    return (weights, learned)
  }

  private func weightTensors(inputs: Int) -> [CellTensor] {
    let (tensors, units) = (tensors, recurrence.units)
    func matrix(_ name: String, _ gates: String, _ columns: Int, _ initialiser: Initialiser?)
      -> CellTensor
    {
      CellTensor(
        name: name, gates: gates, shape: [gates.count * units, columns],
        distribution: initialiser?.distribution(
          fanIn: columns, fanOut: units, parts: gates.count) ?? standard)
    }
    func bias(_ name: String, _ first: [Character: Double]) -> CellTensor {
      let gates = recurrence.bias ? tensors.bias : ""
      let values = gates.flatMap { [Float](repeating: Float(first[$0] ?? 0), count: units) }
      return CellTensor(
        name: name, gates: gates, shape: [values.count],
        distribution: first.isEmpty ? .zeros : .given(values))
    }
    return [
      matrix("weight_ih", tensors.input, inputs, recurrence.initialiser),
      matrix("weight_hh", tensors.recurrent, units, recurrence.recurrentInitialiser),
      bias("bias_ih", tensors.firstBias), bias("bias_hh", [:]),
      CellTensor(
        name: "weight_peephole", gates: tensors.peephole, shape: [tensors.peephole.count, units],
        distribution: standard),
      matrix(
        "weight_gate", tensors.gate, tensors.gate.count * units, recurrence.recurrentInitialiser),
    ].filter { !$0.gates.isEmpty }
  }

  private var stateTensors: [CellTensor] {
    guard recurrence.initialState == .learned else { return [] }
    return tensors.states.map { name in
      CellTensor(name: name, gates: "", shape: [recurrence.units], distribution: .zeros)
    }
  }

  /// PyTorch's first weights of recurrent cells.
  private var standard: Distribution {
    .uniform(bound: 1 / Double(recurrence.units).squareRoot())
  }
}
