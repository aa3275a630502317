package import Configuration
package import Graphs

/// Adds to each step of a sequence what says where it stands: learned vectors, or waves of
/// different lengths (Vaswani and others 2017).
package struct Positions: Layer, Configurable {
  package var form: Form
  package var initialiser: Initialiser
  package var freeze: Frozen?

  package enum Form: String, CaseIterable, SettingValue {
    case learned, sinusoidal
  }

  package init(_ form: Form, initialiser: Initialiser = .normal(deviation: 0.02)) {
    self.form = form
    self.initialiser = initialiser
  }

  package static let schema = Schema(
    "positions", Positions(.learned), main: "form",
    [
      Property(
        "form", \.form, isRequired: true,
        help: "A learned vector for each step, or sines and cosines of the step at different "
          + "speeds, in turn."),
      Property(
        "init", \.initialiser, help: "How the first vectors are drawn, if they are learned."),
      .freeze(\.freeze, [.weight], help: "Whether the vectors stay as they are."),
    ], help: "Adds to each step of a sequence a vector that says where it stands.")

  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let x = try pass.sequence(x)
    let shape = pass.shape(of: x)
    let vectors: Value
    switch form {
    case .learned: vectors = try learned(shape, in: &pass)
    case .sinusoidal: vectors = try waves(shape, in: &pass)
    }
    return pass.builder.add(x, pass.builder.broadcast(vectors, shape))
  }

  private func learned(_ shape: Shape, in pass: inout ForwardPass) throws(Misfit) -> Value {
    let steps = pass.context ?? shape[1]
    let table = try pass.parameter(
      "weight", [steps, shape[2]],
      initialiser.distribution(fanIn: shape[2], fanOut: steps))
    guard pass.isStep else {
      let first = pass.builder.slice(table, axis: 0, 0..<shape[1])
      return pass.builder.reshape(first, [1, shape[1], shape[2]])
    }
    let rows = pass.builder.emit(.gather, table, pass.position())
    return pass.builder.reshape(rows, shape)
  }

  /// sin(t / 10000^(2i / c)) is feature 2i of step t, its cosine feature 2i + 1.
  private func waves(_ shape: Shape, in pass: inout ForwardPass) throws(Misfit) -> Value {
    guard shape[2] % 2 == 0 else {
      throw Misfit(
        "adds pairs of a sine and a cosine, and each step has \(shape[2]) features, an odd number")
    }
    let (cosines, sines) = pass.turns(steps: shape[1], pairs: shape[2] / 2) {
      Shape($0.extents + [1])
    }
    let rows = pass.shape(of: sines)[0]
    return pass.builder.reshape(
      pass.builder.emit(.concatenate(axis: 3), sines, cosines), [rows, shape[1], shape[2]])
  }
}
