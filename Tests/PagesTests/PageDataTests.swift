import Foundation
import Pages
import Reports
import RunFiles
import TestSupport
import Testing

/// The JSON from which the script draws charts.
@Suite struct PageDataTests {
  private struct PageData: Decodable {
    let axes: [Axis]
    let charts: [Chart]

    struct Axis: Decodable {
      let run: Int
      let within: Bool
      let step: [Int]
      let epoch: [Int]
      let time: [Double]
    }

    struct Chart: Decodable {
      let id: String
      let best: Best?
      let curves: [Curve]
    }

    struct Best: Decodable {
      let curve: Int
      let step: Int
    }

    struct Curve: Decodable {
      let name: String
      let split: String
      let axis: Int
      let values: [Double?]
    }

    init(of html: String) throws {
      let start = "<script type=\"application/json\" id=\"data\">"
      let text = try #require(
        html.components(separatedBy: start).last?.components(separatedBy: "</script>").first)
      self = try JSONDecoder().decode(PageData.self, from: Data(text.utf8))
    }
  }

  @Test func everyNumberIsThere() throws {
    var records = Records()
    let record = records.classifier(epochs: 30)
    let data = try PageData(of: RunPage(record).html)
    let names = ["loss", "accuracy", "learning_rate", "gradient_norm", "samples_per_second"]
    #expect(data.charts.count == names.count)
    for (chart, name) in zip(data.charts, names) {
      for curve in chart.curves {
        let split = MetricsLine.Split.allCases.first {
          [$0.rawValue, $0 == .train ? "training" : "", $0 == .step ? "steps" : ""]
            .contains(curve.split)
        }
        let known = try #require(split)
        let points = try #require(record.metrics[known, name]?.points)
        #expect(curve.values == points.map { $0.value })
        #expect(data.axes[curve.axis].step == points.map(\.step))
        #expect(data.axes[curve.axis].epoch == points.map(\.epoch))
        #expect(data.axes[curve.axis].within == (split == .step))
      }
    }
    // Curves of the same steps share an axis.
    #expect(data.axes.count == 2)
    let loss = try #require(record.metrics[.validation, "loss"]?.points)
    #expect(
      data.charts[0].best?.step == loss.min { $0.value < $1.value }?.step
        && data.charts[2].best == nil)
  }

  @Test func whatIsNoNumberIsNull() throws {
    var record = RunRecord(path: "runs/a")
    for (step, value) in [(1, 1.5), (2, .nan), (3, .infinity), (4, 1e-300), (5, -0.1)] {
      record.metrics.add(
        "loss", .train, .init(step: step, epoch: step, wallTime: nil, value: value))
    }
    let data = try PageData(of: RunPage(record).html)
    #expect(data.charts[0].curves[0].values == [1.5, nil, nil, 1e-300, -0.1])
    #expect(data.axes[0].time == [])
  }

  /// A night between two sessions, and one that was killed.
  @Test func pausesAreNoTimeOfTraining() throws {
    var record = RunRecord(path: "runs/a")
    let start = Records.day
    record.sessions = [
      Records.session(end: .stopped, at: start, last: 20),
      Records.session(end: nil, at: start + 50_000, step: 20),
      Records.session(at: start + 90_000, step: 40, last: 60),
    ]
    for (step, time) in [(10, 10.0), (20, 90), (30, 50_010), (40, 50_020), (50, 90_005)] {
      record.metrics.add(
        "loss", .train, .init(step: step, epoch: 1, wallTime: start + time, value: 1))
    }
    let data = try PageData(of: RunPage(record).html)
    // The first session ended after 93.4 s, the second one's last line is after 20 s.
    let expected = [10, 90, 93.4 + 10, 93.4 + 20, 93.4 + 20 + 5]
    #expect(data.axes[0].time.count == expected.count)
    for (time, other) in zip(data.axes[0].time, expected) { #expect(abs(time - other) < 0.002) }
  }

  /// Of a long curve the extremes of each part are kept, and gaps.
  @Test func thinnedCurvesKeepTheirPeaks() throws {
    var random = XorShift(seed: 9)
    var record = RunRecord(path: "runs/a")
    var values: [Double] = []
    for step in 1...50_000 {
      let value =
        step == 31_234 ? 1000 : step == 40_001 ? .nan : Double.random(in: 0...1, using: &random)
      values.append(value)
      record.metrics.add(
        "loss", .step, .init(step: step, epoch: 1, wallTime: nil, value: value))
    }
    let data = try PageData(of: RunPage(record).html)
    let (curve, axis) = (data.charts[0].curves[0], data.axes[0])
    #expect(curve.values.count <= 4001 && curve.values.count == axis.step.count)
    #expect(axis.step.first == 1 && axis.step.last == 50_000)
    #expect(zip(axis.step, axis.step.dropFirst()).allSatisfy(<))
    for (step, value) in zip(axis.step, curve.values) {
      #expect(value == (values[step - 1].isNaN ? nil : values[step - 1]))
    }
    #expect(curve.values.contains(1000))
    #expect(axis.step.contains(40_001))
    for part in stride(from: 0, to: 50_000, by: 50) {
      let least = values[part..<part + 50].filter { !$0.isNaN }.min()
      #expect(curve.values.contains(least))
    }
  }

  /// Against Python's calendar.
  @Test(.data("python3", areHere: PageChecker.isHere))
  func timesAreThoseOfTheCalendar() throws {
    var random = XorShift(seed: 21)
    let times =
      [0, 951_782_399, 951_868_800, 4_102_444_800]
      + (0..<200).map { _ in Int.random(in: 0...253_402_300_799, using: &random) }
    let folder = try TemporaryFolder()
    let script = """
      import datetime, sys
      for time in sys.argv[1:]:
          moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=int(time))
          print(moment.strftime('%Y-%m-%d %H:%M:%S UTC').rjust(23, '0'))
      """
    let answer = try ChildProcess(
      ["python3", "-c", script] + times.map { "\($0)" }, in: folder.path,
      environment: ProcessInfo.processInfo.environment
    ).wait()
    let expected = answer.output.split(separator: "\n")
    #expect(expected.count == times.count)
    for (time, text) in zip(times, expected) {
      var record = RunRecord(path: "runs/a")
      record.sessions = [Records.session(at: Double(time))]
      #expect(RunPage(record).html.contains(">\(text)<"), "\(time)")
    }
  }
}
