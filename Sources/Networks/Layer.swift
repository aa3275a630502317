package import Configuration
package import Diagnostics
package import Graphs

/// A layer of a network: a struct of settings and one function that only builds graph.
///
/// The function is also the shape inference: it reads the shapes that the builder knows and throws
/// a `Misfit` where the graph's type rules would trap.
package protocol Layer: Sendable {
  /// Its name in a file, and its keys; inputs and names are those of every `Node`.
  var record: Record { get }

  /// The settings that a file would write to build it.
  func settings() throws(Failure) -> Settings

  /// Which of its parameters training leaves as they are.
  var freeze: Frozen? { get }

  /// Writes the layer applied to its inputs, each `[n, h, w, c]`, `[n, steps, f]` or `[n, f]`.
  func forward(_ inputs: [Value], in pass: inout ForwardPass) throws(Misfit) -> Value

  /// Writes the layer applied to one input.
  func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value
}

extension Layer {
  package var freeze: Frozen? { nil }

  package func forward(
    _ inputs: [Value], in pass: inout ForwardPass
  ) throws(Misfit) -> Value {
    guard inputs.count == 1 else {
      throw Misfit("takes one input, found \(inputs.count)", at: "input")
    }
    return try forward(inputs[0], in: &pass)
  }
}

extension Layer where Self: Configurable {
  package var record: Record { Self.schema.record }
}

/// Why a layer does not fit its inputs, and the key to blame, before the place is known.
package struct Misfit: Error {
  let key: String?
  let message: String
  /// The failure of a layer inside the layer, which has its place already.
  let failure: Failure?

  init(_ message: String, at key: String? = nil) {
    self.key = key
    self.message = message
    failure = nil
  }

  init(_ failure: Failure) {
    key = nil
    message = failure.message
    self.failure = failure
  }
}
