internal import CMPI
internal import Diagnostics

extension GradientReduction {
  /// Adds the partial sums of this rank, then those of all ranks with `MPI_Allreduce`.
  func sumNatively(
    _ partials: [UnsafeMutablePointer<Float>], _ leaves: Int
  ) throws(Failure) {
    let sum = unsafe partials[0]
    // A rank without samples contributes zeros.
    if !nodes[0].isPresent(leaves: leaves) { unsafe sum.update(repeating: 0, count: elements) }
    for (place, node) in nodes.enumerated().dropFirst() where node.isPresent(leaves: leaves) {
      unsafe add(partials[place], to: sum, elements)
    }
    // The next call blocks. This barrier names a rank that does not respond, as other waits do.
    try communicator.barrier(.reduceScatter)
    guard let watchdog else { preconditionFailure("Blocking calls need a watchdog.") }
    try watchdog.run(within: communicator.timeout) { () throws(Failure) in
      try unsafe communicator.allReduceNatively(sum, count: elements)
    }
  }
}

extension Communicator {
  /// Replaces the vector on each rank by the sum over all ranks; blocks.
  ///
  /// The corresponding MPI function is `MPI_Allreduce`.
  func allReduceNatively(_ vector: UnsafeMutablePointer<Float>, count: Int) throws(Failure) {
    // In a group of one, MPI may not be initialised.
    guard size > 1 else { return }
    let stride = MemoryLayout<Float>.stride
    for piece in pieces(of: count * stride, each: pieceBytes) {
      try unsafe checkMPI(
        MPI_Allreduce(
          MPI_IN_PLACE, vector + piece.lowerBound / stride, Int32(piece.count / stride), MPI_FLOAT,
          MPI_SUM, group),
        "MPI_Allreduce")
    }
  }

  var allReduceTimeoutMessage: String {
    "\(describe(rank)): MPI_Allreduce has not returned for \(timeout.components.seconds) s: "
      + "another rank does not respond; raise --timeout if it is only slow"
  }
}
