import Diagnostics
import Foundation
import Graphs
import Testing

import Training

@Suite struct GradientCheckTests {
  @Test func scratch() throws {
    let file = ProcessInfo.processInfo.environment["CFG"] ?? "configs/conv.yaml"
    let e = try Experiment(RunConfiguration(file: file, set: []))
    let c = ContinuousClock()
    let t = c.now
    let r = try GradientChecker(e).check(everyElement: ProcessInfo.processInfo.environment["ALL"] != nil, workers: 2)
    print(r.table, r.passes, c.now - t)
  }
}
