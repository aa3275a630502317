import Diagnostics
import Foundation
import GradientChecks
import Testing
import Training

/// The gradients of all networks are right, and the check does not say otherwise.
@Suite struct RandomGradientCheckTests {
  /// `NN_DIST_GRADIENT_NETWORKS` says how many networks, `NN_DIST_GRADIENT_SEED` which is the first
  /// of them.
  private static let variables = ProcessInfo.processInfo.environment
  private static let count = variables["NN_DIST_GRADIENT_NETWORKS"].flatMap(Int.init) ?? 60
  private static let first = variables["NN_DIST_GRADIENT_SEED"].flatMap(Int.init) ?? 1

  @Test func rightGradientsOfRandomNetworksAreNotWrong() throws {
    var counts: [GradientCheck.Verdict: Int] = [:]
    var (networks, refused, probes, skipped) = (0, 0, 0, 0)
    var undecidable: [Int] = []
    for seed in Self.first..<Self.first + Self.count {
      var network = RandomNetwork(seed: seed)
      let text = network.text()
      let experiment: Experiment
      do {
        experiment = try Experiment(RunConfiguration(text: text, source: "random.yaml"))
      } catch {
        // Not everything that is made up fits.
        refused += 1
        continue
      }
      let check = try GradientChecker.check(experiment, workers: 2)
      #expect(check.verdict != .wrong, "seed \(seed)\n\(text)\n\(check.table)")
      networks += 1
      for row in check.rows {
        counts[row.verdict, default: 0] += 1
        probes += row.differences.probes
        skipped += row.differences.skipped
      }
      if check.verdict == .undecidable { undecidable.append(seed) }
    }
    let rows = counts.values.reduce(0, +)
    print(
      "\(networks) random networks (\(refused) refused), \(rows) gradients: "
        + "\(counts[.right] ?? 0) right, \(counts[.undecidable] ?? 0) undecidable, "
        + "\(counts[.wrong] ?? 0) wrong; \(probes) probes, \(skipped) skipped; undecidable ones in "
        + "seeds \(undecidable.prefix(50))")
    #expect(refused * 20 <= Self.count, "\(refused) networks do not fit")
    #expect((counts[.undecidable] ?? 0) * 10 <= rows)
  }
}
