internal import CMPI
internal import Diagnostics
internal import Glibc
internal import Processes

/// Messages under way, and the only place that waits for them.
extension Communicator {
  /// Starts to send bytes that stay untouched until `wait` returns.
  func send(
    _ bytes: UnsafeRawPointer, count: Int, to peer: Int, in operation: Operation
  ) throws(Failure) {
    for piece in pieces(of: count, with: peer) {
      var request: MPI_Request?
      try unsafe checkMPI(
        MPI_Isend(
          bytes + piece.lowerBound, Int32(piece.count), MPI_BYTE, Int32(peer),
          operation.rawValue, group, &request),
        "MPI_Isend to \(named(peer)) in \(described(operation))")
      unsafe requests.append(request)
    }
  }

  /// Starts to receive bytes that are there when `wait` returns.
  func receive(
    _ bytes: UnsafeMutableRawPointer, count: Int, from peer: Int, in operation: Operation
  ) throws(Failure) {
    for piece in pieces(of: count, with: peer) {
      var request: MPI_Request?
      try unsafe checkMPI(
        MPI_Irecv(
          bytes + piece.lowerBound, Int32(piece.count), MPI_BYTE, Int32(peer),
          operation.rawValue, group, &request),
        "MPI_Irecv from \(named(peer)) in \(described(operation))")
      unsafe requests.append(request)
    }
  }

  /// Waits for the messages under way, or only those that were begun first; calls the roll when the
  /// deadline passes.
  ///
  /// It spins for a moment (a core of its own is best used so), then lets other threads run, and
  /// sleeps between looks once the wait is a long one.
  func wait(for operation: Operation, first count: Int? = nil) throws(Failure) {
    let count = unsafe count ?? requests.count
    guard count > 0 else { return }
    precondition(
      pthread_equal(pthread_self(), thread) != 0, "One thread makes all calls of a communicator.")
    let clock = ContinuousClock()
    let start = clock.now
    var (looks, waited, wasStopped) = (0, Duration.zero, false)
    while try !testAll(first: count, operation) {
      looks += 1
      // MPI gives way by itself where its launcher knows that there are too few cores.
      if looks > (isOversubscribed ? 20 : 1000) { sched_yield() }
      guard looks.isMultiple(of: 32) else { continue }
      let now = clock.now - start
      if now - waited > .seconds(1) { wasStopped = true }
      waited = now
      if waited >= timeout || (waited > .seconds(1) && isRollCalled) {
        callRoll(in: operation, after: waited, wasStopped: wasStopped)
      }
      if waited > .seconds(1) { usleep(200) }
    }
    unsafe requests.removeFirst(count)
    FileWatch.noteContact()
  }

  private func testAll(first count: Int, _ operation: Operation) throws(Failure) -> Bool {
    var isDone: Int32 = 0
    let status = unsafe requests.withUnsafeMutableBufferPointer { requests in
      unsafe MPI_Testall(
        Int32(count), requests.baseAddress, &isDone, MPI_STATUSES_IGNORE)
    }
    try checkMPI(status, "MPI_Testall in \(described(operation))")
    return isDone != 0
  }

  /// The messages in which bytes travel to a peer, or from it.
  ///
  /// What is small enough to lie in shared memory until it is fetched needs no answer first, so that
  /// a few such messages arrive before one that does.
  private func pieces(of count: Int, with peer: Int) -> some Sequence<Range<Int>> {
    let isNear = hosts[peer] == host && count <= 4 * Self.unaskedBytes
    return pieces(of: count, each: min(pieceBytes, isNear ? Self.unaskedBytes : .max))
  }

  /// What Open MPI hands over in shared memory at once, less room for its own headers.
  private static var unaskedBytes: Int { 3584 }

  func pieces(of count: Int, each bytes: Int) -> some Sequence<Range<Int>> {
    stride(from: 0, to: count, by: bytes).lazy.map { start in start..<min(start + bytes, count) }
  }

  package func named(_ rank: Int) -> String { "rank \(rank) on host \(hosts[rank])" }

  func described(_ operation: Operation) -> String { "\(operation.name) at step \(step)" }
}
