import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// What `summary` and `bench` tell of memory and time.
  @Suite struct Measuring {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private struct Summary: Decodable {
      struct Memory: Decodable { let total: Int }
      let memory: Memory
    }

    private struct Figures: Decodable {
      struct Operation: Decodable { let kind: String; let ms: Double; let share: Double }
      let peak_bytes: Int
      let operations: [Operation]
    }

    private func answer<Answer: Decodable>(_ words: [String]) throws -> Answer {
      let ending = try workspace.start(words + ["--json"]).wait()
      #expect(ending.status == 0, "\(ending.errors)")
      return try JSONDecoder().decode(Answer.self, from: Data(ending.output.utf8))
    }

    /// What a process holds at most, the median of some, and what was planned.
    ///
    /// The kernel counts pages for each core, so that a peak may be half a megabyte off.
    private func memory(_ configuration: String, _ changes: [String]) throws -> (Int, planned: Int)
    {
      let words = [configuration] + Workspace.settings(changes)
      let summary: Summary = try answer(["summary"] + words)
      let peaks = try (0..<5).map { _ -> Int in
        let figures: Figures = try answer(["bench"] + words + ["--steps", "1"])
        return figures.peak_bytes
      }
      return (peaks.sorted()[2], summary.memory.total)
    }

    /// What a process holds beside the plan is the same for any batch that as many workers share.
    @Test(arguments: [
      ("conv.yaml", 64, 4), ("conv.yaml", 256, 4), ("resnet20.yaml", 64, 4),
      ("resnet20.yaml", 256, 8),
    ])
    func memoryIsAsPlanned(configuration: String, batch: Int, shards: Int) throws {
      let small = try memory(
        configuration, ["data.batch=\(shards)", "shards=\(shards)", "data.validation=none"])
      let large = try memory(configuration, ["data.batch=\(batch)", "shards=\(shards)"])
      let excess = Double(large.0 - (small.0 - small.planned) - large.planned)
      #expect(abs(excess) < 0.05 * Double(large.planned), "\(small), \(large)")
    }

    @Test func operationsAndTrace() throws {
      let figures: Figures = try answer(
        ["bench", "conv.yaml", "--steps", "5", "--trace", "trace.json"])
      #expect(abs(figures.operations.reduce(0) { $0 + $1.share } - 1) < 1e-6)
      let trace = try JSONSerialization.jsonObject(with: workspace.folder.data(of: "trace.json"))
      let events = try #require((trace as? [String: Any])?["traceEvents"] as? [[String: Any]])
      #expect(events.contains { $0["name"] as? String == "conv2: convolution" })
      #expect(events.allSatisfy { $0["ph"] as? String == "X" || $0["ph"] as? String == "M" })
    }

    @Test func aTraceThatCannotBeWritten() throws {
      let ending = try workspace.run(
        "bench", "mlp.yaml", "--steps", "1", "--trace", "nowhere/trace.json")
      #expect(ending.status == 73, "\(ending.errors)")
      #expect(ending.errors.contains("nowhere"))
    }

    @Test func plans() throws {
      let plan = try workspace.run("summary", "conv.yaml", "--plan")
      #expect(plan.status == 0)
      #expect(plan.output.contains("once a step: reorder conv2/weight"))
      #expect(plan.output.contains("arena of a worker in training"))
      let none = try workspace.run("summary", "conv.yaml", "--plan", "--set", "engine=reference")
      #expect(none.status == 64)
      #expect(none.errors.contains("the engine reference has no plan: leave out --plan"))
    }
  }
}
