internal import Checkpoints
internal import Diagnostics
internal import Graphs
internal import ModelFiles
internal import Networks
internal import Optimizers

/// The network of a model file, fitted to the shape of samples and targets.
package struct StoredNetwork: Sendable {
  package let path: String
  /// A configuration of the network; its dataset is not used.
  let configuration: RunConfiguration
  let network: Network
  private let parameters: StoredParameters

  /// Fits a model to samples and targets; samples may have another shape than the model's with the
  /// same number of elements.
  init(
    _ model: StoredModel, of path: String, samples: [Int], targets: TargetType?
  ) throws(Failure) {
    self.path = path
    guard let shape = SampleShape(samples), case .vector(let width) = model.output,
      let targets, targets.outputs == [width] || width == 1 && targets == .classes(2)
    else {
      throw Failure(
        .badData,
        "'\(path)' makes \(model.output) of \(model.sample), the data have "
          + "\(targets.map(\.description) ?? "no answers") for samples of "
          + samples.map(String.init).joined(separator: "x"))
    }
    do throws(Failure) {
      let imported = try ImportedLayers(model, samples: shape)
      configuration = try RunConfiguration(
        name: "model", model: Model(imported.layers, loss: model.loss(for: targets)),
        optimizer: SGD(learningRate: 1), batch: 1)
      network = try Network(configuration.settings, sample: Shape(samples), targets: targets)
      parameters = StoredParameters(imported, of: path)
    } catch {
      throw Failure(.badData, "'\(path)' cannot be run: \(error.message)")
    }
  }

  /// Copies the parameters to a vector with the network's layout.
  func copy(into values: UnsafeMutableBufferPointer<Float>) throws(Failure) {
    try unsafe parameters.copy(as: network.parameters.layout, into: values)
  }
}

/// The parameters of a model file by name.
struct StoredParameters: Sendable {
  let layout: TensorLayout
  private let values: [String: [Float]]
  private let path: String

  init(_ imported: ImportedLayers, of path: String) {
    self.path = path
    layout = TensorLayout(packing: imported.tensors.map { ($0.name, $0.tensor.shape) })
    values = Dictionary(imported.tensors.map { ($0.name, $0.tensor.values) }) { $1 }
  }

  /// Copies the parameters to a vector with another layout, except for some layers.
  ///
  /// Throws if the names or shapes of the other layers differ.
  func copy(
    as layout: TensorLayout, except layers: [String] = [],
    into target: UnsafeMutableBufferPointer<Float>
  ) throws(Failure) {
    if let difference = layout.difference(from: self.layout, except: layers) {
      throw Failure(.badData, "'\(path)' is of another model: \(difference)")
    }
    for tensor in layout.tensors where !tensor.isIn(layers) {
      for (place, number) in zip(tensor.range, values[tensor.name] ?? []) {
        unsafe target[place] = number
      }
    }
  }
}

extension StoredModel {
  /// The activation that is the last layer, if it is one.
  private var last: StoredOperation.Activation? {
    if case .activation(let activation)? = layers.last?.operation { activation } else { nil }
  }

  /// Whether the last layer is a softmax, so that outputs are probabilities of classes.
  var endsWithSoftmax: Bool { last == .softmax }

  /// The loss that fits the outputs: the stored one, or one that follows from the last layer.
  fileprivate func loss(for targets: TargetType) throws(Failure) -> any Loss {
    if let name = mark?.loss, let loss = try LossKind.standard(name) { return loss }
    guard targets.classes != nil else { return MeanSquaredError() }
    return last == .sigmoid || output == .vector(1) ? BinaryCrossEntropy() : CrossEntropy()
  }
}
