internal import CMPI
internal import Diagnostics

extension Reduction {
  /// Adds up what this rank brings along, and has MPI add the ranks.
  func sumNatively(
    _ partials: [UnsafeMutablePointer<Float>], _ leaves: Int
  ) throws(Failure) {
    let sum = unsafe partials[0]
    // A rank without samples takes part with zeros.
    if !nodes[0].isPresent(leaves: leaves) { unsafe sum.update(repeating: 0, count: elements) }
    for (place, node) in nodes.enumerated().dropFirst() where node.isPresent(leaves: leaves) {
      unsafe add(partials[place], to: sum, elements)
    }
    // The call blocks: whoever is silent already is named before it, as everywhere else.
    try communicator.barrier(.reduceScatter)
    guard let watchdog else { preconditionFailure("Calls that block are watched.") }
    try watchdog.guarding(communicator.timeout) { () throws(Failure) in
      try unsafe communicator.allReduceNatively(sum, count: elements)
    }
  }
}

extension Communicator {
  /// The sum of all ranks' vectors in their place, by MPI's own all-reduce, which blocks.
  func allReduceNatively(_ vector: UnsafeMutablePointer<Float>, count: Int) throws(Failure) {
    // A group of one may be without MPI.
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

  /// What is said when MPI's own all-reduce does not return.
  var silenceInAllReduce: String {
    "\(named(rank)): MPI_Allreduce has not returned for \(timeout.components.seconds) s: another rank "
      + "is silent; allow more with --timeout if it is only slow"
  }
}
