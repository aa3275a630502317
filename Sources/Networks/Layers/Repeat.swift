package import Configuration
internal import Diagnostics
package import Graphs

/// A layer that writes blocks of layers, one after the other.
protocol BlockLayer: Layer {
  var times: Int { get }
}

extension BlockLayer {
  /// What its blocks are called if it has no name.
  var standardName: String { "block" }

  /// The names of its blocks.
  func blocks(named name: String) -> [String] { (1...times).map { "\(name)\($0)" } }
}

/// The same layers several times, one block after the other, each block with its own parameters.
package struct Repeat: BlockLayer, Configurable {
  package var times: Int
  package var layers: LayerList

  package init(_ times: Int, _ layers: LayerList) {
    self.times = times
    self.layers = layers
  }

  package static let schema = Schema(
    "repeat", Repeat(1, .none),
    [
      Property(
        "times", \.times, .integer(in: 1...10_000), isRequired: true, unless: Node.owner,
        help: "The number of blocks."),
      Property(
        "layers", \.layers, .layers(count: 1...1000), isRequired: true, unless: Node.owner,
        help: "The layers of a block; those of the first block NAME are in NAME1, and so on."),
    ],
    help:
      "The same layers several times, each with parameters of its own; NAME is block if left out.")

  package func forward(_ x: Value, in pass: inout ForwardPass) throws(Misfit) -> Value {
    var x = x
    for block in 1...times { x = try pass.apply(layers, under: "\(block)", to: x) }
    return x
  }
}
