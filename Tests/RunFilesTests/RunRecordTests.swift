import Diagnostics
import Files
import Foundation
import Reports
import RunFiles
import TestSupport
import Testing

/// Reading the files of a run, whole and damaged.
@Suite struct RunRecordTests {
  /// A run's directory with these files.
  private func run(_ files: [String: String]) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for (name, text) in files {
      try makeDirectories(directoryName("\(folder.path)/\(name)"))
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder.path)/\(name)"))
    }
    return folder
  }

  private let configuration = "name: conv\ntrain:\n  epochs: 3\n"

  private func line(_ step: Int, _ split: String, _ loss: String, more: String = "") -> String {
    """
    {"step": \(step), "epoch": \(step / 10), "split": "\(split)", "loss": \(loss), \
    "metrics": {"accuracy": 0.5}, "learning_rate": 0.001, "samples_per_second": 10\(more)}

    """
  }

  @Test func curvesOfMetrics() throws {
    let folder = try run([
      "config.yaml": configuration,
      "metrics.jsonl": line(10, "train", "2.25", more: ", \"wall_time\": 5.5")
        + line(10, "validation", "1e300") + line(20, "train", "null") + line(15, "step", "7"),
    ])
    let record = try RunRecord(reading: folder.path + "/")
    #expect(record.notes.isEmpty)
    #expect(record.configuration == configuration && record.name == baseName(folder.path))
    #expect(record.metrics.names == ["loss", "accuracy"])
    let loss = try #require(record.metrics[.train, "loss"]).points
    #expect(loss[0] == .init(step: 10, epoch: 1, wallTime: 5.5, value: 2.25))
    #expect(loss[1].value.isNaN && loss[1].wallTime == nil)
    #expect(record.metrics[.validation, "loss"]?.points[0].value == 1e300)
    #expect(record.metrics[.step, "loss"]?.points.map(\.value) == [7])
    #expect(record.metrics.lastStep == 20)
  }

  @Test func damagedLinesAreLeftOut() throws {
    let whole = line(10, "train", "2")
    let folder = try run([
      "config.yaml": configuration,
      "metrics.jsonl": whole + "{\"step\": 12, \n" + "\u{0}\u{1}\n" + "[1, 2]\n" + whole
        + line(20, "train", "\"x\"") + line(30, "train", "1") + "{\"step\": 40",
      "layers.jsonl": "{}\n",
      "run.jsonl": "{\"event\": \"end\", \"outcome\": \"finished\"}\n",
      "report.json": "{",
    ])
    let record = try RunRecord(reading: folder.path)
    #expect(record.metrics[.train, "loss"]?.points.map(\.step) == [10, 30])
    #expect(record.notes.count == 4)
    #expect(
      record.notes[0] == "metrics.jsonl: line 2, and 5 more lines left out: it is no JSON")
    #expect(record.notes[1].hasPrefix("layers.jsonl: line 1 left out: expected step"))
    #expect(record.notes[2].hasPrefix("run.jsonl: line 1 left out"))
    #expect(record.notes[3].hasPrefix("report.json is left out: "))
    #expect(record.layers.isEmpty && record.sessions.isEmpty)
  }

  @Test func sessionsAndLayers() throws {
    let start = RunSession.Start(
      time: 1000.5, step: 0, version: "0.1.0", command: "nn-dist train 'a b.yaml'", host: "n1",
      processor: "EPYC", cores: 2, ranks: 4, workers: 1, engine: "onednn")
    let end = RunSession.End(
      time: 1010, step: 30, outcome: .stopped, message: "\"<script>", code: 75, next: "nn-dist x")
    let layer = LayersLine(
      step: 30, epoch: 1,
      tensors: [
        .init(name: "dense1/weight", weights: 3, gradient: 0.5),
        .init(name: "norm/running_mean", weights: 1, gradient: nil),
      ], dead: [("relu1", 0.25)])
    let folder = try run([
      "config.yaml": configuration,
      "run.jsonl": "\(start.json)\n\(end.json)\n\(start.json)\n", "layers.jsonl": "\(layer.json)\n",
    ])
    let record = try RunRecord(reading: folder.path)
    #expect(record.notes.isEmpty)
    #expect(record.sessions.map { $0.end == nil } == [false, true])
    #expect(record.sessions[0].start.json.description == start.json.description)
    #expect(record.sessions[0].end?.json.description == end.json.description)
    #expect(record.layers.map(\.json.description) == [layer.json.description])
  }

  @Test func findings() throws {
    var findings = Findings()
    findings.network = "<svg/>"
    findings.validation = ValidationFindings(
      step: 7, isBest: true, samples: 3,
      confusion: (["a", "<b>"], [[1, 2], [0, 9_007_199_254]]),
      pairs: [(1.5, -2), (3, 4e-12)],
      worst: [
        WorstSample(
          index: 4, loss: 9.5, truth: "a", answer: "<b>", probability: 0.75,
          content: .picture([0, 255, 7, 9])),
        WorstSample(
          index: 5, loss: .infinity, truth: "1", answer: "2", probability: nil,
          content: .row([("x", "1"), ("x", "2")])),
        WorstSample(
          index: 6, loss: 1, truth: "", answer: "", probability: nil, content: .text("ä\n\u{0}")),
      ])
    findings.activations = [
      ActivationMap(
        name: "lstm1, c", columns: ["a", "b"], rows: ["0"], values: [-1, 0.125], isAttention: false)
    ]
    let folder = try run([
      "config.yaml": configuration, "report.json": findings.json.description,
    ])
    let record = try RunRecord(reading: folder.path)
    #expect(record.notes.isEmpty)
    #expect(record.findings.json.description == findings.json.description)
    #expect(record.findings.validation?.worst.count == 3)
    #expect(record.findings.activations.count == 1)
  }

  @Test func samplesAreFewAndSmall() throws {
    var files = ["config.yaml": configuration, "samples/step-000000001.svg": "<svg/>"]
    for step in 2...30 {
      files["samples/step-0000000\(step < 10 ? "0" : "")\(step).txt"] = "\(step)"
    }
    files["samples/step-000000031.txt"] = String(repeating: "x", count: 1 << 20)
    files["samples/notes.txt"] = "none"
    let folder = try run(files)
    let record = try RunRecord(reading: folder.path)
    let samples = record.samples
    #expect(samples.count == 7 && samples.first?.step == 1)
    #expect(samples.map(\.step) == samples.map(\.step).sorted())
    guard case .drawing("<svg/>") = samples[0].content else { return #expect(Bool(false)) }
  }

  @Test func noRun() throws {
    let folder = try TemporaryFolder()
    for (path, message) in [
      (folder.path, "contains no run"), (folder.path + "/none", "does not exist"),
    ] {
      let failure = #expect(throws: Failure.self) { try RunRecord(reading: path) }
      #expect(failure?.code == .noInput && failure?.message.contains(message) == true)
    }
  }
}

/// Text of bytes and back.
@Suite struct Base64Tests {
  @Test func textIsThatOfFoundation() {
    var bytes: [UInt8] = []
    for byte in 0..<300 {
      #expect(Base64.text(of: bytes) == Data(bytes).base64EncodedString())
      #expect(Base64.bytes(of: Base64.text(of: bytes)) == bytes)
      bytes.append(UInt8(truncatingIfNeeded: 37 &* byte &* byte &+ 11))
    }
    for text in ["a", "ab=", "a=bc", "====", "ab\u{e9}d", "ab c"] {
      #expect(Base64.bytes(of: text) == nil)
    }
  }
}
