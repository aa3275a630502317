import Checkpoints
import Diagnostics
import Foundation
import Graphs
import HDF5Files
import Testing

/// The HDF5 library is used from one thread at a time, so all tests run one after the other.
@Suite(.serialized) struct CheckpointsTests {}

extension CheckpointsTests {
  @Suite(.serialized) struct CheckpointTests {
    let place: TemporaryDirectory
    let directory: CheckpointDirectory

    init() throws {
      place = try TemporaryDirectory()
      directory = CheckpointDirectory(place.path)
    }

    @Test func everythingComesBack() throws {
      try save(12, in: directory)
      let path = place("step-000000012.h5")
      #expect(try directory.latest() == path)
      #expect(try weights(path) == numbers(12))
      #expect(try weights(path, .moment("m")) == numbers(12))
      let checkpoint = try Checkpoint(opening: path)
      #expect(checkpoint.step == 12)
      #expect(checkpoint.configuration == "name: größer\n")
      #expect(checkpoint.metrics == "{}")
      #expect(checkpoint.state == state(12))
      #expect(try checkpoint.state.integer("epoch") == 1)
      #expect(try checkpoint.state.numbers("loss_window") == [0.5, 0.25, .infinity])
      #expect(
        failure(.badData) { _ = try checkpoint.state.integer("engine") }
          .contains("expected an integer"))
      let found = try [.moment("m"), .moment("v")].map { try checkpoint.contains($0) }
      #expect(found == [true, false])
      let names = try checkpoint.layout(of: .weights).tensors.map(\.name)
      #expect(
        names == [
          "conv1/bias", "conv1/weight", "dense1/bias", "dense1/weight", "residual1/conv1/weight",
        ])
    }

    @Test func theDigestIsCheckableByTheUsualTool() throws {
      try save(12, in: directory)
      #expect(try shell("cd '\(place.path)' && sha256sum --status -c *.sha256") == 0)
      #expect(
        try names(in: place.path) == ["step-000000012.h5", "step-000000012.h5.sha256"])
    }

    @Test func equalContentsAreEqualBytes() throws {
      let other = try TemporaryDirectory()
      try save(12, in: directory)
      usleep(1_100_000)
      try save(12, in: CheckpointDirectory(other.path))
      for name in try names(in: place.path) {
        #expect(try bytes(of: place(name)) == bytes(of: other(name)))
      }
    }

    /// A validation loss that is not a number is no reason to lose the weights.
    @Test(arguments: [Double.nan, -.nan, .signalingNaN, .infinity, -.infinity])
    func whatIsNoNumberIsSaved(_ value: Double) throws {
      var state = CheckpointState()
      state.set("last_loss", value)
      state.set("sums", [1, value, -0.0])
      var writer = try CheckpointWriter(step: 3, in: directory)
      try unsafe numbers(3).withUnsafeBufferPointer {
        try unsafe writer.write($0, as: layout, in: .weights)
      }
      try writer.commit(state, configuration: "", coding: "", metrics: "{}", keep: 1)
      let saved = try Checkpoint(opening: directory.file(ofStep: 3)).state
      #expect(saved == state)
      #expect(try saved.number("last_loss").bitPattern == value.bitPattern)
      #expect(!saved.attributes.contains { "\($0.value)".contains("-nan") })
    }

    @Test func theTensorDigestTellsTensorsApart() throws {
      try save(1, in: directory, values: numbers(1))
      try save(2, in: directory, values: numbers(1), extra: "other: 1\n")
      try save(3, in: directory, values: numbers(1).map { -$0 })
      let digests = try (1...3).map {
        try Checkpoint(opening: directory.file(ofStep: $0)).tensorDigest
      }
      #expect(digests[0] == digests[1])
      #expect(digests[0] != digests[2])
    }

    @Test func savingAStepAgainReplacesIt() throws {
      try save(5, in: directory)
      try save(5, in: directory)
      try save(5, in: directory, values: numbers(6))
      #expect(try weights(directory.file(ofStep: 5)) == numbers(6))
      #expect(try shell("cd '\(place.path)' && sha256sum --status --strict -c *.sha256") == 0)
      let digest = try String(contentsOfFile: place("step-000000005.h5.sha256"), encoding: .utf8)
      #expect(digest.split(separator: "\n").count == 1)
      // Killed after the digest got its name and before the data did.
      try put(
        (String(repeating: "0", count: 64) + "  step-000000005.h5\n" + digest).utf8,
        at: place("step-000000005.h5.sha256"))
      #expect(try weights(directory.file(ofStep: 5)) == numbers(6))
    }

    @Test func whatIsNotFiniteIsNeitherWrittenNorRead() throws {
      try save(1, in: directory)
      var values = numbers(2)
      values[75] = .nan
      let message = failure(.notFinite) { try save(2, in: directory, values: values) }
      #expect(message.contains("'conv1/bias'"))
      #expect(try names(in: place.path).count == 2)

      var writer = try HDF5Writer(creating: place("nan.h5"))
      for tensor in layout.tensors {
        try unsafe Array(values[tensor.offset..<tensor.offset + tensor.count])
          .withUnsafeBufferPointer {
            try unsafe writer.write($0, shape: tensor.shape, to: "weights/\(tensor.name)")
          }
      }
      try finish(&writer, format: 2)
      try writer.close()
      try shell("cd '\(place.path)' && sha256sum nan.h5 > nan.h5.sha256")
      #expect(
        failure(.badData) { _ = try weights(place("nan.h5")) }.contains("'conv1/bias' contains"))
    }

    @Test func aNewerFormatIsNamed() throws {
      var writer = try HDF5Writer(creating: place("new.h5"))
      try finish(&writer, format: 4)
      try writer.close()
      try shell("cd '\(place.path)' && sha256sum new.h5 > new.h5.sha256")
      #expect(
        failure(.badData) { _ = try Checkpoint(opening: place("new.h5")) }
          .contains("has format 4, expected 2 or 3"))
    }

    /// Its weights are where they are today; a run cannot go on from it.
    @Test func anOlderFormatIsRead() throws {
      for (format, isResumable) in [(Int64(2), false), (3, true)] {
        let file = place("format\(format).h5")
        var writer = try HDF5Writer(creating: file)
        try finish(&writer, format: format)
        try writer.close()
        try shell(
          "cd '\(place.path)' && sha256sum \(format).h5 > \(format).h5.sha256"
            .replacing("\(format).h5", with: "format\(format).h5"))
        let checkpoint = try Checkpoint(opening: file)
        #expect(checkpoint.step == 1 && checkpoint.isResumable == isResumable)
      }
    }

    private func finish(_ writer: inout HDF5Writer, format: Int64) throws {
      try writer.createGroup("state")
      try writer.set("format", of: "state", to: .integer(format))
      try writer.set("step", of: "state", to: .integer(1))
      try writer.set("tensor_digest", of: "state", to: .text("0"))
      try writer.write("", to: "config")
      try writer.write("", to: "coding")
      try writer.write("", to: "metrics")
    }

    @Test func anotherModelIsNamedByItsFirstDifference() throws {
      try save(12, in: directory)
      let checkpoint = try Checkpoint(opening: directory.file(ofStep: 12))
      func difference(_ tensors: [(name: String, shape: [Int])], _ group: TensorGroup) -> String {
        let layout = TensorLayout(packing: tensors)
        var values = Array(repeating: Float(0), count: layout.count)
        return failure(.badData) {
          try unsafe values.withUnsafeMutableBufferPointer {
            try unsafe checkpoint.read(group, as: layout, into: $0)
          }
        }
      }
      var tensors = layout.tensors.map { (name: $0.name, shape: $0.shape) }
      tensors[2].shape = [16, 8, 3, 3]
      tensors[3].shape = [10, 144]
      #expect(
        difference(tensors, .weights).hasSuffix(
          "another model: 'residual1/conv1/weight' is [8, 8, 3, 3] there, [16, 8, 3, 3] here"))
      tensors = layout.tensors.map { (name: $0.name, shape: $0.shape) }
      #expect(
        difference(tensors + [("dense2/weight", [2])], .weights).hasSuffix(
          "another model: 'dense2/weight' is missing there, [2] here"))
      #expect(
        difference(Array(tensors.dropLast()), .moment("m")).hasSuffix(
          "another optimizer: 'dense1/bias' is [10] there, missing here"))
      #expect(difference(tensors, .moment("v")).contains("'/optimizer/v' is missing"))
    }
  }
}
