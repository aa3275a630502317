internal import Checkpoints
package import Communication
internal import Configuration
internal import Datasets
package import Diagnostics
internal import Files
internal import Graphs
internal import ModelFiles
internal import Networks

/// The `init_from` section: a run starts with the weights of another, matched by layer names.
package struct InitialWeights: Sendable {
  private let settings: Settings

  static let record = Record(
    "init_from", main: "path",
    keys: [
      Key("path", .text, help: "A run directory, a checkpoint or a model file."),
      Key(
        "except", .list(of: .text), default: "[]",
        help: "Layers that keep their own initial weights, or that only the other run has."),
      Key(
        "layout", .choice(WeightLayout.self), default: .absent,
        help: "The weight layout of a model file of Neuron 1; by default the file decides."
      ),
      Key(
        "release", .text, default: .absent,
        help:
          "The version of Neuron that wrote a model file of Neuron 1, such as 1.4.2 or 1.6; by "
          + "default the file decides."),
    ],
    help:
      "The source of the initial weights. All names and shapes must equal those of this model, "
      + "except for the excepted layers; what LoRA learned there is merged. The dataset gets the coding of that network: scales, "
      + "columns and words, and classes unless the last layer is excepted.")

  init(_ settings: Settings) { self.settings = settings }

  /// Replaces the initial weights of a new run.
  ///
  /// Collective.
  package func load(
    into state: ModelState, of experiment: Experiment, _ communicator: Communicator
  ) throws(Failure) {
    let digest = try reading(communicator) { file throws(Failure) in
      try StoredModel.isFile(file)
        ? read(model: file, into: state, of: experiment)
        : read(checkpoint: file, into: state, of: experiment)
    }
    try communicator.handshake([("initial weights", digest)])
  }

  /// Calls `body` on all ranks with the path of the file, or of a run's newest checkpoint.
  ///
  /// Collective.
  func reading<Result>(
    _ communicator: Communicator, _ body: (String) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // A file that is nowhere is missing in the working folder.
    let places = settings.places(of: "path")
    let path = places.first { fileStatus($0) != nil } ?? settings.text("path")
    return try communicator.reading(path, .newest) { found throws(Failure) in
      try communicator.together { () throws(Failure) in try body(found.path) }
    }
  }

  var choices: StoredModel.Choices {
    get throws(Failure) {
      let name = settings.optionalText("release")
      let release = name.flatMap(BrainRelease.init)
      if let name, release == nil {
        throw settings.failure(at: "release", BrainRelease.unknown(name))
      }
      return StoredModel.Choices(
        layout: settings.optionalChoice("layout", as: WeightLayout.self), release: release)
    }
  }

  var excepted: [String] { settings.list("except").map(\.text) }

  /// Returns the digest of the tensors in the file.
  private func read(
    checkpoint file: String, into state: ModelState, of experiment: Experiment
  ) throws(Failure) -> String {
    let layout = experiment.layout.withoutAdapters
    let checkpoint = try Checkpoint(opening: file)
    let merged = try MergedWeights(of: checkpoint)
    try checkLayers(excepted, layout, merged.layout, file)
    if let difference = layout.difference(from: merged.layout, except: excepted) {
      throw Failure(.badData, "'\(file)' is of another model: \(difference)")
    }
    try unsafe state.changeWeights { weights throws(Failure) in
      for tensor in layout.tensors where !tensor.isIn(excepted) {
        let values = try merged.values(of: tensor, in: checkpoint)
        guard values.allSatisfy(\.isFinite) else {
          throw Failure(
            .badData, "'\(file)': '\(tensor.name)' contains values that are not finite")
        }
        _ = unsafe UnsafeMutableBufferPointer(rebasing: weights[tensor.range])
          .update(fromContentsOf: values)
      }
    }
    return checkpoint.tensorDigest
  }

  private func read(
    model file: String, into state: ModelState, of experiment: Experiment
  ) throws(Failure) -> String {
    let layout = experiment.layout.withoutAdapters
    let imported = try ImportedLayers(StoredModel(reading: file, choices))
    let parameters = StoredParameters(imported, of: file)
    try checkLayers(excepted, layout, parameters.layout, file)
    try unsafe state.changeWeights { weights throws(Failure) in
      try unsafe parameters.copy(as: layout, except: excepted, into: weights)
    }
    return try SHA256.of(file: file)
  }

  private func checkLayers(
    _ layers: [String], _ here: TensorLayout, _ there: TensorLayout, _ file: String
  ) throws(Failure) {
    let known = Set((here.tensors + there.tensors).map(\.layer))
    for layer in layers where !known.contains(where: { $0 == layer || $0.hasPrefix("\(layer)/") }) {
      let hint = Suggestion.hint(for: layer, among: known.sorted())
      throw settings.failure(at: "except", "no layer '\(layer)', here or in '\(file)'\(hint)")
    }
  }
}
