import Foundation
import Pages
import RunFiles
import TestSupport
import Testing

/// How a network answers its validation set, and what it makes over time.
@Suite struct AnswerTests {
  private static func page(_ change: (inout Findings) -> Void) -> String {
    var record = RunRecord(path: "runs/a")
    change(&record.findings)
    return RunPage(record).html
  }

  private static func findings(
    confusion: (names: [String], counts: [[Int]])? = nil,
    pairs: [(truth: Double, prediction: Double)] = [], worst: [WorstSample] = []
  ) -> ValidationFindings {
    ValidationFindings(
      step: 40, isBest: false, samples: 17, confusion: confusion, pairs: pairs, worst: worst)
  }

  @Test func aSmallMatrixIsATable() {
    let html = Self.page {
      $0.validation = Self.findings(
        confusion: (["cat", "dog", "none"], [[6, 2, 0], [1, 8, 0], [0, 0, 0]]))
    }
    #expect(
      html.contains("17 samples of the validation set, answered with the weights after step 40"))
    for cell in [
      "<td class=\"right8\" title=\"cat answered as cat: 6 of 8\">6</td>",
      "<td class=\"wrong3\" title=\"cat answered as dog: 2 of 8\">2</td>",
      "<td class=\"none\" title=\"dog answered as none: 0 of 9\">·</td>",
      "<td class=\"none\" title=\"none answered as none: 0\">·</td>",
      // Recall of each row, and precision of each column.
      "<td class=\"share\">75.0 %</td>", "<td class=\"share\">88.9 %</td>",
      "<td class=\"share\">85.7 %</td>", "<td class=\"share\">80.0 %</td>",
      "<td class=\"share\">none</td>",
      // The most frequent mistake is the first.
      "<tr><th scope=\"row\">cat</th><td>dog</td><td>2</td><td>25.0 %</td></tr><tr><th"
        + " scope=\"row\">dog</th><td>cat</td><td>1</td><td>11.1 %</td></tr>",
    ] {
      #expect(html.contains(cell), "\(cell)")
    }
  }

  @Test func aLargeMatrixIsOfCells() {
    let names = (0..<100).map { "class \($0)" }
    let counts = (0..<100).map { row in (0..<100).map { $0 == row ? 9 : $0 == 0 ? 1 : 0 } }
    let html = Self.page { $0.validation = Self.findings(confusion: (names, counts)) }
    #expect(html.contains("Confusion matrix of 100 classes"))
    #expect(!html.contains("<table class=\"confusion\">"))
    // Nine right of ten on the diagonal, and one of ten in the first column.
    #expect(html.contains("<path class=\"n9\" d=\"M1 1h1M2 2h1"))
    #expect(html.contains("<path class=\"p1\" d=\"M0 1h1M0 2h1"))
    #expect(html.contains("<th scope=\"row\">class 99</th><td>10</td><td>90.0 %</td>"))
  }

  @Test(
    arguments: [
      [], [[1]], [[1, 2], [3]], [[1, -2], [3, 4]], [[1, 2], [3, .max]],
      [[1, 2], [3, 4], [5, 6]],
    ] as [[[Int]]])
  func damagedMatricesAreLeftOut(counts: [[Int]]) {
    let html = Self.page { $0.validation = Self.findings(confusion: (["a", "b"], counts)) }
    #expect(!html.contains("Confusion"))
  }

  @Test func pairsAreADiagram() {
    let html = Self.page {
      $0.validation = Self.findings(pairs: [(1, 1.5), (2, 2), (3, 1), (.nan, 2), (4, .infinity)])
    }
    #expect(html.contains("Predicted against true"))
    #expect(
      html.contains(
        "3 pairs; the median of their absolute errors is 0.5000, the greatest 2.0000."))
    #expect(html.contains("\"values\":[1,1.5,2,2,3,1]"))
  }

  @Test func theWorstSamplesAreShownAsWhatTheyAre() {
    let picture = Records.picture(seed: 1)
    let html = Self.page {
      $0.validation = Self.findings(worst: [
        WorstSample(
          index: 1234, loss: 9.25, truth: "7", answer: "1", probability: 0.987,
          content: .picture(picture)),
        WorstSample(
          index: 5, loss: 3, truth: "812.5", answer: "690.2", probability: nil,
          content: .row([("rooms", "3"), ("town", "Bern")])),
        WorstSample(
          index: 6, loss: 2, truth: "spam", answer: "ham", probability: 0.5,
          content: .text("free\nmoney")),
      ])
    }
    for piece in [
      "alt=\"sample 1234: true 7, answer 1\" src=\"data:image/png;base64,"
        + "\(Data(picture).base64EncodedString())\"/>",
      "<dt>true</dt><dd>7</dd>", "<dt>answer</dt><dd>1 (98.7 %)</dd>",
      "<dt>loss</dt><dd>9.2500</dd>", "<dt>sample</dt><dd>1,234</dd>",
      "<dt>town</dt><dd>Bern</dd>", "<dt>answer</dt><dd>690.2</dd>",
      "<pre tabindex=\"0\">free\nmoney</pre>",
    ] {
      #expect(html.contains(piece), "\(piece)")
    }
  }

  // MARK: Samples

  private static func steps(of html: String) -> [String] {
    html.components(separatedBy: "<strong>after step ").dropFirst().compactMap {
      $0.components(separatedBy: "</strong>").first
    }
  }

  @Test func samplesAreShownNewestFirstAndEvenlyChosen() {
    var record = RunRecord(path: "runs/a")
    record.samples = (1...100).map {
      SampleFile(step: $0, name: "step-\($0).txt", content: .text("text \($0)"))
    }
    let html = RunPage(record).html
    let steps = Self.steps(of: html).compactMap { Int($0) }
    #expect(steps.count == 24 && steps.first == 100 && steps.last == 1)
    #expect(zip(steps, steps.dropFirst()).allSatisfy { (4...5).contains($0 - $1) })
    #expect(html.contains("24 of 100 files"))
    #expect(html.contains("<pre tabindex=\"0\">text 100</pre>"))
  }

  @Test func largeSamplesAreFewer() {
    var record = RunRecord(path: "runs/a")
    record.samples = (1...10).map {
      SampleFile(
        step: $0, name: "step-\($0).png",
        content: .picture(Array(repeating: 7, count: 300_000)))
    }
    #expect(Self.steps(of: RunPage(record).html) == ["10", "5", "1"])
    record.samples = [
      SampleFile(
        step: 1, name: "a.png", content: .picture(Array(repeating: 7, count: 3_000_000)))
    ]
    #expect(Self.steps(of: RunPage(record).html) == ["1"])
  }
}
