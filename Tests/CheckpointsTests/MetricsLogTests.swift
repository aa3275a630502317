import Checkpoints
import Foundation
import Testing

@Suite struct MetricsLogTests {
  @Test func aResumedRunGoesOnAfterItsCheckpoint() throws {
    let place = try TemporaryDirectory()
    func text() throws -> String { try String(contentsOfFile: place("log"), encoding: .utf8) }

    let first = try MetricsLog(place("log"), after: 0)
    try first.append(#"{"run":"a"}"#)
    for step in [5, 10, 15, 100] { try first.append(#"{"step": \#(step), "loss": 0.5}"#) }
    #expect(try text().split(separator: "\n").count == 5)

    try put((try text() + #"{"step": 1"#).utf8, at: place("log"))
    let second = try MetricsLog(place("log"), after: 10)
    try second.append(#"{"step":11}"#)
    #expect(
      try text() == """
        {"run":"a"}
        {"step": 5, "loss": 0.5}
        {"step": 10, "loss": 0.5}
        {"step":11}

        """)
  }
}
