package import Communication
package import Diagnostics
package import Execution
internal import Kernels

extension Communicator {
  /// Refuses hosts that compute other bits than most, with the first instruction that tells them apart.
  package func compare(_ fingerprint: Fingerprint, of engine: Engine) throws(Failure) {
    guard let (odd, right) = Self.disagreement(try allGather(fingerprint.text)) else { return }
    let isHeard = rank == odd || rank == right
    let machines = try allGather(isHeard ? "\(Processor.name), \(engine.library)" : "")
    let results = try allGather(
      isHeard
        ? fingerprint.results.map { "\($0.digest) \($0.step)" }.joined(separator: "\n") : "")
    let lines = [odd, right].map { results[$0].split(separator: "\n") }
    let place = zip(lines[0], lines[1]).prefix { $0 == $1 }.count
    let step = lines.lazy.compactMap { $0.dropFirst(place).first?.dropFirst(17) }.first
    try together { () throws(Failure) in
      throw Failure(
        .disagreement,
        "the ranks compute different bits: \(describe(odd)) (\(machines[odd])) and \(describe(right)) "
          + "(\(machines[right])), first in \(step ?? "what is left out"); start on hosts of one "
          + "kind, or set isa in the configuration to what all of them have")
    }
  }
}
