import Checkpoints
import Diagnostics
import Graphs
import HDF5Files
import Testing

extension CheckpointsTests {
  @Suite(.serialized) struct ExportTests {
    let place: TemporaryDirectory

    init() throws { place = try TemporaryDirectory() }

    /// A checkpoint, and its weights under these names with what their network needs.
    private func export(_ layout: TensorLayout = layout, to name: String) throws {
      try save(12, in: CheckpointDirectory(place.path))
      let checkpoint = try Checkpoint(opening: place("step-000000012.h5"))
      _ = try checkpoint.exportWeights(layout, configuration: "name: alone\n", to: place(name)) {
        Array(numbers(12)[$0.range])
      }
    }

    @Test func networkAlone() throws {
      try export(to: "model.h5")
      #expect(try weights(place("model.h5")) == numbers(12))
      let exported = try Checkpoint(opening: place("model.h5"))
      #expect(exported.isExport && !exported.isResumable && !exported.isVerified)
      #expect(exported.step == 12 && exported.configuration == "name: alone\n")
      #expect(exported.coding == "shape: [72]\n")
      #expect(try exported.otherGroups().isEmpty)
      let found = try [.weights, .moment("m"), .carried].map { try exported.contains($0) }
      #expect(found == [true, false, false])
      // A program that knows nothing of them finds weights where they always were.
      let file = try HDF5Reader(opening: place("model.h5"))
      #expect(
        try file.members().map(\.name).sorted()
          == ["coding", "config", "conv1", "dense1", "residual1"])
      #expect(try file.info(of: "residual1/conv1/weight").shape == [8, 8, 3, 3])
      try export(to: "again.h5")
      #expect(try bytes(of: place("model.h5")) == bytes(of: place("again.h5")))
    }

    @Test func weightsWithoutTheirNetwork() throws {
      try export(to: "model.h5")
      _ = try Export.write(layout, to: place("old.h5")) { Array(numbers(12)[$0.range]) }
      let message = failure(.badData) { _ = try Checkpoint(opening: place("old.h5")) }
      #expect(message.contains("'\(place("old.h5"))'") && message.contains("export it again"))
      // A checkpoint without its digest is still one that cannot be verified.
      try shell("rm '\(place("step-000000012.h5.sha256"))'")
      let unverified = failure(.badData) {
        _ = try Checkpoint(opening: place("step-000000012.h5"))
      }
      #expect(unverified.contains("cannot be verified"))
    }

    /// Layers stand at the root, beside the two texts.
    @Test(arguments: ["config", "coding"])
    func layerOfThatName(_ name: String) throws {
      let message = failure(.badConfiguration) {
        try export(TensorLayout(packing: [("\(name)/weight", [8])]), to: "model.h5")
      }
      #expect(message.contains("the layer '\(name)'") && message.contains("--to checkpoint"))
      #expect(try !names(in: place.path).contains { $0.contains("model.h5") })
      try export(TensorLayout(packing: [("\(name)s/weight", [8])]), to: "model.h5")
    }
  }
}
