import Communication
import Diagnostics
import Foundation
import Testing

import Training

@Suite struct BenchmarkTests {
  @Test func scratch() throws {
    let file = ProcessInfo.processInfo.environment["CFG"] ?? "configs/conv.yaml"
    let e = try Experiment(RunConfiguration(file: file, set: []))
    let c = try Communicator.start()
    let w = Int(ProcessInfo.processInfo.environment["W"] ?? "2") ?? 2
    let b = try Benchmark(Trainer(e, communicator: c, workers: w), communicator: c)
    print(b.steps, b.json, b.flops, b.peak / 1e9, b.allocations as Any)
  }
}
