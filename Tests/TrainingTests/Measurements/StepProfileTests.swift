import Communication
import Reports
import Testing

import Training

@Suite struct StepProfileTests {
  private static let sample = Sample(samples: 96, model: Sample.conv)

  private func profile(workers: Int) throws -> StepProfile {
    try withTrainer(Self.sample.experiment(), workers: workers) {
      try Benchmark($0, communicator: .start(), steps: 20).profile
    }
  }

  @Test(arguments: [1, 2])
  func rowsAreTheWholeStep(workers: Int) throws {
    let profile = try profile(workers: workers)
    #expect(profile.steps == 20)
    let sum = profile.rows.reduce(0) { $0 + $1.seconds }
    #expect(abs(sum - profile.seconds) < 1e-9 * profile.seconds)
    #expect(profile.rows.allSatisfy { $0.seconds >= 0 }, "\(profile.rows)")
    let names = profile.rows.map(\.name)
    for part in ["batch preparation", "tree addition", "reduce-scatter", "agreement", "update"] {
      #expect(names.contains(part))
    }
    // Eight shards of six samples; one worker adds every second one at once, and three times more.
    #expect(profile.rows.first { $0.name == "batch preparation" }?.calls == 8 * 20)
    if workers == 1 {
      #expect(profile.rows.first { $0.name == "tree addition" }?.calls == 3 * 20)
    }
    let convolutions = profile.rows.filter { $0.kind == "convolution" }
    #expect(convolutions.map(\.layer) == ["conv1", "conv2"])
    #expect(convolutions.allSatisfy { $0.calls == 8 * 20 && ($0.gflops ?? 0) > 0 })
  }

  @Test func theTableGroupsByKind() throws {
    let profile = try profile(workers: 1)
    let (short, long) = (profile.table(inDetail: false).lines, profile.table(inDetail: true).lines)
    #expect(long.count == 2 + profile.rows.count + 2)
    #expect(short.count < long.count)
    #expect(short.count { $0.hasPrefix("convolution  ") } == 1)
    #expect(short.last?.contains("100.0 %") == true)
  }

  /// Complete events, each inside the step and, on one thread, inside or apart from any other.
  @Test func theTraceHoldsEachThread() throws {
    let trace = try withTrainer(Self.sample.experiment(), workers: 2) {
      try Benchmark.record($0, steps: 3).recording.trace(rank: 0)
    }
    guard case .object(let members) = trace, case .array(let events)? = members.last?.1 else {
      Issue.record("no events")
      return
    }
    var spans: [Int: [(start: Double, end: Double)]] = [:]
    for event in events {
      guard case .object(let fields) = event else { continue }
      let field = Dictionary(uniqueKeysWithValues: fields.map { ($0.0, $0.1.description) })
      guard field["ph"] == #""X""# else { continue }
      let thread = try #require(field["tid"].flatMap { Int($0) })
      let start = try #require(field["ts"].flatMap { Double($0) })
      let duration = try #require(field["dur"].flatMap { Double($0) })
      spans[thread, default: []].append((start, start + duration))
    }
    #expect(spans.keys.sorted() == [0, 1])
    for row in spans.values {
      var open: [Double] = []
      for span in row {
        #expect(span.start >= 0)
        // Times are written in whole nanoseconds, sums of them are not.
        while let end = open.last, end <= span.start + 1e-4 { open.removeLast() }
        #expect(open.last.map { span.end <= $0 + 1e-4 } ?? true)
        open.append(span.end)
      }
    }
  }
}
