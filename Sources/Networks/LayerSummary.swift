package import Graphs

/// A layer's row in the table that describes a network.
package struct LayerSummary: Hashable, Sendable {
  package let name: String
  package let kind: String
  /// The layers or fields that it reads; empty names stand for the samples.
  package let inputs: [String]
  /// The shape of one sample's output: `[h, w, c]` or `[f]`; `output.text` is `14x14x32`.
  package let output: Shape
  /// How many numbers the layer learns.
  package let parameters: Int
  /// The floating-point operations of the forward pass of one sample.
  package let flops: Int
}
