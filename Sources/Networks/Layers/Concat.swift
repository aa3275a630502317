package import Configuration
internal import Diagnostics
package import Graphs

/// Joins its inputs along the channels: several layers, or what branches make of one.
package struct Concat: Layer, Configurable {
  package var branches: [LayerList]?

  package init(branches: [LayerList]? = nil) { self.branches = branches }

  package static let schema = Schema(
    "concat", Concat(), main: "branches",
    [
      Property(
        "branches", \.branches, .list(of: .layers(count: 0...1000), count: 2...1000),
        help: "Lists of layers; an empty one passes the input on. Left out, input is a list.")
    ],
    help: "Joins the channels or features of its inputs, or of what branches of layers make of one."
  )

  package func forward(
    _ inputs: [Value], in pass: inout ForwardPass
  ) throws(Misfit) -> Value {
    guard let branches else {
      guard inputs.count > 1 else {
        throw Misfit(
          "expected two inputs or more, as in concat: {input: [a, b]}, or branches of layers")
      }
      return try join(inputs, "input", in: &pass)
    }
    guard inputs.count == 1 else {
      throw Misfit("branches take one input, found \(inputs.count)", at: "input")
    }
    var parts: [Value] = []
    for (index, branch) in branches.enumerated() {
      parts.append(try pass.apply(branch, under: "/branch\(index + 1)", to: inputs[0]))
    }
    return try join(parts, "branch", in: &pass)
  }

  private func join(
    _ parts: [Value], _ noun: String, in pass: inout ForwardPass
  ) throws(Misfit) -> Value {
    let first = pass.shape(of: parts[0])
    for (index, part) in parts.enumerated() {
      let shape = pass.shape(of: part)
      guard shape.extents.dropLast() == first.extents.dropLast() else {
        throw Misfit(
          "\(noun) 1 is \(first.features), \(noun) \(index + 1) is \(shape.features): "
            + "only channels may differ", at: branches == nil ? "input" : "branches")
      }
    }
    return pass.builder.emit(.concatenate(axis: first.rank - 1), parts)
  }

  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    try forward([x], in: &pass)
  }
}
