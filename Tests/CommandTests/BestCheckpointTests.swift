import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// What early stopping has found is what is used afterwards.
  @Suite struct BestCheckpoint {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    /// The first epoch is the best: the learning rate then makes everything worse.
    private static let words = Workspace.settings([
      "optimizer={adam: 0.05}", "data.train_samples=256", "data.test_samples=128",
      "train={epochs: 20, early_stop: 4, export: smodel, checkpoint: {keep: 2}}",
    ])

    private func train(ranks: Int? = nil, words: [String] = []) throws -> ChildProcess.Ending {
      try workspace.start(
        ["train", "mlp.yaml", "--run", "run"] + Self.words + words, ranks: ranks
      ).wait()
    }

    /// The validation losses of the epochs, by their steps.
    private func losses() throws -> [(step: Int, loss: Double)] {
      try workspace.metrics(of: "run").map { try CommandTests.object($0) }
        .filter { $0["split"] as? String == "validation" }
        .map { (try #require($0["step"] as? Int), try #require($0["loss"] as? Double)) }
    }

    private func evaluation(_ words: String...) throws -> [String: Any] {
      let ending = try workspace.start(["evaluate", "run", "--json"] + words).wait()
      #expect(ending.status == 0, "\(ending.errors)")
      return try CommandTests.object(ending.output)
    }

    @Test(arguments: [nil, 2]) func isUsedByAll(ranks: Int?) throws {
      let ending = try train(ranks: ranks)
      #expect(ending.status == 0, "\(ending.errors)")
      let losses = try losses()
      let best = try #require(losses.min { $0.loss < $1.loss })
      let last = try #require(losses.last)
      try #require(best.step < last.step, "as the test supposes")
      let name = String(format: "step-%09d.h5", best.step)
      let newest = String(format: "step-%09d.h5", last.step)
      #expect(try workspace.folder.text(of: "run/checkpoints/best") == "\(name)\n")
      for text in [
        "best: 'run/checkpoints/\(name)', loss ", "validation of the best checkpoint:",
        "exported: 'run/model.smodel', of the best checkpoint", "finished early, after step",
      ] { #expect(ending.output.contains(text), "\(ending.output) lacks \(text)") }

      // The test set is what validates.
      #expect(try evaluation()["step"] as? Int == best.step)
      #expect(try evaluation()["loss"] as? Double == best.loss)
      #expect(try evaluation("--last")["step"] as? Int == last.step)
      #expect(try evaluation("--last")["loss"] as? Double == last.loss)
      let note =
        "the best checkpoint of the run; --last uses the newest, 'run/checkpoints/\(newest)'"
      for words in [
        ["evaluate", "run"], ["inspect", "run"],
        ["export", "run", "--to", "smodel", "--output", "best.smodel"],
      ] {
        let ending = try workspace.start(words).wait()
        #expect(ending.output.contains(note), "\(words): \(ending.output)\(ending.errors)")
        #expect(ending.output.contains(name))
      }
      let exported = try workspace.folder.data(of: "run/model.smodel")
      #expect(try workspace.folder.data(of: "best.smodel") == exported)
      let other = try workspace.run(
        "export", "run", "--last", "--to", "smodel", "--output", "last.smodel")
      #expect(other.status == 0 && !other.output.contains("best"), "\(other.errors)")
      #expect(try workspace.folder.data(of: "last.smodel") != exported)
    }

    @Test func answersAreThoseOfTheBest() throws {
      #expect(try train().status == 0)
      let pixels = (0..<28 * 28).map { "\($0 % 256)" }.joined(separator: ",")
      try workspace.folder.write(pixels + "\n", to: "in.csv")
      let best = try workspace.run("predict", "run", "--input", "in.csv")
      #expect(best.status == 0, "\(best.errors)")
      #expect(best.errorLines.count == 1 && best.errors.contains("the best checkpoint of the run"))
      let last = try workspace.run("predict", "run", "--input", "in.csv", "--last")
      #expect(last.status == 0 && last.errors.isEmpty, "\(last.errors)")
      #expect(last.output.split(separator: "\n").count == best.output.split(separator: "\n").count)
      let file = try workspace.folder.text(of: "run/checkpoints/best").dropLast()
      let direct = try workspace.run("predict", "run/checkpoints/\(file)", "--input", "in.csv")
      #expect(direct.output == best.output && direct.errors.isEmpty)
      let json = try CommandTests.object(
        workspace.run("predict", "run", "--input", "in.csv", "--json").output)
      #expect(json["checkpoint"] as? String == "run/checkpoints/\(file)")
    }

    /// A run that is interrupted, and goes on elsewhere, marks the same.
    @Test func isTheSameAfterAnInterruption() throws {
      #expect(try train().status == 0)
      let marked = try workspace.folder.text(of: "run/checkpoints/best")
      let model = try workspace.folder.data(of: "run/model.smodel")
      let names = workspace.checkpoints(of: "run")
      try FileManager.default.removeItem(atPath: workspace.folder.path(of: "run"))
      for (epochs, ranks) in [(1, nil), (2, 2), (3, nil), (20, 2)] {
        let ending = try train(
          ranks: ranks, words: ["--resume", "--set", "train.epochs=\(epochs)"])
        #expect(ending.status == 0, "\(ending.errors)")
      }
      #expect(try workspace.folder.text(of: "run/checkpoints/best") == marked)
      #expect(try workspace.folder.data(of: "run/model.smodel") == model)
      #expect(workspace.checkpoints(of: "run") == names)
    }

    /// Without a mark there is one choice, and nothing is said of it.
    @Test func aRunWithoutOneIsAsEver() throws {
      let ending = try workspace.train("mlp.yaml", in: "run", ["--set", "train.epochs=2"])
      #expect(ending.status == 0 && !ending.output.contains("best"), "\(ending.output)")
      #expect(!workspace.folder.exists("run/checkpoints/best"))
      let evaluated = try workspace.run("evaluate", "run")
      #expect(evaluated.status == 0 && !evaluated.output.contains("best"))
      #expect(try workspace.run("evaluate", "run", "--last").output == evaluated.output)
    }

    /// What is damaged or lost by hand comes back, also in a run that is finished.
    @Test func aFinishedRunIsRepaired() throws {
      #expect(try train().status == 0)
      let marked = try workspace.folder.text(of: "run/checkpoints/best")
      let model = try workspace.folder.data(of: "run/model.smodel")
      try FileManager.default.removeItem(atPath: workspace.folder.path(of: "run/checkpoints/best"))
      try workspace.folder.write("stale", to: "run/model.smodel")
      try workspace.folder.write("orphan", to: "run/checkpoints/step-000000001.h5.sha256")
      let again = try train(words: ["--resume"])
      #expect(again.status == 0 && again.output.contains("already finished"), "\(again.errors)")
      #expect(try workspace.folder.text(of: "run/checkpoints/best") == marked)
      #expect(try workspace.folder.data(of: "run/model.smodel") == model)
      #expect(!workspace.folder.exists("run/checkpoints/step-000000001.h5.sha256"))
      #expect(try train(words: ["--resume", "--set", "train.checkpoint.keep=1"]).status == 0)
      #expect(workspace.checkpoints(of: "run").count == 2, "the newest and the best")
    }

    // MARK: What is not a number

    /// Layers that multiply the greatest floats leave infinities, and differences of them nothing.
    @Test func aLossThatIsNoNumberIsNeverTheBest() throws {
      let rows = (0..<64).map { row in "\(Double(row) / 20),\(row % 7),\(row % 5)" }
      try workspace.folder.write("x,z,y\n" + rows.joined(separator: "\n") + "\n", to: "t.csv")
      try workspace.folder.write("x,z,y\n1,1,2\n3e38,3e38,1\n", to: "v.csv")
      try workspace.folder.write(
        """
        name: nan
        data: {dataset: {csv: {training: t.csv, test: v.csv, targets: [y]}}, batch: 16}
        model: [{dense: 16}, {dense: 16}, {dense: 1}]
        loss: mse
        optimizer: {adam: 0.1}
        train: {epochs: 3, early_stop: 9}
        """, to: "nan.yaml")
      let ending = try workspace.run("train", "nan.yaml", "--run", "run")
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(ending.output.contains("validation loss nan mae nan r2 nan"), "\(ending.output)")
      #expect(workspace.checkpoints(of: "run").count == 3)
      #expect(!workspace.folder.exists("run/checkpoints/best"))
      let lines = try workspace.metrics(of: "run").map { try CommandTests.object($0) }
      #expect(lines.count { $0["loss"] is NSNull } == 3)
      for words in [
        ["evaluate", "run"], ["inspect", "run"], ["predict", "run", "--input", "v.csv"],
      ] {
        let ending = try workspace.start(words).wait()
        #expect(ending.status == 0 && ending.output.contains("nan"), "\(ending.errors)")
        #expect(!ending.output.contains("-nan"), "\(ending.output)")
      }
      #expect(try workspace.run("diff", "run", "run").status == 0)
      let resumed = try workspace.run(
        "train", "nan.yaml", "--run", "run", "--resume", "--set", "train.epochs=4")
      #expect(resumed.status == 0, "\(resumed.errors)")
    }
  }
}
