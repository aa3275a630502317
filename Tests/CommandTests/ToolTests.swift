import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// What stands around training: exports, what files hold, rehearsals, the doctor.
  @Suite struct Tools {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    // MARK: Weights for other programs

    @Test func exportsAreWholeAndReplaceNothing() throws {
      #expect(try workspace.train("mlp.yaml", in: "run").status == 0)
      let ending = try workspace.run("export", "run", "--to", "h5")
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(ending.output == "exported 4 tensors with 101,770 parameters: 'run/model.h5'\n")
      let first = try workspace.folder.data(of: "run/model.h5")
      CommandTests.expectRefusal(
        try workspace.run("export", "run", "--to", "h5"), 73, ["'run/model.h5' exists", "--force"])
      let other = try workspace.run(
        "export", "run/checkpoints/step-000000024.h5", "--to", "h5", "--output", "w.h5", "--json")
      #expect(other.output.contains(#"{"file": "w.h5", "tensors": 4"#), "\(other.errors)")
      #expect(try workspace.folder.data(of: "w.h5") == first, "equal weights make equal bytes")
      try workspace.folder.write("old", to: "w.h5")
      #expect(
        try workspace.run("export", "run", "--to", "h5", "--output", "w.h5", "--force").status == 0)
      #expect(try workspace.folder.data(of: "w.h5") == first)
      let shown = try workspace.run("inspect", "w.h5")
      #expect(shown.output.contains("dense1/weight"), "\(shown.errors)")
      #expect(shown.output.contains("128x784"))
      for (words, status, text) in [
        (["export", "run"], 64, "--to FORMAT: h5"),
        (["export", "run", "--to", "h6"], 64, "did you mean 'h5'?"),
        (["export", "run", "--to", "h5", "--output", "no/w.h5"], 73, "there is no folder 'no'"),
        (["export", "run", "--to", "h5", "--output", "run", "--force"], 73, "'run' exists"),
        (["export", ".", "--to", "h5"], 66, "contains no checkpoint"),
      ] as [([String], Int32, String)] {
        CommandTests.expectRefusal(try workspace.start(words).wait(), status, [text])
      }
      #expect(!workspace.folder.names(in: ".").contains { $0.contains("nn-dist-") })
    }

    @Test func aFinishedRunIsExported() throws {
      let ending = try workspace.train("mlp.yaml", in: "run", ["--set", "train.export=h5"])
      #expect(ending.output.contains("exported: 'run/model.h5'"), "\(ending.errors)")
      let made = try workspace.folder.data(of: "run/model.h5")
      _ = try workspace.run("export", "run", "--to", "h5", "--force")
      #expect(try workspace.folder.data(of: "run/model.h5") == made)
    }

    // MARK: What files hold

    @Test func checkpointsAreShown() throws {
      #expect(try workspace.train("mlp.yaml", in: "run").status == 0)
      let text = try workspace.run("inspect", "run")
      #expect(text.status == 0, "\(text.errors)")
      for part in ["checkpoint", "verified", "yes", "dense1/weight", "128x784", "exp_avg_sq"] {
        #expect(text.output.contains(part), "\(part)")
      }
      let shown = try CommandTests.object(try workspace.run("inspect", "run", "--json").output)
      #expect(shown["step"] as? Int == 24 && shown["verified"] as? Bool == true)
      let weights = try #require(shown["weights"] as? [[String: Any]])
      #expect(weights.map { $0["shape"] as? [Int] } == [[128], [128, 784], [10], [10, 128]])
      #expect(weights.allSatisfy { ($0["norm"] as? Double ?? 0) > 0 })
      let file = "run/checkpoints/step-000000024.h5"
      try FileManager.default.removeItem(atPath: workspace.folder.path(of: "\(file).sha256"))
      let unverified = try CommandTests.object(try workspace.run("inspect", file, "--json").output)
      #expect(unverified["verified"] as? Bool == false)
      CommandTests.expectRefusal(
        try workspace.run("predict", file, "--input", "mlp.yaml"), 65, ["cannot be verified"])
    }

    // MARK: Rehearsals

    @Test(arguments: [nil, 2])
    func aDryRunWritesNothing(ranks: Int?) throws {
      let before = workspace.folder.names(in: ".")
      let first = try workspace.train("mlp.yaml", in: "run", ["--dry-run"], ranks: ranks)
      #expect(first.status == 0, "\(first.errors)")
      #expect(first.output.contains("dense1") && first.output.contains("would write to 'run'"))
      #expect(workspace.folder.names(in: ".") == before)
      #expect(try workspace.train("mlp.yaml", in: "run").status == 0)
      let names = workspace.folder.names(in: "run/checkpoints")
      CommandTests.expectRefusal(
        try workspace.train("mlp.yaml", in: "run", ["--dry-run"], ranks: ranks), 73,
        ["'run' already contains a run"])
      for option in ["--fresh", "--resume"] {
        let ending = try workspace.train(
          "mlp.yaml", in: "run", ["--dry-run", option], ranks: ranks)
        #expect(ending.status == 0, "\(ending.errors)")
      }
      #expect(workspace.folder.names(in: "run/checkpoints") == names)
      #expect(!workspace.folder.exists("run~1"))
      CommandTests.expectRefusal(
        try workspace.train("conv.yaml", in: "run", ["--dry-run", "--resume"], ranks: ranks), 65,
        ["is of another model"])
      CommandTests.expectRefusal(
        try workspace.train("mlp.yaml", in: "mlp.yaml/run", ["--dry-run"], ranks: ranks), 73,
        ["cannot create directory", "is a file"])
    }

    @Test func theDoctorNamesRemedies() throws {
      let ending = try workspace.run("doctor")
      #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)")
      let answer = try CommandTests.object(try workspace.run("doctor", "--json").output)
      #expect(answer["cores"] as? Int ?? 0 >= 1 && answer["findings"] is [Any])
      let nowhere = try workspace.run("doctor", "--run", "/proc/runs", "--json")
      #expect([73, 77].contains(nowhere.status), "\(nowhere.errors)")
      #expect(nowhere.output.contains("cannot write runs to '/proc/runs'"))
      let bound = try workspace.startCommand(
        ["taskset", "-c", "0", try #require(Workspace.program), "doctor"]
      ).wait()
      let cores = ProcessInfo.processInfo.processorCount
      #expect(cores == 1 || bound.output.contains("may run on 1 of \(cores) cores"))
      #expect(try workspace.run("doctor", ranks: 2).status == 0)
    }
  }
}
