import CommandLineOptions
import Diagnostics
import TestSupport
import Testing

@Suite struct MutationTests {
  @Test func everyCommandLineIsReadOrRefused() {
    let lines = [
      "train a.yaml --set seed=2 --run out --resume=c.h5 --workers 3", "evaluate runs/a --json",
      "predict run --input x.csv --name a/b", "data build mnist --set data.from=/x",
      "verify a.yaml --ranks 1,2 --workers 1 --mpirun mpirun", "reference layer",
      "bench-comm --config a.yaml --latency 50 --bandwidth 117", "help train", "diff a b",
    ]
    var mutator = Mutator(seed: 16)
    var tally = MutationTally()
    for number in 0..<Mutator.count {
      let words = mutator.text(mutator.pick(lines)).split(separator: UInt8(ascii: " "))
        .map { String(path: $0) }
      tally.add(number, statuses: [64]) {
        do throws(Failure) {
          _ = try CommandLine.parse(words) { _ in nil }
          return nil
        } catch { return (error.code.rawValue, error.message) }
      }
    }
    print("command lines: \(tally)")
    #expect(tally.faults.isEmpty, "\(tally.faults.prefix(5))")
  }
}
