import Checkpoints
import Foundation
import Graphs
import TestSupport
import Testing

extension CommandTests {
  /// Two runs beside each other, and one run in many ways.
  @Suite struct Comparison {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private func train(_ run: String, _ changes: [String] = []) throws {
      let changes = ["train={steps: 4, checkpoint: {every: 2 steps, keep: 2}}"] + changes
      let ending = try workspace.train("mlp.yaml", in: run, Workspace.settings(changes))
      try #require(ending.status == 0, "\(ending.errors)")
    }

    private func diff(_ words: String...) throws -> ChildProcess.Ending {
      try workspace.start(["diff"] + words).wait()
    }

    @Test func equalRuns() throws {
      try train("a")
      try train("b")
      let ending = try diff("a", "b")
      #expect(ending.status == 0 && ending.errors.isEmpty)
      #expect(ending.output.contains(/equal +yes\n/))
      #expect(ending.output.contains(/equal checkpoints +2\n/))
      #expect(try diff("a", "b/checkpoints/step-000000004.h5", "--json").status == 0)
    }

    @Test func otherSeedIsNamedWithAllItChanges() throws {
      try train("a")
      try train("b", ["seed=2"])
      let ending = try diff("a", "b")
      #expect(ending.status == 76 && ending.errors.isEmpty)
      for text in ["first difference after step  2", "seed: 1", "seed: 2", "weights/dense1/weight"]
      {
        #expect(ending.output.contains(text), "\(ending.output)")
      }
    }

    /// The second of two checkpoints, in which one bit of one moment is another.
    @Test func oneBit() throws {
      try train("a")
      try train("b")
      let file = workspace.folder.path(of: "b/checkpoints/step-000000004.h5")
      try usingHDF5 {
        let checkpoint = try Checkpoint(opening: file)
        var writer = try CheckpointWriter(
          step: 4, in: CheckpointDirectory(workspace.folder.path(of: "b/checkpoints")))
        for group in [.weights, .moment("exp_avg"), .moment("exp_avg_sq")] as [TensorGroup] {
          let layout = try checkpoint.layout(of: group)
          var values = [Float](repeating: 0, count: layout.count)
          try unsafe values.withUnsafeMutableBufferPointer {
            try unsafe checkpoint.read(group, as: layout, into: $0)
          }
          if group == .moment("exp_avg"), let tensor = layout.tensors.last {
            values[tensor.offset + 130] = Float(
              bitPattern: values[tensor.offset + 130].bitPattern ^ 1)
          }
          try unsafe values.withUnsafeBufferPointer {
            try unsafe writer.write($0, as: layout, in: group)
          }
        }
        try writer.commit(
          checkpoint.state, configuration: checkpoint.configuration, coding: checkpoint.coding,
          metrics: checkpoint.metrics, keep: 2)
      }
      let ending = try diff("a", "b")
      #expect(ending.status == 76)
      let row = ending.output.firstMatch(
        of: /optimizer\/exp_avg\/dense2\/weight +1,280 +1 +\S+ +\[1, 2\] +(\S+) +(\S+) +1\n/)
      #expect(row != nil && row?.1 != row?.2, "\(ending.output)")
      #expect(ending.output.contains("first difference after step  4"))
      #expect(!ending.output.contains("weights/"))
      let json = try diff("a", "b", "--json").output
      #expect(json.contains(#""differ": 1"#), "\(json)")
    }

    @Test func runsThatCannotBeCompared() throws {
      try train("a")
      try train("b", ["model.1.dense=64"])
      CommandTests.expectRefusal(
        try diff("a", "b"), 65, ["another model", "'dense1/bias' is [64] there, [128] here"])
      try train("c", ["train={steps: 3, checkpoint: {every: 3 steps, keep: 2}}"])
      CommandTests.expectRefusal(
        try diff("a", "c"), 65, ["no step in common", "after step 2, 4", "after step 3"])
      CommandTests.expectRefusal(try diff("a", "none"), 66, ["none"])
      CommandTests.expectRefusal(try diff("a"), 64, ["diff needs another RUN|CHECKPOINT"])
    }

    @Test func everyWayIsTheSame() throws {
      let ending = try workspace.start(
        [
          "verify", "mlp.yaml", "--ranks", "1,3", "--workers", "2", "--steps", "4", "--set",
          "data.train_samples=512",
        ]
      ).wait()
      #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)")
      #expect(ending.output.contains(/3 x 2 +\S+ +4 checkpoints with the same bits\n/))
      #expect(
        ending.output.contains(/3 x 2, then 1 x 2 +\S+ +2 checkpoints with the same bits\n/))
      #expect(!workspace.folder.names(in: ".").contains { $0.hasPrefix(".nn-dist-verify") })
    }

    /// Skips, shared weights and targets of any shape: their gradients, and every way to train them.
    @Test(arguments: ["unet.yaml", "siamese.yaml", "autoencoder.yaml"])
    func graphModelsAreTheSameInEveryWay(_ configuration: String) throws {
      try workspace.copy(configuration)
      let words = Workspace.settings([
        "data.train_samples=96", "data.test_samples=32", "data.batch=32", "shards=4",
      ])
      let ways = try workspace.start(
        ["verify", configuration, "--ranks", "1,2,3,4", "--workers", "2", "--steps", "3"] + words
      ).wait()
      #expect(ways.status == 0 && ways.errors.isEmpty, "\(ways.output)\(ways.errors)")
      #expect(
        ways.output.contains(/4 x 2 +\S+ +3 checkpoints with the same bits\n/), "\(ways.output)")
      let gradients = try workspace.start(["gradcheck", configuration] + words).wait()
      #expect(gradients.status == 0, "\(gradients.output)\(gradients.errors)")
    }

    @Test func whatCannotBeVerified() throws {
      let words = ["verify", "mlp.yaml", "--steps", "2", "--workers", "1"]
      CommandTests.expectRefusal(
        try workspace.start(words, ranks: 2).wait(), 64, ["without mpirun", "--mpirun"])
      let many = try workspace.start(words + ["--ranks", "16"]).wait()
      #expect(many.status == 78 && many.errorLines.count == 1)
      #expect(many.errors.contains("16 ranks but only 4 shards"), "\(many.errors)")
      let none = try workspace.start(words + ["--ranks", "2", "--mpirun", "no-such-program"]).wait()
      #expect(none.status == 66 && none.errors.contains("cannot run no-such-program"))
      #expect(!workspace.folder.names(in: ".").contains { $0.hasPrefix(".nn-dist-verify") })
    }
  }
}
