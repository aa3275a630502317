import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// A checkpoint that the first release wrote, in format 2: its weights are read by all that needs
  /// nothing else.
  @Suite struct OldCheckpoint {
    private let workspace: Workspace
    private static let file = "old/checkpoints/step-000000004.h5"
    private static let configuration = """
      name: tiny
      data:
        dataset: table
        samples: [[0, 0], [0, 1], [1, 0], [1, 1]]
        labels: [0, 1, 1, 0]
        batch: 2
      model: [{dense: 3}, tanh, {dense: 2}]
      loss: cross_entropy
      optimizer: {adam: 0.1}
      train: {epochs: 2}
      """

    init() throws {
      workspace = try Workspace()
      let bytes = try Data(
        contentsOf: URL(
          fileURLWithPath: "\(Workspace.repository)/Tests/References/checkpoints/format-2.h5"))
      let folder = workspace.folder
      try FileManager.default.createDirectory(
        atPath: folder.path(of: "old/checkpoints"), withIntermediateDirectories: true)
      try bytes.write(to: URL(fileURLWithPath: folder.path(of: Self.file)))
      let digest = "3367e3dee5ff0df693d4957d9d11f0510254008bae11b8f9b4d333e450c7dede"
      try folder.write("\(digest)  step-000000004.h5\n", to: "\(Self.file).sha256")
      try folder.write(Self.configuration, to: "tiny.yaml")
      try folder.write("0,0\n0,1\n", to: "in.csv")
    }

    @Test func itsWeightsAreRead() throws {
      let evaluated = try workspace.run("evaluate", "old", "--json")
      #expect(evaluated.status == 0, "\(evaluated.errors)")
      let figures = try CommandTests.object(evaluated.output)
      let loss = try #require(figures["loss"] as? Double)
      #expect(isClose(loss, 0.7072108685970306, relative: 1e-6))
      #expect(figures["accuracy"] as? Double == 0.5 && figures["step"] as? Int == 4)
      let predicted = try workspace.run("predict", "old", "--input", "in.csv")
      #expect(predicted.status == 0 && predicted.output == "1\t0.5818\n1\t0.5887\n")
      let exported = try workspace.run("export", "old", "--to", "h5", "--output", "weights.h5")
      #expect(exported.status == 0, "\(exported.errors)")
    }

    /// The run starts with the very weights, and its own checkpoints can be resumed from.
    @Test(arguments: [nil, 2])
    func anotherRunBeginsWithThem(ranks: Int?) throws {
      let words = Workspace.settings([
        "train.init_from=\(Self.file)", "train.steps=1", "train.epochs=null",
      ])
      let run = try workspace.start(["train", "tiny.yaml", "--run", "new"] + words, ranks: ranks)
        .wait()
      #expect(run.status == 0, "\(run.errors)")
      let resumed = try workspace.start(
        ["train", "tiny.yaml", "--run", "new", "--resume"], ranks: ranks
      ).wait()
      #expect(resumed.status == 0, "\(resumed.errors)")
    }

    @Test(arguments: [nil, 2])
    func itIsNotResumedFrom(ranks: Int?) throws {
      let ending = try workspace.start(
        ["train", "tiny.yaml", "--run", "old", "--resume"], ranks: ranks
      ).wait()
      CommandTests.expectRefusal(
        ending, 65,
        [
          "'\(Self.file)' was written by an older version of this program, which can resume it",
          "use --run DIR and --set train.init_from=\(Self.file)",
        ])
    }
  }
}
