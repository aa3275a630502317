internal import CMPI
internal import Diagnostics
internal import Glibc
internal import Processes

/// Point-to-point messages, and the only function that waits for them.
extension Communicator {
  /// Starts to send bytes, which must not change until `wait` returns.
  ///
  /// The corresponding MPI function is `MPI_Isend`.
  func send(
    _ bytes: UnsafeRawPointer, count: Int, to peer: Int, in operation: Collective
  ) throws(Failure) {
    for piece in pieces(of: count, with: peer) {
      var request: MPI_Request?
      try unsafe checkMPI(
        MPI_Isend(
          bytes + piece.lowerBound, Int32(piece.count), MPI_BYTE, Int32(peer),
          operation.rawValue, group, &request),
        "MPI_Isend to \(describe(peer)) in \(describe(operation))")
      unsafe requests.append(request)
    }
  }

  /// Starts to receive bytes, which are valid after `wait` returns.
  ///
  /// The corresponding MPI function is `MPI_Irecv`.
  func receive(
    _ bytes: UnsafeMutableRawPointer, count: Int, from peer: Int, in operation: Collective
  ) throws(Failure) {
    for piece in pieces(of: count, with: peer) {
      var request: MPI_Request?
      try unsafe checkMPI(
        MPI_Irecv(
          bytes + piece.lowerBound, Int32(piece.count), MPI_BYTE, Int32(peer),
          operation.rawValue, group, &request),
        "MPI_Irecv from \(describe(peer)) in \(describe(operation))")
      unsafe requests.append(request)
    }
  }

  /// Waits for all pending messages, or for the first `count` of them; starts a roll call after the
  /// timeout.
  ///
  /// It spins first, then yields the core between tests, and after a second also sleeps.
  /// The corresponding MPI function is `MPI_Waitall`.
  func wait(for operation: Collective, first count: Int? = nil) throws(Failure) {
    let count = unsafe count ?? requests.count
    guard count > 0 else { return }
    precondition(
      pthread_equal(pthread_self(), thread) != 0, "One thread makes all calls of a communicator.")
    let clock = ContinuousClock()
    let start = clock.now
    var (tests, waited, wasStopped) = (0, Duration.zero, false)
    while try !testAll(first: count, operation) {
      tests += 1
      // MPI itself yields only if its launcher knows that ranks outnumber cores.
      if tests > (isOversubscribed ? 20 : 1000) { sched_yield() }
      guard tests.isMultiple(of: 32) else { continue }
      let now = clock.now - start
      if now - waited > .seconds(1) { wasStopped = true }
      waited = now
      if waited >= timeout || (waited > .seconds(1) && isRollCalled) {
        callRoll(in: operation, after: waited, wasStopped: wasStopped)
      }
      if waited > .seconds(1) { usleep(200) }
    }
    unsafe requests.removeFirst(count)
    FileWatchdog.recordContact()
  }

  /// Returns whether messages are complete.
  ///
  /// The corresponding MPI function is `MPI_Testall`.
  private func testAll(first count: Int, _ operation: Collective) throws(Failure) -> Bool {
    var isDone: Int32 = 0
    let status = unsafe requests.withUnsafeMutableBufferPointer { requests in
      unsafe MPI_Testall(
        Int32(count), requests.baseAddress, &isDone, MPI_STATUSES_IGNORE)
    }
    try checkMPI(status, "MPI_Testall in \(describe(operation))")
    return isDone != 0
  }

  /// Splits bytes to or from a peer into messages.
  ///
  /// On the same host, several messages below Open MPI's eager limit arrive before one large
  /// message, which needs a handshake with the receiver first.
  private func pieces(of count: Int, with peer: Int) -> some Sequence<Range<Int>> {
    let isEager = hosts[peer] == host && count <= 4 * Self.eagerBytes
    return pieces(of: count, each: min(pieceBytes, isEager ? Self.eagerBytes : .max))
  }

  /// Open MPI's eager limit in shared memory (4096 bytes), less its headers.
  private static var eagerBytes: Int { 3584 }

  func pieces(of count: Int, each bytes: Int) -> some Sequence<Range<Int>> {
    stride(from: 0, to: count, by: bytes).lazy.map { start in start..<min(start + bytes, count) }
  }

  package func describe(_ rank: Int) -> String { "rank \(rank) on host \(hosts[rank])" }

  func describe(_ operation: Collective) -> String { "\(operation.name) at step \(step)" }
}
