import Diagnostics
import Reports
import RunFiles
import Testing

@Suite struct CurveSelectionTests {
  /// A run with an accuracy, whose epochs have ten steps each.
  private func record(_ path: String, epochs: Int, logsSteps: Bool = false) -> RunRecord {
    var record = RunRecord(path: path)
    for epoch in stride(from: 1, through: epochs, by: 1) {
      if logsSteps {
        for step in [10 * epoch - 5, 10 * epoch] {
          record.metrics.add(
            "loss", .step,
            .init(step: step, epoch: epoch, wallTime: 1.5, value: 1 / Double(step)))
        }
      }
      for (split, factor) in [(MetricsLine.Split.train, 1.0), (.validation, 2)] {
        for (name, value) in [("loss", factor / Double(epoch)), ("accuracy", 0.1 * factor)] {
          record.metrics.add(
            name, split, .init(step: 10 * epoch, epoch: epoch, wallTime: nil, value: value))
        }
      }
    }
    return record
  }

  @Test func aRowForEachEpochAndAColumnForEachSplit() throws {
    let selection = try CurveSelection(
      ["loss", "accuracy"], of: [record("runs/a", epochs: 3)], split: nil)
    #expect(
      selection.rows == [
        ["epoch", "loss train", "loss validation", "accuracy train", "accuracy validation"],
        ["1", "1.0", "2.0", "0.1", "0.2"], ["2", "0.5", "1.0", "0.1", "0.2"],
        ["3", "0.3333333333333333", "0.6666666666666666", "0.1", "0.2"],
      ])
    #expect(selection.notes.isEmpty && selection.unit == "epoch")
  }

  @Test func runsStandSideBySide() throws {
    let selection = try CurveSelection(
      ["loss"], of: [record("x/a", epochs: 1), record("x/b", epochs: 2)], split: .train)
    #expect(
      selection.rows == [
        ["epoch", "a loss train", "b loss train"], ["1", "1.0", "1.0"], ["2", "", "0.5"],
      ])
    let equal = try CurveSelection(
      ["loss"], of: [record("x/a", epochs: 1), record("y/a", epochs: 1)], split: .train)
    #expect(equal.rows[0] == ["epoch", "x/a loss train", "y/a loss train"])
  }

  @Test func rowsOfSteps() throws {
    let selection = try CurveSelection(
      ["loss"], of: [record("a", epochs: 1, logsSteps: true)], split: .step)
    #expect(selection.rows == [["step", "loss step"], ["5", "0.2"], ["10", "0.1"]])
    #expect(
      selection.json.description == """
        {"curves": [{"run": "a", "metric": "loss", "split": "step", "points": \
        [{"step": 5, "epoch": 1, "wall_time": 1.5, "value": 0.2}, \
        {"step": 10, "epoch": 1, "wall_time": 1.5, "value": 0.1}]}], "notes": []}
        """)
  }

  @Test func whatIsMissingIsSaid() throws {
    var damaged = record("runs/b", epochs: 1)
    damaged.notes = ["metrics.jsonl: line 2 left out: it is no JSON", "report.json is left out: x"]
    damaged.metrics.add("f1", .train, .init(step: 20, epoch: 2, wallTime: nil, value: .nan))
    let selection = try CurveSelection(
      ["f1"], of: [record("runs/a", epochs: 1), damaged, record("runs/c", epochs: 0)], split: nil)
    #expect(
      selection.notes == [
        "runs/b/metrics.jsonl: line 2 left out: it is no JSON",
        "runs/c has no epoch yet: left out", "runs/a has no curve of 'f1': left out",
      ])
    #expect(selection.rows == [["epoch", "b f1 train"], ["2", "nan"]])
  }

  @Test(arguments: [
    (
      ["acuracy"], nil, 2,
      "--metric: 'runs/a' has no metric 'acuracy' (did you mean 'accuracy'?)", ExitCode.usage
    ),
    (
      ["loss", "zzz"], nil, 2,
      "--metric: 'runs/a' has no metric 'zzz' (known: loss, accuracy)", .usage
    ),
    (
      ["loss"], MetricsLine.Split.step, 2,
      "'runs/a' has no curve of 'loss' for --split step, only for train, validation; "
        + "set train.log_every: N before training", .noInput
    ),
    (
      ["loss"], .test, 2,
      "'runs/a' has no curve of 'loss' for --split test, only for train, validation; "
        + "leave out --split, or choose one of these", .noInput
    ),
    (
      ["loss"], nil, 0,
      "'runs/a' has no epoch yet: expected lines in metrics.jsonl, found none; "
        + "wait for the end of the first epoch", .noInput
    ),
  ])
  func nothingToShow(
    metrics: [String], split: MetricsLine.Split?, epochs: Int, message: String, code: ExitCode
  ) throws {
    let failure = #expect(throws: Failure.self) {
      try CurveSelection(metrics, of: [record("runs/a", epochs: epochs)], split: split)
    }
    #expect(failure?.message == message && failure?.code == code)
  }
}
