package import Configuration
internal import Diagnostics

/// A kind of layer that a file can name: its keys, and the value that they build.
package struct LayerKind: Sendable {
  /// The keys of the layer, then those of every layer.
  package let record: Record
  let make: @Sendable (Settings) throws(Failure) -> any Layer

  init(
    _ record: Record, main: String?,
    _ make: @escaping @Sendable (Settings) throws(Failure) -> any Layer
  ) {
    self.record = Record(
      record.name, main: main, keys: record.keys + Node.keys, help: record.help)
    self.make = make
  }

  init<T: Layer & Configurable>(_ type: T.Type, main: String? = nil) {
    let own = T.schema.record
    self.init(own, main: main ?? own.main) { (settings) throws(Failure) in try T(settings) }
  }

  /// All of them; activations are in a table of their own.
  package static let all: [LayerKind] =
    [
      LayerKind(Dense.self), LayerKind(Conv.self), LayerKind(ConvTranspose.self),
      LayerKind(MaxPool.self), LayerKind(AvgPool.self), LayerKind(GlobalAvgPool.self),
      LayerKind(Pad.self), LayerKind(Upsample.self), LayerKind(BatchNorm.self),
      LayerKind(LayerNorm.self), LayerKind(InstanceNorm.self), LayerKind(GroupNorm.self),
      LayerKind(RMSNorm.self), LayerKind(Residual.self),
      LayerKind(Concat.self), LayerKind(Add.self, main: "input"),
      LayerKind(Multiply.self, main: "input"),
      LayerKind(Repeat.self), LayerKind(Flatten.self), LayerKind(Reshape.self),
      LayerKind(Embedding.self), LayerKind(Positions.self), LayerKind(Attention.self),
      LayerKind(Transformer.self), LayerKind(SwiGLU.self), LayerKind(Dropout.self),
      LayerKind(Scale.self),
      LayerKind(PRelu.self), LayerKind(RNN.self), LayerKind(LSTM.self), LayerKind(GRU.self),
      LayerKind(MGU.self), LayerKind(Mamba.self),
    ] + Activation.kinds

  private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.record.name, $0) })

  /// The kind of this name, which the schema has checked.
  static func named(_ name: String) -> LayerKind {
    guard let kind = byName[name] else {
      preconditionFailure("the schema has a layer '\(name)' that no kind names")
    }
    return kind
  }
}

extension Kind {
  /// A list of layers, which may hold lists of layers themselves.
  static func layers(count: ClosedRange<Int>) -> Kind {
    .list(of: .variant("layer", LayerKind.all.map(\.record)), count: count)
  }
}
