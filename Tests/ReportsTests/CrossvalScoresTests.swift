import Foundation
import Reports
import Testing

@Suite struct CrossvalScoresTests {
  /// Folds of 10 samples, of which so many are right.
  private func scores(_ right: [Int], rounds: Int = 1) -> CrossvalScores {
    var scores = CrossvalScores()
    for round in 1...rounds {
      for (place, right) in right.enumerated() {
        var metrics = Metrics([.top(1), .determination])
        metrics.samples = 10
        metrics.add(Double(right) / 2, targets: 10, to: Metrics.loss)
        metrics.add(Double(right), targets: 10, to: 1)
        scores.add(metrics, fold: place + 1, round: round, run: "run-\(place + 1)")
      }
    }
    return scores
  }

  /// NumPy: mean, and std(ddof=1) / sqrt(n).
  @Test func meanAndStandardError() {
    let summary = scores([7, 9, 10, 8]).summary(of: "accuracy")
    #expect(abs(summary.mean - 0.85) < 1e-15)
    #expect(abs(summary.standardError - 0.06454972243679027) < 1e-15)
    #expect(scores([7]).summary(of: "accuracy") == (0.7, 0))
    // A metric that no fold has is no column.
    #expect(!scores([7]).table.lines[0].contains("r2"))
  }

  @Test func aRowForEachFold() {
    #expect(
      scores([7, 9]).table.lines == [
        "fold            samples    loss  accuracy",
        "──────────────  ───────  ──────  ────────",
        "1                    10  0.3500   70.00 %",
        "2                    10  0.4500   90.00 %",
        "──────────────  ───────  ──────  ────────",
        "mean                     0.4000   80.00 %",
        "standard error           0.0500   10.00 %",
      ])
    let lines = scores([7, 9], rounds: 2).table.lines
    #expect(lines[0].hasPrefix("repeat  fold") && lines.count == 9)
  }

  @Test func asJSON() throws {
    let text = scores([7, 9], rounds: 2).json.description
    let json = try #require(
      try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    let folds = try #require(json["folds"] as? [[String: Any]])
    #expect(folds.count == 4 && folds[3]["repeat"] as? Int == 2)
    #expect(folds[1]["run"] as? String == "run-2" && folds[1]["accuracy"] as? Double == 0.9)
    let mean = try #require((json["mean"] as? [String: Double])?["accuracy"])
    #expect(abs(mean - 0.8) < 1e-15)
    #expect((json["standard_error"] as? [String: Double])?.keys.sorted() == ["accuracy", "loss"])
  }
}
