internal import Configuration
internal import Diagnostics
internal import Graphs

/// A value of the graph, not the setting of the same name.
typealias Value = Graphs.Value

/// A struct of settings and one function that only builds graph.
///
/// The function is also the layer's shape inference: it reads the shapes that the builder knows,
/// and refuses with a `Misfit` what the graph's type rules would not take.
protocol Layer: Sendable {
  static var schema: Record { get }

  /// Throws only what is wrong with layers inside the layer.
  init(_ settings: Settings) throws(Failure)

  /// What users call the layer, where its settings say so.
  var name: String? { get }

  /// Writes the layer, applied to `x`: the samples' first axis, then `[h, w, c]` or `[f]`.
  func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value
}

extension Layer {
  var name: String? { nil }
}

/// The key of a layer that can be named.
let nameKey = Key("name", .text, default: .absent, help: "Kind and running number if left out.")

/// What does not fit in a network, before it is said where: the setting to blame, if it is one.
struct Misfit: Error {
  let key: String?
  let message: String
  /// What is already said with its place: the misfit of a layer inside a layer.
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
