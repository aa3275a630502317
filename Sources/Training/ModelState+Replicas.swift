package import Communication
package import Diagnostics
internal import Graphs
internal import Kernels

/// Every rank holds all weights, and all hold the same: what a fault of memory or of a transfer changes
/// shows as another digest.
extension ModelState {
  /// Of all weights.
  var digest: Digest { digest(of: 0..<count) }

  /// Refuses weights of which ranks hold different ones, with the first parameter in which they do.
  package func compareReplicas(on communicator: Communicator) throws(Failure) {
    try communicator.handshake(
      parameters.map {
        ("weights of \($0.name) after step \(step)", digest(of: $0.range).description)
      }, else: .internalError,
      remedy: "a replica is damaged: do not trust the memory of that host, and run elsewhere")
  }

  private func digest(of range: Range<Int>) -> Digest {
    unsafe Digest(
      UnsafeRawBufferPointer(start: weights + range.lowerBound, count: 4 * range.count))
  }
}
