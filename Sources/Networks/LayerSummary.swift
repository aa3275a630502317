package import Graphs

/// A layer's row in the table that describes a network.
package struct LayerSummary: Hashable, Sendable {
  package let name: String
  package let kind: String
  /// The layers or fields that it reads; `samples` stands for what the network is applied to.
  package let inputs: [String]
  /// The layer whose weights it shares.
  package let weightsOf: String?
  /// The shape of one sample's output: `[h, w, c]` or `[f]`; `output.text` is `14x14x32`.
  package let output: Shape
  /// How many numbers the layer learns.
  package let parameters: Int
  /// How many it has that stay as they are.
  package let frozen: Int
  /// The floating-point operations of the forward pass of one sample.
  package let flops: Int
  /// The layers that it stands for, as a file could write them; nil for most.
  package let writtenOut: String?
}

extension [LayerSummary] {
  /// Whether each layer reads the one before it, and the first one the samples.
  package var isPlainList: Bool {
    enumerated().allSatisfy { place, layer in
      layer.inputs == [place == 0 ? "samples" : self[place - 1].name]
    }
  }
}
