import Checkpoints
import Foundation
import Graphs
import TestSupport
import Testing

extension CommandTests {
  /// What `--resume` finds, and what it refuses.
  @Suite struct Resumption {
    private let workspace: Workspace

    init() throws {
      workspace = try Workspace()
      let ending = try workspace.train("mlp.yaml", in: "run", Self.words)
      try #require(ending.status == 0, "\(ending.errors)")
    }

    private static let words = Workspace.settings(["train.epochs=2"])
    private static let newest = "run/checkpoints/step-000000016.h5"

    private func resume(
      _ configuration: String = "mlp.yaml", _ words: [String] = [], from file: String? = nil,
      ranks: Int? = nil
    ) throws -> ChildProcess.Ending {
      try workspace.train(
        configuration, in: "run",
        Self.words + words + [file.map { "--resume=\($0)" } ?? "--resume"], ranks: ranks)
    }

    // MARK: Nothing to do

    @Test(arguments: [nil, 3])
    func finishedRunStaysAsItIs(ranks: Int?) throws {
      let before = try contents(of: "run")
      let ending = try resume(ranks: ranks)
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(ending.output.contains("already finished: 16 of 16 steps"))
      #expect(try contents(of: "run") == before)
    }

    /// The bytes of each file, and when it was written.
    private func contents(of directory: String) throws -> [String: [String]] {
      let root = workspace.folder.path(of: directory)
      var found: [String: [String]] = [:]
      for name in try FileManager.default.subpathsOfDirectory(atPath: root) {
        let path = "\(root)/\(name)"
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        let bytes = FileManager.default.contents(atPath: path)
        // The lock is taken and given back: its bytes are the same, its date is not.
        let date = name == ".lock" ? nil : attributes[.modificationDate]
        found[name] = ["\(String(describing: date))", "\(bytes?.hashValue ?? 0)"]
      }
      return found
    }

    @Test(arguments: [nil, 2])
    func emptyDirectoryIsABeginning(ranks: Int?) throws {
      let ending = try workspace.train(
        "mlp.yaml", in: "other", Self.words + ["--resume"], ranks: ranks)
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(ending.output.contains("'other' contains no checkpoint: starting from the beginning"))
      #expect(
        try workspace.newestCheckpoint(of: "other") == workspace.newestCheckpoint(of: "run"))
    }

    // MARK: Changes

    @Test func longerRunIsTheRunThatWasLongerFromTheStart() throws {
      let longer = Workspace.settings(["train.epochs=3"])
      #expect(try resume("mlp.yaml", longer).status == 0)
      #expect(try workspace.train("mlp.yaml", in: "long", longer).status == 0)
      #expect(try workspace.newestCheckpoint(of: "run") == workspace.newestCheckpoint(of: "long"))
      #expect(try workspace.metrics(of: "run") == workspace.metrics(of: "long"))
    }

    @Test func shorterRunIsFinished() throws {
      let ending = try resume("mlp.yaml", Workspace.settings(["train.epochs=1"]))
      #expect(ending.status == 0 && ending.output.contains("already finished"))
    }

    @Test(arguments: [nil, 2])
    func otherSettingsAreListed(ranks: Int?) throws {
      let changes = Workspace.settings([
        "seed=2", "optimizer.adam.learning_rate=0.01", "data.batch=32",
      ])
      CommandTests.expectRefusal(
        try resume("mlp.yaml", changes, ranks: ranks), 78,
        [
          "seed: 2, was 1",
          "optimizer.adam.learning_rate: 0.01, was 0.001", "data.batch: 32, was 64",
        ])
    }

    @Test(arguments: [nil, 2])
    func otherModelIsNamedByItsFirstDifference(ranks: Int?) throws {
      CommandTests.expectRefusal(
        try resume("conv.yaml", ranks: ranks), 65,
        [
          "another model",
          "'conv1/weight' is missing there",
          "[16, 1, 3, 3] here",
        ])
      CommandTests.expectRefusal(
        try resume("mlp.yaml", Workspace.settings(["model.1.dense=64"]), ranks: ranks), 65,
        ["another model", "'dense1/weight' is [128, 784] there, [64, 784] here"])
    }

    @Test func otherActivationIsAnotherSetting() throws {
      CommandTests.expectRefusal(
        try resume("mlp.yaml", Workspace.settings(["model.2=tanh"])), 78,
        ["model.2: tanh, was relu"])
    }

    @Test func earlierCheckpointIsAStart() throws {
      let before = try workspace.newestCheckpoint(of: "run")
      let ending = try resume(from: "run/checkpoints/step-000000008.h5", ranks: 2)
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(ending.output.contains("resuming after step 8"))
      #expect(try workspace.newestCheckpoint(of: "run") == before)
    }

    // MARK: Damage

    private func damage(_ change: (inout Data) -> Void) throws {
      for name in workspace.checkpoints(of: "run") {
        var data = try workspace.folder.data(of: "run/checkpoints/\(name)")
        change(&data)
        try data.write(
          to: URL(fileURLWithPath: workspace.folder.path(of: "run/checkpoints/\(name)")))
      }
    }

    @Test(arguments: [nil, 2])
    func corruptCheckpointsAreNoFreshStart(ranks: Int?) throws {
      try damage { $0[$0.count / 2] ^= 1 }
      let before = try contents(of: "run/checkpoints")
      CommandTests.expectRefusal(
        try resume(ranks: ranks), 65, ["is damaged", "no other checkpoint"])
      #expect(try contents(of: "run/checkpoints") == before)
      CommandTests.expectRefusal(
        try workspace.run("evaluate", "run", ranks: ranks), 65, ["is damaged"])
    }

    @Test(arguments: [0, 1, 5000])
    func truncatedCheckpoint(length: Int) throws {
      try damage { $0 = $0.prefix(length) }
      CommandTests.expectRefusal(
        try resume(), 65, ["checkpoint 'run/checkpoints/step-000000016.h5'"])
      CommandTests.expectRefusal(try workspace.run("evaluate", "run"), 65, ["step-000000016.h5"])
    }

    @Test func damagedNewestNamesTheOneBefore() throws {
      var data = try workspace.folder.data(of: Self.newest)
      data.removeLast()
      try data.write(to: URL(fileURLWithPath: workspace.folder.path(of: Self.newest)))
      CommandTests.expectRefusal(
        try resume(), 65,
        [
          "is incomplete: \(data.count) of \(data.count + 1) bytes",
          "--resume=run/checkpoints/step-000000008.h5",
        ])
    }

    /// A whole file, digest and all, whose step is not the one that its figures are of.
    @Test func checkpointThatContradictsItself() throws {
      let file = workspace.folder.path(of: Self.newest)
      let forged = CheckpointDirectory(workspace.folder.path)
      try usingHDF5 {
        let checkpoint = try Checkpoint(opening: file)
        var writer = try CheckpointWriter(step: 13, in: forged)
        for group in [.weights, .moment("exp_avg"), .moment("exp_avg_sq")] as [TensorGroup] {
          let layout = try checkpoint.layout(of: group)
          var values = [Float](repeating: 0, count: layout.count)
          try unsafe values.withUnsafeMutableBufferPointer {
            try unsafe checkpoint.read(group, as: layout, into: $0)
          }
          try unsafe values.withUnsafeBufferPointer {
            try unsafe writer.write($0, as: layout, in: group)
          }
        }
        try writer.commit(
          checkpoint.state, configuration: checkpoint.configuration, coding: checkpoint.coding,
          metrics: checkpoint.metrics, keep: 1)
      }
      CommandTests.expectRefusal(
        try resume(from: "step-000000013.h5"), 65,
        ["contradicts itself", "where 320 have been seen"])
    }

    // MARK: Other files

    @Test(arguments: [nil, 2])
    func missingCheckpoint(ranks: Int?) throws {
      CommandTests.expectRefusal(
        try resume(from: "none.h5", ranks: ranks), 66, ["'none.h5' does not exist"])
      CommandTests.expectRefusal(
        try workspace.run("evaluate", "none.h5", ranks: ranks), 66, ["'none.h5' does not exist"])
    }

    @Test(arguments: [nil, 2])
    func foreignFile(ranks: Int?) throws {
      CommandTests.expectRefusal(try resume(from: "mlp.yaml", ranks: ranks), 65, ["mlp.yaml"])
      CommandTests.expectRefusal(
        try workspace.run("evaluate", "mlp.yaml", ranks: ranks), 65, ["mlp.yaml"])
    }

    @Test func directoryWithoutCheckpoints() throws {
      CommandTests.expectRefusal(try workspace.run("evaluate", "."), 66, ["contains no checkpoint"])
    }
  }
}
