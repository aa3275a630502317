import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// What is printed, for people and for programs.
  @Suite struct Output {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private static func isEpoch(_ line: Substring) -> Bool {
      let scores = /loss [0-9.]+  accuracy [0-9.]+ %  validation loss [0-9.]+ accuracy [0-9.]+ %/
      let parts = line.split(separator: "  ", maxSplits: 2)
      guard parts.count == 3, parts[0] == "epoch", let match = parts[2].prefixMatch(of: scores)
      else { return false }
      return parts[2][match.range.upperBound...]
        .wholeMatch(of: /\s\s[0-9.]+ samples\/s  [0-9.]+ s/) != nil
    }

    // MARK: Text

    @Test(arguments: [nil, 1, 3])
    func lineAnEpochFromRankZeroAlone(ranks: Int?) throws {
      let ending = try workspace.train(
        "mlp.yaml", in: "run", Workspace.settings(["train.epochs=4"]), ranks: ranks)
      #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)")
      let lines = ending.output.split(separator: "\n")
      #expect(lines.count(where: Self.isEpoch) == 4, "\(ending.output)")
      #expect(lines.count { $0.hasPrefix("epoch") } == 4)
      let sentences = lines.filter { !$0.contains("──") }
      #expect(Set(sentences).count == sentences.count, "nothing is said twice")
      #expect(!ending.output.contains("\r") && !ending.output.contains("\u{1b}"))
      #expect(ending.output.contains("\(ranks ?? 1) rank"))
      #expect(lines.last == "finished: 'run' holds the weights; nn-dist evaluate run")
    }

    @Test func helpOfEachCommand() throws {
      let all = try workspace.run("--help")
      #expect(all.status == 0 && all.errors.isEmpty)
      for command in ["train", "evaluate", "summary", "gradcheck", "explain", "bench"] {
        #expect(all.output.contains("  \(command) "))
        for words in [[command, "--help"], [command, "-h"], ["help", command]] {
          let ending = try workspace.start(words).wait()
          #expect(ending.status == 0 && ending.errors.isEmpty, "\(words)")
          #expect(ending.output.contains("usage: nn-dist \(command) "))
        }
      }
      let once = try workspace.run("train", "--help", ranks: 2)
      #expect(once.status == 0)
      #expect(once.output.split(separator: "usage:").count == 2)
    }

    /// The page is what the program of a full build prints.
    @Test func referenceOfTheConfiguration() throws {
      let ending = try workspace.run("reference")
      #expect(ending.status == 0, "\(ending.errors)")
      guard ending.output.contains("one of onednn") else { return }
      let page = try String(
        contentsOfFile: "\(Workspace.repository)/docs/configuration.md", encoding: .utf8)
      #expect(ending.output == page, "make reference writes docs/configuration.md anew")
    }

    @Test func version() throws {
      let ending = try workspace.run("--version")
      #expect(ending.status == 0)
      #expect(ending.output.wholeMatch(of: /nn-dist [0-9]+\.[0-9]+\.[0-9]+\n/) != nil)
    }

    // MARK: Readers that leave

    /// Open MPI's launcher gives up itself when it cannot pass on what its ranks print.
    @Test(arguments: [nil, 2])
    func readerThatLeavesCostsNothing(ranks: Int?) throws {
      let launcher = ranks.map { "mpirun -q --timeout 60 --oversubscribe -np \($0) " } ?? ""
      let ending = try workspace.startCommand(
        ["bash", "-c", "\(launcher)\"$@\" | head -1; exit ${PIPESTATUS[0]}", "bash"]
          + [try #require(Workspace.program)] + Workspace.training("mlp.yaml", in: "run")
      ).wait()
      #expect(!ending.timedOut && (ending.status == 0 || ranks != nil), "\(ending.errors)")
      #expect(ending.output.split(separator: "\n").count == 1)
      #expect(try workspace.train("mlp.yaml", in: "run", ["--resume"]).status == 0)
      #expect(try workspace.train("mlp.yaml", in: "whole").status == 0)
      #expect(
        try workspace.newestCheckpoint(of: "run") == workspace.newestCheckpoint(of: "whole"))
    }

    @Test func outputThatCannotBeWrittenIsAFailure() throws {
      let ending = try workspace.startCommand(
        [
          "sh", "-c", "\"$@\" >/dev/full", "sh", try #require(Workspace.program), "summary",
          "mlp.yaml",
        ]
      ).wait()
      CommandTests.expectRefusal(ending, 74, ["standard output", "No space left"])
    }

    /// Descriptors of streams that were closed are not those of files, where text would end.
    @Test func closedStreams() throws {
      let words = Workspace.training("mlp.yaml", in: "run")
      for closing in [">&-", "2>&-", "<&- >&- 2>&-"] {
        let ending = try workspace.startCommand(
          ["sh", "-c", "\"$@\" \(closing)", "sh", try #require(Workspace.program)] + words
            + ["--fresh"]
        ).wait()
        #expect(ending.status == 0, "\(ending.errors)")
        #expect(try workspace.folder.data(of: "run/.lock").isEmpty)
        #expect(try workspace.metrics(of: "run").count == 6)
        #expect(workspace.checkpoints(of: "run").count == 3)
      }
    }

    /// More shards than samples would be refused.
    @Test func adviceToUseMoreCoresCanBeTaken() throws {
      for batch in [1, 4] {
        let ending = try workspace.train(
          "mlp.yaml", in: "run",
          ["--fresh"] + Workspace.settings(["train={steps: 1}", "data.batch=\(batch)"]))
        guard let advice = ending.output.firstMatch(of: /--set (shards=[0-9]+)/) else { continue }
        let words = ["--fresh"] + Workspace.settings(["data.batch=\(batch)", "\(advice.1)"])
        #expect(try workspace.train("mlp.yaml", in: "run", words).status == 0)
      }
    }

    // MARK: JSON

    private func object(_ text: String) throws -> [String: Any] {
      #expect(text.split(separator: "\n").count == 1)
      return try #require(
        try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test(arguments: ["mlp.yaml", "conv.yaml"])
    func summaryInJSON(_ configuration: String) throws {
      let ending = try workspace.run("summary", configuration, "--json")
      #expect(ending.status == 0, "\(ending.errors)")
      let summary = try object(ending.output)
      for name in [
        "training_samples", "test_samples", "classes", "batch", "shards", "steps_per_epoch",
      ] {
        #expect(summary[name] is Int, "\(name)")
      }
      #expect(summary["sample_shape"] as? [Int] == [28, 28, 1])
      let layers = try #require(summary["layers"] as? [[String: Any]])
      #expect(layers.last?["output"] as? [Int] == [10])
      for name in ["parameters", "flops"] {
        let parts = try layers.map { try #require($0[name] as? Int) }
        let whole = try #require(summary[name == "flops" ? "flops_per_sample" : name] as? Int)
        #expect(parts.reduce(0, +) == whole)
      }
    }

    @Test func evaluationInJSONAndInWords() throws {
      #expect(try workspace.train("mlp.yaml", in: "run").status == 0)
      var answers: [String] = []
      for ranks in [nil, 1, 2, 3] {
        let ending = try workspace.run("evaluate", "run", "--json", ranks: ranks)
        #expect(ending.status == 0, "\(ending.errors)")
        answers.append(ending.output)
      }
      #expect(Set(answers).count == 1, "the same to the last digit on any number of ranks")
      let score = try object(answers[0])
      #expect(score["checkpoint"] as? String == "run/checkpoints/step-000000024.h5")
      #expect(score["step"] as? Int == 24)
      #expect(score["samples"] as? Int == 256)
      let (accuracy, loss) = (
        try #require(score["accuracy"] as? Double), try #require(score["loss"] as? Double)
      )
      let last = try #require(try workspace.metrics(of: "run").last)
      let metrics = try object(last)
      #expect(metrics["split"] as? String == "validation" && metrics["loss"] as? Double == loss)

      for operand in ["run", "run/", "run/checkpoints/step-000000024.h5"] {
        let ending = try workspace.run("evaluate", operand)
        #expect(ending.status == 0, "\(ending.errors)")
        #expect(
          ending.output.contains("accuracy \(String(format: "%.2f", 100 * accuracy)) %"),
          "\(ending.output)")
      }
    }

    @Test func measuresInJSON() throws {
      for ranks in [nil, 2] {
        let ending = try workspace.run("bench", "mlp.yaml", "--steps", "5", "--json", ranks: ranks)
        #expect(ending.status == 0, "\(ending.errors)")
        let measures = try object(ending.output)
        for name in ["median_ms", "min_ms", "samples_per_second", "gflops", "peak_share"] {
          #expect(try #require(measures[name] as? Double, "\(name)") > 0)
        }
        #expect(measures["peak_bytes"] is Int)
      }
    }

    @Test func gradientsInJSON() throws {
      let ending = try workspace.run("gradcheck", "mlp.yaml", "--json")
      #expect(ending.status == 0, "\(ending.errors)")
      let check = try object(ending.output)
      #expect(check["passes"] as? Bool == true)
      let parameters = try #require(check["parameters"] as? [[String: Any]])
      #expect(
        parameters.map { $0["name"] as? String }
          == ["dense1/weight", "dense1/bias", "dense2/weight", "dense2/bias"])
    }

    /// Only training has something to save first.
    @Test func otherCommandsEndAtOnce() throws {
      let process = try workspace.start(["gradcheck", "conv.yaml", "--all"])
      Thread.sleep(forTimeInterval: 0.2)
      process.send(SIGTERM)
      #expect(process.wait().status == 143)
    }

    // MARK: What training is for

    @Test func convolutionsReadDigits() throws {
      let ending = try workspace.run("train", "conv.yaml", ranks: 2)
      #expect(ending.status == 0, "\(ending.errors)")
      let score = try object(try workspace.run("evaluate", "runs/conv", "--json").output)
      #expect(score["samples"] as? Int == 2000)
      #expect(try #require(score["accuracy"] as? Double) >= 0.98)
    }
  }
}
