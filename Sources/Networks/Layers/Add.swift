package import Configuration
package import Graphs

/// The sum of several inputs, element by element.
package struct Add: MergingLayer {
  package init() {}

  package static let schema = Schema(
    "add", Add(),
    help: "The sum of its inputs; a vector is added to each place of a map or sequence.")

  package func merge(_ a: Value, _ b: Value, in builder: inout Builder) -> Value {
    builder.add(a, b)
  }
}

/// The product of several inputs, element by element.
package struct Multiply: MergingLayer {
  package init() {}

  package static let schema = Schema(
    "multiply", Multiply(),
    help: "The product of its inputs; a vector multiplies each place of a map or sequence.")

  package func merge(_ a: Value, _ b: Value, in builder: inout Builder) -> Value {
    builder.multiply(a, b)
  }
}

/// A layer of two inputs or more, of one shape, or vectors as long as the others have channels.
package protocol MergingLayer: Layer, Configurable {
  func merge(_ a: Value, _ b: Value, in builder: inout Builder) -> Value
}

extension MergingLayer {
  package func forward(
    _ inputs: [Value], in pass: inout ForwardPass
  ) throws(Misfit) -> Value {
    guard inputs.count > 1 else {
      throw Misfit(
        "expected two inputs or more, as in \(record.name): [a, b], found one", at: "input")
    }
    let shapes = inputs.map { pass.shape(of: $0) }
    let largest = shapes.indices.reduce(0) { shapes[$1].rank > shapes[$0].rank ? $1 : $0 }
    let shape = shapes[largest]
    let channels = shape[shape.rank - 1]
    var sum: Value?
    for (number, (input, own)) in zip(inputs, shapes).enumerated() {
      guard own == shape || own.extents == [shape[0], channels] else {
        throw Misfit(
          "input \(largest + 1) is \(shape.features), input \(number + 1) is \(own.features): "
            + "expected equal shapes\(shape.rank > 2 ? ", or a vector of \(channels)" : "")",
          at: "input")
      }
      let places = [Int](repeating: 1, count: shape.rank - own.rank)
      let whole = pass.builder.broadcast(
        pass.builder.reshape(input, Shape([shape[0]] + places + own.extents.dropFirst())), shape)
      sum = sum.map { merge($0, whole, in: &pass.builder) } ?? whole
    }
    return sum ?? inputs[0]
  }

  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    try forward([x], in: &pass)
  }
}
