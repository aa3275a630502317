import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// Curves of runs: a table in a pipe, a picture on a terminal.
  @Suite struct Plot {
    private let workspace: Workspace

    init() throws {
      workspace = try Workspace()
      try write("run", (1...4).map { ($0, 1 / Double($0), 0.2 * Double($0)) })
    }

    /// A run with its losses and accuracies; lines of validation have twice the loss.
    private func write(
      _ run: String, _ epochs: [(epoch: Int, loss: Double, accuracy: Double)], more: String = ""
    ) throws {
      try FileManager.default.createDirectory(
        atPath: workspace.folder.path(of: run), withIntermediateDirectories: true)
      try workspace.folder.write("name: a\n", to: "\(run)/config.yaml")
      let lines = epochs.flatMap { epoch, loss, accuracy in
        [("train", loss), ("validation", 2 * loss)].map { split, loss in
          """
          {"step": \(10 * epoch), "epoch": \(epoch), "split": "\(split)", "loss": \(loss), \
          "metrics": {"accuracy": \(accuracy)}, "learning_rate": 0.5, "samples_per_second": null}

          """
        }
      }
      try workspace.folder.write(lines.joined() + more, to: "\(run)/metrics.jsonl")
    }

    @Test(arguments: [nil, 2])
    func aTableInAPipe(ranks: Int?) throws {
      let ending = try workspace.run(
        "plot", "run", "--metric", "loss", "--metric", "learning_rate", ranks: ranks)
      #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)")
      #expect(
        ending.output == """
          epoch\tloss train\tloss validation\tlearning_rate train\tlearning_rate validation
          1\t1.0\t2.0\t0.5\t0.5
          2\t0.5\t1.0\t0.5\t0.5
          3\t0.3333333333333333\t0.6666666666666666\t0.5\t0.5
          4\t0.25\t0.5\t0.5\t0.5

          """)
    }

    @Test func runsAndDamagedLines() throws {
      try write("other", [(1, 3, 0.5)], more: "{\"step\": 20,\n{\"step\"")
      let ending = try workspace.run("plot", "run", "other", "--split", "validation")
      #expect(
        ending.output.split(separator: "\n").prefix(3) == [
          "epoch\trun loss validation\tother loss validation", "1\t2.0\t6.0", "2\t1.0\t",
        ])
      #expect(ending.status == 0)
      #expect(
        ending.errorLines == [
          "other/metrics.jsonl: line 3, and 1 more line left out: it is no JSON"
        ])
    }

    @Test func allOfItAsJSON() throws {
      struct Answer: Decodable {
        struct Curve: Decodable {
          struct Point: Decodable { let step: Int, epoch: Int, value: Double }
          let run: String, metric: String, split: String, points: [Point]
        }
        let curves: [Curve]
      }
      let ending = try workspace.run("plot", "run", "--metric", "accuracy", "--json")
      let answer = try JSONDecoder().decode(Answer.self, from: Data(ending.output.utf8))
      #expect(answer.curves.map(\.split) == ["train", "validation"])
      #expect(answer.curves[1].points.map(\.step) == [10, 20, 30, 40])
      #expect(answer.curves[0].points.map(\.value) == [0.2, 0.4, 0.2 * 3, 0.8])
    }

    @Test(arguments: [
      (["run", "--metric", "acuracy"], 64, "did you mean 'accuracy'?"),
      (["run", "--split", "valid"], 64, "expected train, validation, test or step, found 'valid'"),
      (["run", "--split", "step"], 66, "set train.log_every: N"),
      (["new"], 66, "'new' has no epoch yet"), (["absent"], 66, "'absent' does not exist"),
      (["conv.yaml"], 66, "is a file"),
    ])
    func nothingToPlot(words: [String], status: Int32, message: String) throws {
      try write("new", [])
      let ending = try workspace.start(["plot"] + words).wait()
      #expect(ending.status == status && ending.output.isEmpty, "\(ending.errors)")
      #expect(ending.errorLines.count == 1 && ending.errors.contains(message), "\(ending.errors)")
    }

    /// What a terminal of 60 columns and 16 lines shows.
    private func screen(_ words: String, _ environment: [String: String]) throws -> [String] {
      let program = try #require(Workspace.program)
      let ending = try workspace.startCommand(
        ["script", "-qec", "stty cols 60 rows 16; \(program) plot \(words)", "/dev/null"],
        ["TERM": "xterm-256color"].merging(environment) { $1 }
      ).wait()
      #expect(ending.status == 0, "\(ending.output)")
      return ending.output.split(separator: "\r\n").map(String.init)
    }

    @Test(.enabled(if: Workspace.hasTerminal, "needs script (util-linux)"))
    func aPictureOnATerminal() throws {
      let lines = try screen("run --metric loss", ["LC_ALL": "C.UTF-8", "NO_COLOR": ""])
      let plain = lines.map { $0.replacing(/\u{1b}\[[0-9;]*m/, with: "") }
      #expect(plain.count == 15 && plain.allSatisfy { $0.count <= 60 }, "\(plain)")
      #expect(plain[0] == "loss over epochs")
      #expect(plain.joined().contains { ("\u{2801}"..."\u{28FF}").contains($0) })
      #expect(lines.joined().contains("\u{1b}[36m"))
      #expect(plain[14] == "━━ validation: last 0.5000 at 4, lowest 0.5000 at 4, highe…")
    }

    @Test(.enabled(if: Workspace.hasTerminal, "needs script (util-linux)"))
    func plainCharactersWithoutUnicodeAndColours() throws {
      let lines = try screen("run --log", ["LC_ALL": "C", "NO_COLOR": "1"])
      #expect(lines.joined().utf8.allSatisfy { 0x20...0x7e ~= $0 }, "\(lines)")
      #expect(lines[0] == "loss over epochs, logarithmic")
      let body = lines.dropFirst().dropLast(4).joined()
      #expect(body.contains("*") && body.contains("o"))
      #expect(lines[13].hasPrefix("* train: ") && lines[14].hasPrefix("o validation: "))
    }
  }
}
