internal import Checkpoints
package import Communication
internal import Configuration
package import Diagnostics
internal import Networks

/// Weights of another run that this one starts with, by the names of their layers.
package struct InitialWeights: Sendable {
  private let settings: Settings

  static let record = Record(
    "init_from", main: "path",
    keys: [
      Key("path", .text, help: "A run directory or a checkpoint."),
      Key(
        "except", .list(of: .text), default: "[]",
        help: "Layers that keep their own first weights, or that only the other run has."),
    ],
    help:
      "Where the first weights come from; all names and shapes must be those of this model, but "
      + "for the layers excepted.")

  init(_ settings: Settings) { self.settings = settings }

  /// Replaces the first weights of a state.
  ///
  /// Collective; a run that goes on has weights of its own and does not ask for this.
  package func load(
    into state: ModelState, of experiment: Experiment, _ communicator: Communicator
  ) throws(Failure) {
    // Another run may write a newer checkpoint before all ranks have looked.
    let file = try communicator.broadcast(
      communicator.together { () throws(Failure) in
        communicator.rank == 0 ? try Checkpoint.find(settings.text("path")) : ""
      })
    let layout = TensorLayout(experiment.network.parameters)
    let digest = try communicator.together { () throws(Failure) in
      let checkpoint = try Checkpoint(opening: file)
      let layers = settings.list("except").map(\.text)
      try checkLayers(layers, layout, checkpoint.layout(of: .weights), file)
      try unsafe checkpoint.read(
        .weights, as: layout, except: layers,
        into: UnsafeMutableBufferPointer(start: state.weights, count: state.count))
      return checkpoint.tensorDigest
    }
    try communicator.handshake([("initial weights", digest)])
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
