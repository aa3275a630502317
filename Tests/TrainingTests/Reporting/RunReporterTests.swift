import Checkpoints
import Datasets
import Diagnostics
import Foundation
import Reports
import RunFiles
import TestSupport
import Testing
import Training

/// The files that a report leaves, and what it must not change.
@Suite struct RunReporterTests {
  private static let watched = "report: true, tensorboard: true"

  /// Weights, moments and metrics have the same bits, whoever looks at them.
  @Test(arguments: [1, 2, 3])
  func reportsChangeNoBits(workers: Int) throws {
    var states: [StateBits] = []
    var lines: [[String]] = []
    for keys in ["report: false", "report: true", Self.watched] {
      let sample = Sample(model: Sample.conv, train: "{epochs: 3, \(keys)}")
      let directory = try TemporaryDirectory()
      let run = try ReportedRun(sample.experiment(), in: directory, workers: workers)
      states.append(run.state)
      lines.append(try metrics(in: directory))
    }
    #expect(Set(states.map(\.description)).count == 1)
    #expect(states[0] == states[1] && states[0] == states[2])
    #expect(lines[0] == lines[1] && lines[0] == lines[2])
  }

  @Test func everyFileIsThere() throws {
    let directory = try TemporaryDirectory()
    let sample = Sample(train: "{epochs: 2, \(Self.watched)}")
    let run = try ReportedRun(sample.experiment(), in: directory)
    #expect(run.record.notes.isEmpty, "\(run.record.notes)")
    #expect(run.record.sessions.count == 1)
    #expect(run.record.sessions.first?.end?.outcome == .finished)
    #expect(run.record.findings.network?.hasPrefix("<svg") == true)
    let page = try String(contentsOfFile: directory("report.html"), encoding: .utf8)
    #expect(page.contains("sample: report") || page.contains("<h1>"))
    for name in ["", "/train", "/validation"] {
      let path = directory("tensorboard\(name)/events.out.tfevents")
      #expect(FileManager.default.fileExists(atPath: path))
    }
  }

  @Test func withoutAReportThereIsNone() throws {
    let directory = try TemporaryDirectory()
    _ = try ReportedRun(Sample(train: "{epochs: 1, report: false}").experiment(), in: directory)
    for name in ["layers.jsonl", "report.json", "report.html", "tensorboard"] {
      #expect(!FileManager.default.fileExists(atPath: directory(name)), "\(name)")
    }
  }

  /// What an interrupted run wrote behind its checkpoint is cut: each step is there once.
  @Test func aResumedRunGoesOnWhereTheCheckpointIs() throws {
    let directory = try TemporaryDirectory()
    let keys = "epochs: 4, checkpoint: {every: 1 epoch, keep: 9}, \(Self.watched)"
    let experiment = try Sample(train: "{\(keys)}").experiment()
    let whole = try ReportedRun(experiment, in: directory)
    let perEpoch = experiment.batches.stepsPerEpoch
    let checkpoint = directory("step-\(String(format: "%09d", 2 * perEpoch)).h5")
    let resumed = try ReportedRun(experiment, in: directory, from: checkpoint)
    #expect(resumed.state == whole.state)
    #expect(resumed.record.notes.isEmpty, "\(resumed.record.notes)")
    #expect(resumed.record.layers.map(\.step) == (1...4).map { $0 * perEpoch })
    #expect(resumed.record.sessions.count == 2)
    #expect(resumed.record.sessions.last?.start.step == 2 * perEpoch)
    for (one, other) in zip(resumed.record.layers, whole.record.layers) {
      #expect(one.tensors.map(\.weights) == other.tensors.map(\.weights))
      #expect(one.tensors.map(\.gradient) == other.tensors.map(\.gradient))
    }
  }

  /// A line for every second step, with the metrics of its batch and the norm of its gradient.
  @Test(arguments: [1, 2])
  func stepsHaveLinesOfTheirOwn(interval: Int) throws {
    var sample = Sample(train: "{epochs: 2, log_every: \(interval) steps}")
    sample.samples = 600
    let directory = try TemporaryDirectory()
    let run = try ReportedRun(sample.experiment(), in: directory)
    let reports = try withTrainer(run.experiment) { trainer in
      var sampler = run.experiment.sampler
      return try (0..<2 * run.experiment.batches.stepsPerEpoch).map { step in
        try trainer.step(sampler.batch(atStep: step))
      }
    }
    let logged = reports.enumerated().filter { ($0.offset + 1) % interval == 0 }
    func points(_ name: String) throws -> [MetricsSeries.Point] {
      try #require(run.record.metrics[.step, name]).points
    }
    #expect(logged.count > 10)
    #expect(try points("loss").map(\.step) == logged.map { $0.offset + 1 })
    #expect(try points("loss").map(\.value) == logged.map(\.element.loss))
    #expect(try points("gradient_norm").map(\.value) == logged.map(\.element.gradientNorm))
    #expect(try points("accuracy").map(\.value) == logged.map { $0.element.metrics["accuracy"] })
  }

  /// A folder stands where a file should be written: training goes on.
  @Test func failuresEndNoRun() throws {
    let directory = try TemporaryDirectory()
    try FileManager.default.createDirectory(
      atPath: directory("report.json/inside"), withIntermediateDirectories: true)
    let experiment = try Sample(train: "{epochs: 2}").experiment()
    // The failure is that of an epoch, which the run prints, or of the end.
    _ = try? ReportedRun(experiment, in: directory)
    let record = try RunRecord(reading: directory.path)
    #expect(record.layers.count == 2)
    #expect(record.sessions.first?.end?.outcome == .finished)
    #expect(!FileManager.default.fileExists(atPath: directory("report.html")))
  }
}
