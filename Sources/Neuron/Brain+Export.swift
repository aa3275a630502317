public import Foundation
internal import Diagnostics
internal import ModelFiles
internal import Networks

extension Brain {
  /// The network as a model of Neuron 1; without layers, after an error, which is printed, if such
  /// a model cannot hold one of them.
  ///
  /// The weights of its layers are those that `weights` returns and `replaceWeights` takes.
  public func exportModel() -> ExportModel {
    attempt(ExportModel(layers: [], learningRate: learningRate, optimizer: optimizer)) {
      learner throws(Failure) in
      let model = try stored(learner, .first)
      return try ExportModel(model, learningRate: learningRate, optimizer: optimizer)
    }
  }

  /// Writes the network as `~/Documents/<filename>.smodel` and replaces a file there; nil after an
  /// error, which is printed.
  ///
  /// A network of dense layers alone is written for Neuron 1, any other for Neuron 2. A file for
  /// Neuron 1 has the weight layout that releases 1.5 and 1.6 compute with, or with `isPermuted:
  /// false` the one that Neuron's documentation describes.
  public func exportModelURL(filename: String = "model", isPermuted: Bool = true) -> URL? {
    attempt(nil) { learner throws(Failure) in
      let model = try stored(learner, nil, layout: isPermuted ? nil : .natural)
      return ExportManager.url(filename, "smodel") { url in try model.write(to: url.path) }
    }
  }

  /// Writes the loss of each epoch as `~/Documents/<filename>.csv`; nil if it cannot be written.
  public func exportLoss(_ filename: String? = nil) -> URL? {
    ExportManager.getCSV(
      filename: filename ?? "loss-\(Int(Date().timeIntervalSince1970))", loss)
  }

  private func stored(
    _ learner: Learner, _ generation: StoredModel.Generation?, layout: WeightLayout? = nil
  ) throws(Failure) -> StoredModel {
    var model = try learner.stored(
      generation, layout: layout, learningRate: learningRate, optimizer: optimizer)
    let norms = layers.compactMap { layer in
      if case .lobe(let lobe) = layer { lobe as? NormalizedLobeModel } else { nil }
    }
    model.keep(norms.map { ($0.momentum, $0.normalizerLearningRate) })
    return model
  }

  /// Makes the layers of a model the first of the brain.
  ///
  /// An input of a model of maps has their numbers channel by channel, row by row.
  func take(_ model: StoredModel) throws(Failure) {
    imported = model
    inputs = model.sample.count
    if case .brain(let brain) = model.family {
      learningRate = Float(brain.learningRate)
      optimizer = brain.adam.map {
        .adam(b1: Float($0.beta1), b2: Float($0.beta2), eps: Float($0.epsilon))
      }
    }
  }
}
