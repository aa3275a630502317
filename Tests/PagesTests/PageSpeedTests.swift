import Pages
import Reports
import RunFiles
import TestSupport
import Testing

@Suite(.serialized) struct PageSpeedTests {
  /// A thousand epochs of two splits with three metrics, and eight parameters.
  private static func longRun() -> RunRecord {
    var records = Records()
    var record = records.classifier(epochs: 12)
    record.metrics = records.metrics(
      epochs: 1000, stepsPerEpoch: 938, names: ["accuracy", "f1_macro", "top5"])
    record.layers = records.layers(epochs: 1000, stepsPerEpoch: 938, tensors: 8)
    return record
  }

  @Test func aThousandEpochsAreBelowTwoMegabytes() {
    #expect(RunPage(Self.longRun()).html.utf8.count < 2_000_000)
  }

  /// A million steps are thinned, and so are more epochs than a window has columns.
  @Test func longLogsAreThinned() {
    var records = Records()
    var record = RunRecord(path: "runs/long")
    record.metrics = records.metrics(epochs: 20_000, stepsPerEpoch: 10, logEvery: 1)
    record.layers = records.layers(epochs: 3000, stepsPerEpoch: 10, tensors: 60)
    #expect(RunPage(record).html.utf8.count < 3_000_000)
  }

  #if !DEBUG
    @Test func aThousandEpochsAreWrittenInFiftyMilliseconds() {
      let record = Self.longRun()
      var (least, floor) = (Duration.seconds(9), Duration.seconds(9))
      var length = 0
      for _ in 0..<7 {
        least = min(least, ContinuousClock().measure { length += RunPage(record).html.utf8.count })
        // What no page can do without: the digits of its numbers.
        floor = min(
          floor,
          ContinuousClock().measure {
            var text = ""
            for curve in record.metrics.curves {
              for point in curve.points { text += point.value.description }
            }
            length += text.utf8.count
          })
      }
      print("page of 1,000 epochs: \(least), digits alone: \(floor), \(length / 7) bytes")
      #expect(least < .milliseconds(50))
    }
  #endif
}
