internal import Graphs

/// The weights of a cell, as its step reads them.
package struct CellWeights {
  private let units: Int
  private var tensors: [(name: String, gates: String)] = []
  /// In the order of the tensors.
  private(set) var values: [Value] = []
  /// What a step reads beside its input; its weights stand behind those of the input.
  private var context: Value?

  init(units: Int) { self.units = units }

  mutating func append(_ name: String, _ gates: String, _ value: Value) {
    tensors.append((name, gates))
    values.append(value)
  }

  /// The same tensors as other values: those inside a loop.
  func holding(_ values: [Value], beside context: Value?) -> CellWeights {
    var weights = self
    weights.values = values
    weights.context = context
    return weights
  }

  /// x·Wᵀ + b + h·Uᵀ of all gates, side by side; b is the sum of both biases.
  func sums(_ x: Value, _ h: Value, in builder: inout Builder) -> Value {
    let biases = ["bias_ih", "bias_hh"].compactMap { rows(of: $0, in: &builder) }
    let bias = biases.first.map { builder.add($0, biases[1]) }
    bias.map { builder.name($0, "b") }
    let fromInput = builder.sum([
      product(x, "weight_ih", in: &builder), bias.map { broadcast($0, beside: x, in: &builder) },
    ])
    let sums = builder.sum([fromInput, product(h, "weight_hh", in: &builder)])
    builder.name(sums, "a")
    return sums
  }

  /// x·Wᵀ + b of the weights and bias of the input (`ih`) or the state (`hh`), for gates that stand
  /// side by side; gates without weights are their bias.
  func affine(_ x: Value, _ side: String, _ gates: String, in builder: inout Builder) -> Value? {
    let bias = rows(of: "bias_\(side)", gates, in: &builder)
    let terms = [
      product(x, "weight_\(side)", gates, in: &builder),
      bias.map { broadcast($0, beside: x, in: &builder) },
    ]
    return terms.contains { $0 != nil } ? builder.sum(terms) : nil
  }

  /// x·Wᵀ, for some gates or for all; nil where they have no weights.
  func product(
    _ x: Value, _ name: String, _ gates: String? = nil, in builder: inout Builder
  ) -> Value? {
    guard let rows = rows(of: name, gates, in: &builder) else { return nil }
    guard name == "weight_ih", let context else {
      return builder.matrixProduct(x, rows, transposeRight: true)
    }
    // Apart, so that the product with the input leaves the loop.
    let (shape, width) = (builder.shape(of: rows), builder.shape(of: x)[1])
    func product(_ x: Value, _ columns: AxisRange, in builder: inout Builder) -> Value {
      let part = builder.emit(.slice([AxisRange(start: 0, count: shape[0]), columns]), rows)
      return builder.matrixProduct(x, part, transposeRight: true)
    }
    return builder.add(
      product(x, AxisRange(start: 0, count: width), in: &builder),
      product(context, AxisRange(start: width, count: shape[1] - width), in: &builder))
  }

  /// A gate's part of numbers for gates side by side.
  func part(
    _ gate: Character, of sums: Value, _ gates: String, in builder: inout Builder
  ) -> Value {
    guard let place = Array(gates).firstIndex(of: gate) else {
      preconditionFailure("no gate '\(gate)' in \(gates)")
    }
    let count = builder.shape(of: sums)[0]
    let part = builder.emit(
      .slice([AxisRange(start: 0, count: count), AxisRange(start: place * units, count: units)]),
      sums)
    builder.name(part, "a_\(gate)")
    return part
  }

  /// What a gate sees of the cell: each unit its own number times a weight; nil where it sees none.
  func peephole(_ gate: Character, at cell: Value, in builder: inout Builder) -> Value? {
    rows(of: "weight_peephole", String(gate), in: &builder).map { weight in
      let weight = builder.reshape(weight, [units])
      return builder.multiply(cell, builder.broadcast(weight, over: builder.shape(of: cell)))
    }
  }

  /// The rows of gates in a tensor; nil where it has none of them.
  private func rows(
    of name: String, _ gates: String? = nil, in builder: inout Builder
  ) -> Value? {
    guard let place = tensors.firstIndex(where: { $0.name == name }) else { return nil }
    guard let gates else { return values[place] }
    guard let range = tensors[place].gates.firstRange(of: gates) else { return nil }
    let shape = builder.shape(of: values[place])
    let rows = shape[0] / tensors[place].gates.count
    let first = tensors[place].gates[..<range.lowerBound].count
    let others = shape.extents.dropFirst().map { AxisRange(start: 0, count: $0) }
    return builder.emit(
      .slice([AxisRange(start: first * rows, count: gates.count * rows)] + others), values[place])
  }

  private func broadcast(_ bias: Value, beside x: Value, in builder: inout Builder) -> Value {
    builder.broadcast(bias, over: [builder.shape(of: x)[0], builder.shape(of: bias)[0]])
  }
}

extension Builder {
  /// The sum of the values that are there, of which there is one at least.
  mutating func sum(_ terms: [Value?]) -> Value {
    let terms = terms.compactMap(\.self)
    return terms.dropFirst().reduce(terms[0]) { add($0, $1) }
  }

  mutating func sigmoid(_ x: Value) -> Value { emit(.unary(.sigmoid), x) }
  mutating func tanh(_ x: Value) -> Value { emit(.unary(.tanh), x) }

  /// (1 - share)·a + share·b, as a + share·(b - a).
  mutating func mix(_ a: Value, _ b: Value, by share: Value) -> Value {
    add(a, multiply(share, subtract(b, a)))
  }
}
