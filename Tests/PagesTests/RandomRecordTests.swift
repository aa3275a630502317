import Foundation
import Pages
import Reports
import RunFiles
import TestSupport
import Testing

/// Records of numbers at the ends of what numbers can be: a damaged file may hold any.
@Suite struct RandomRecordTests {
  private struct Numbers {
    var random: XorShift

    mutating func number() -> Double {
      let ends: [Double] = [
        .nan, .infinity, -.infinity, 0, -0.0, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
        .leastNonzeroMagnitude, 1e-300, 1e17, -1e-9, 1, 0.5, 1_796_040_000,
      ]
      return Bool.random(using: &random)
        ? ends.randomElement(using: &random) ?? 0 : Double.random(in: -10...10, using: &random)
    }

    mutating func integer() -> Int {
      Bool.random(using: &random)
        ? [Int.min, .max, -1, 0, 1, 1 << 53].randomElement(using: &random) ?? 0
        : Int.random(in: 0...50, using: &random)
    }

    mutating func count(_ most: Int) -> Int { Int.random(in: 0...most, using: &random) }

    mutating func record() -> RunRecord {
      var record = RunRecord(path: "runs/random")
      for name in ["loss", "accuracy", "learning_rate"] {
        for split in MetricsLine.Split.allCases {
          for _ in 0..<count(6) {
            record.metrics.add(
              name, split,
              .init(step: integer(), epoch: integer(), wallTime: number(), value: number()))
          }
        }
      }
      for _ in 0..<count(4) {
        record.layers.append(
          LayersLine(
            step: integer(), epoch: integer(),
            tensors: (0..<count(3)).map { _ in
              .init(name: "t\(count(2))", weights: number(), gradient: number())
            }, dead: [("relu", number())]))
      }
      for _ in 0..<count(3) {
        var session = Records.session(at: number(), step: integer(), last: integer())
        session.start.ranks = integer()
        session.start.workers = integer()
        session.start.cores = integer()
        session.end?.time = number()
        session.end?.code = integer()
        if Bool.random(using: &random) { session.end = nil }
        record.sessions.append(session)
      }
      record.findings.validation = ValidationFindings(
        step: integer(), isBest: true, samples: integer(),
        confusion: (["a", "b"], [[integer(), integer()], [integer(), 1]]),
        pairs: (0..<count(5)).map { _ in (number(), number()) },
        worst: [
          WorstSample(
            index: integer(), loss: number(), truth: "", answer: "", probability: number(),
            content: .row([]))
        ])
      record.findings.activations = [
        ActivationMap(
          name: "cells", columns: ["a", "b"], rows: ["c"],
          values: [Float(number()), Float(number())], isAttention: Bool.random(using: &random))
      ]
      return record
    }
  }

  @Test(.browser) func anyNumbersMakeAPage() throws {
    var numbers = Numbers(random: XorShift(seed: 31))
    let records = (0..<300).map { _ in numbers.record() }
    let pages = records.map { RunPage($0).html } + [ComparisonPage(Array(records.prefix(9))).html]
    let folder = try TemporaryFolder()
    let problems = try PageChecker.problems(pages, in: folder)
    for (place, found) in problems.enumerated() { #expect(found == [], "page \(place)") }
    // The script draws them without an error.
    let steps: [Browser.Step] = stride(from: 0, through: 300, by: 15).flatMap { place in
      [
        ["open": folder.path(of: "page-\(place).html"), "width": 700],
        [
          "evaluate":
            "document.querySelectorAll('.options [data-unit], [data-action]').forEach(b => b.click())"
        ],
      ] as [Browser.Step]
    }
    let visit = try Browser.visit(steps, in: folder)
    #expect(visit.console.prefix(5) == [])
  }
}
