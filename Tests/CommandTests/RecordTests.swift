import Foundation
import RunFiles
import TestSupport
import Testing

extension CommandTests {
  /// What a run's directory tells of the run: how it started, went on and ended.
  @Suite struct Records {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private static let words = Workspace.settings([
      "data.train_samples=128", "data.test_samples=64", "data.batch=32",
    ])

    private func train(_ words: String..., resumes: Bool = false) throws -> ChildProcess.Ending {
      try workspace.start(
        ["train", "mlp.yaml", "--run", "run"] + Self.words + Workspace.settings(words)
          + (resumes ? ["--resume"] : [])
      ).wait()
    }

    private var record: RunRecord {
      get throws { try RunRecord(reading: workspace.folder.path(of: "run")) }
    }

    private func last(of record: RunRecord) throws -> RunSession.End {
      try #require(record.sessions.last?.end)
    }

    @Test func aFinishedRunNamesItsCommandAndMachine() throws {
      let ending = try train("train.epochs=2")
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(ending.errors.isEmpty)
      let record = try record
      #expect(record.notes.isEmpty, "\(record.notes)")
      #expect(record.sessions.count == 1)
      let start = try #require(record.sessions.first).start
      #expect(start.command.hasPrefix("nn-dist train mlp.yaml --run run --set data.train_sampl"))
      #expect(start.step == 0 && start.ranks == 1 && start.cores > 0 && !start.processor.isEmpty)
      #expect(abs(start.time - Date().timeIntervalSince1970) < 600)
      let end = try last(of: record)
      #expect(end.outcome == .finished && end.step == 8 && end.code == 0 && end.next.isEmpty)
      #expect(end.time >= start.time)
      #expect(workspace.folder.exists("run/report.html"))
      #expect(record.layers.map(\.step) == [4, 8])
    }

    @Test func howItEndedIsToldOfEachEnd() throws {
      let early = try train(
        "train.epochs=50", "train.early_stop={figure: loss, patience: 1, min_delta: 100}")
      #expect(early.status == 0, "\(early.errors)")
      let end = try last(of: record)
      #expect(end.outcome == .stoppedEarly && !end.message.isEmpty && end.next.isEmpty)
      // The directory is taken, and stays as it is.
      #expect(try train("train.epochs=2").status == 73)
      #expect(try record.sessions.count == 1)
    }

    @Test func timeAndResumption() throws {
      let limited = try train("train.epochs=100000", "train.max_time=1 s")
      #expect(limited.status == 0, "\(limited.errors)")
      let end = try last(of: record)
      #expect(end.outcome == .timeIsUp && end.next.contains("nn-dist train mlp.yaml"))
      #expect(end.next.contains("--run run --resume"))
      let epochs = end.step / 4 + 2
      let resumed = try train("train.epochs=\(epochs)", resumes: true)
      #expect(resumed.status == 0, "\(resumed.errors)")
      let record = try record
      #expect(record.notes.isEmpty, "\(record.notes)")
      #expect(record.sessions.map(\.end?.outcome) == [.timeIsUp, .finished])
      #expect(record.sessions.last?.start.step == end.step)
      #expect(record.layers.map(\.step) == (1...epochs).map { 4 * $0 })
    }

    @Test func aSignalAndAKill() throws {
      let process = try workspace.start(
        ["train", "mlp.yaml", "--run", "run"] + Self.words
          + Workspace.settings(["train.epochs=100000"]))
      workspace.waitForCheckpoint(of: "run", count: 2)
      process.send(SIGTERM)
      #expect(process.wait().status == 75)
      let end = try last(of: record)
      #expect(end.outcome == .stopped && end.code == 75 && end.next.contains("--resume"))
      let again = try workspace.start(
        ["train", "mlp.yaml", "--run", "run", "--resume"] + Self.words
          + Workspace.settings(["train.epochs=100000"]))
      let limit = ContinuousClock.now + .seconds(20)
      while try record.sessions.count < 2, .now < limit { Thread.sleep(forTimeInterval: 0.01) }
      again.send(SIGKILL)
      _ = again.wait()
      let record = try record
      #expect(record.sessions.count == 2 && record.sessions.last?.end == nil)
    }

    /// A rate so high that the loss is no number.
    @Test(arguments: [nil, 2])
    func aFailureHasItsMessageAndCode(ranks: Int?) throws {
      let ending = try workspace.start(
        ["train", "mlp.yaml", "--run", "run"] + Self.words
          + Workspace.settings(["optimizer={sgd: 1000}", "train.epochs=3"]), ranks: ranks
      ).wait()
      #expect(ending.status == 79, "\(ending.errors)")
      let end = try last(of: record)
      #expect(end.outcome == .failed && end.code == 79)
      #expect(end.message.contains("is not finite"))
      #expect(end.next.contains("--resume"))
    }

    /// A text that the run wrote is what `sample` writes with the same weights.
    @Test func textsOverTimeAreThoseOfSample() throws {
      let words = "the cat sat on a mat and the dog ran to it. "
      try workspace.folder.write(String(repeating: words, count: 40), to: "t.txt")
      try workspace.folder.write(
        """
        name: text
        seed: 7
        data: {dataset: {text: {training: t.txt, length: 12}}, validation: 0.2, batch: 4}
        model: [{embedding: {size: 4}}, {gru: 6}, {dense: tokens}]
        loss: cross_entropy
        optimizer: {adam: 0.01}
        train: {epochs: 2, samples: {every: 1 epoch, prompt: "the ", length: 40}}
        """, to: "text.yaml")
      let ending = try workspace.run("train", "text.yaml")
      #expect(ending.status == 0, "\(ending.output)\(ending.errors)")
      let names = workspace.folder.names(in: "runs/text/samples").sorted()
      #expect(names.count == 2 && names.allSatisfy { $0.hasSuffix(".txt") })
      let sample = try workspace.run(
        "sample", "runs/text", "--prompt", "the ", "--length", "40", "--seed", "7")
      #expect(sample.status == 0, "\(sample.errors)")
      let last = try workspace.folder.text(of: "runs/text/samples/\(try #require(names.last))")
      #expect(last == sample.output)
      #expect(last.hasPrefix("the ") && last.utf8.count > 40)
      let first = try workspace.folder.text(of: "runs/text/samples/\(names[0])")
      #expect(first != last)
    }

    @Test(arguments: [
      ("train.samples={every: 1 epoch}", "expected a generator or a network that continues"),
      ("train.log_every=2 epochs", "log_every"), ("train.report=perhaps", "report"),
    ])
    func badSettingsAreRefused(setting: String, message: String) throws {
      CommandTests.expectRefusal(try train(setting), 64, [message])
    }

    /// No file may be larger than 40 kB, as on a full disk: the page is, the log is not.
    @Test func aFullDiskEndsNoRun() throws {
      let program = try #require(Workspace.program)
      let words =
        ["train", "mlp.yaml", "--run", "run"] + Self.words
        + Workspace.settings([
          "train.epochs=4", "model=[{conv: {filters: 1, stride: 4}}, flatten, {dense: 10}]",
        ])
      let ending = try workspace.startCommand(
        ["bash", "-c", "trap '' XFSZ; ulimit -f 40; exec \"$0\" \"$@\"", program] + words
      ).wait()
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(ending.errorLines.count == 1)
      #expect(ending.errors.contains("the run goes on without a whole report: cannot write"))
      #expect(!workspace.folder.exists("run/report.html"))
      let record = try record
      #expect(record.notes.isEmpty, "\(record.notes)")
      #expect(record.layers.count == 4)
      #expect(try last(of: record).outcome == .finished)
    }

    /// A link could lead anywhere.
    @Test(arguments: ["run.jsonl", "layers.jsonl", "report.json", "report.html", "tensorboard"])
    func linksInTheWayAreRefused(name: String) throws {
      try FileManager.default.createDirectory(
        atPath: workspace.folder.path(of: "run"), withIntermediateDirectories: true)
      try FileManager.default.createSymbolicLink(
        atPath: workspace.folder.path(of: "run/\(name)"), withDestinationPath: "/tmp")
      CommandTests.expectRefusal(try train("train.epochs=1"), 73, [name])
    }
  }
}
