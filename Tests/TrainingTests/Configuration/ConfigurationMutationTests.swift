import Configuration
import Diagnostics
import Foundation
import TestSupport
import Testing
import Training

/// Damaged configurations: every one is read or refused in one line, and quickly.
@Suite struct ConfigurationMutationTests {
  private static let configurations: [String] = {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../configs").standardizedFileURL
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.sorted().filter { $0.hasSuffix(".yaml") }.compactMap {
      try? String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8)
    }
  }()

  @Test func everyFileIsReadOrRefused() throws {
    try #require(Self.configurations.count > 5)
    let folder = try TemporaryFolder()
    let path = folder.path(of: "x.yaml")
    var mutator = Mutator(seed: 14)
    var tally = MutationTally()
    for number in 0..<Mutator.count {
      let original = mutator.pick(Self.configurations)
      try Data(mutator.text(original)).write(to: URL(fileURLWithPath: path))
      tally.add(number, statuses: [78]) {
        do throws(Failure) {
          let configuration = try RunConfiguration(file: path, set: [])
          // The canonical text of what was accepted is accepted, too.
          _ = try RunConfiguration(
            text: configuration.settings.yaml(includingAll: true), source: "canonical")
          return nil
        } catch { return (error.code.rawValue, error.message) }
      }
    }
    print("configurations: \(tally)")
    #expect(tally.faults.isEmpty, "\(tally.faults.prefix(5))")
  }

  /// Changes of the command line meet the same parser.
  @Test func everyOverrideIsReadOrRefused() throws {
    let folder = try TemporaryFolder()
    let path = folder.path(of: "x.yaml")
    let changes = [
      "optimizer.adam.learning_rate=0.1", "model=[flatten, {dense: 10}]", "data.batch=32",
      "train={steps: 5, checkpoint: {every: 1 steps}}", "name=x", "clip={norm: 1, value: 2}",
    ]
    try folder.write(
      "name: x\ndata: digits\nmodel: [flatten, {dense: 10}]\nloss: mse\noptimizer: adam\n",
      to: "x.yaml")
    var mutator = Mutator(seed: 15)
    var tally = MutationTally()
    for number in 0..<Mutator.count {
      let change = String(path: mutator.text(mutator.pick(changes)))
      tally.add(number, statuses: [64, 78]) {
        do throws(Failure) {
          _ = try RunConfiguration(file: path, set: [change])
          return nil
        } catch { return (error.code.rawValue, error.message) }
      }
    }
    print("overrides: \(tally)")
    #expect(tally.faults.isEmpty, "\(tally.faults.prefix(5))")
  }
}
