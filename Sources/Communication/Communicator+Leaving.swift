internal import CMPI
package import Diagnostics
internal import Glibc
internal import Processes

/// The ways out of a group when something failed: with one message, and the same code everywhere.
extension Communicator {
  /// Leaves after a failure: together if all ranks know of it, otherwise by ending them all.
  package func leave(after failure: Failure) -> Never {
    guard isCommon(failure) else { abort(failure) }
    if rank == 0 { printError(failure.message) }
    do throws(Failure) {
      try finish()
    } catch {
      abort(error)
    }
    endProcess(failure.code)
  }

  /// Ends all ranks because of a failure that only this one knows of; no other need take part.
  ///
  /// The corresponding MPI function is `MPI_Abort`.
  package func abort(_ failure: Failure) -> Never {
    printError(size > 1 ? "\(named(rank)): \(failure)" : failure.message)
    end(failure.code)
  }

  private func end(_ code: ExitCode) -> Never {
    if unsafe group != nil {
      _ = try? Watchdog.guarding(.seconds(5), endingWith: code) {
        _ = unsafe MPI_Abort(MPI_COMM_WORLD, code.rawValue)
      }
    }
    endProcess(code)
  }

  /// Whether another rank gave up waiting and asks who is there; it cannot fail.
  var isRollCalled: Bool {
    var isCalled: Int32 = 0
    let status = unsafe MPI_Iprobe(
      MPI_ANY_SOURCE, Self.rollCallTag, MPI_COMM_WORLD, &isCalled, MPI_STATUS_IGNORE)
    return status == MPI_SUCCESS && isCalled != 0
  }

  /// Finds out who is still there, tells it once, and ends all ranks.
  ///
  /// A rank that waits for one that waits for a third would blame the wrong one, so whoever waits
  /// answers; the lowest rank that is there speaks. A rank that stood still, and is woken to be ended after
  /// others have spoken, must not speak as well: it finds nobody missing, and waits a while first.
  func callRoll(in operation: Operation, after waited: Duration, wasStopped: Bool) -> Never {
    let answers = collectAnswers(RollCallAnswer(operation: operation, step: step))
    let present = answers.indices.filter { answers[$0] != nil }
    if wasStopped || (waited < timeout && present.count == size) { sleep(3) }
    if present.first == rank {
      printError(
        RollCallAnswer.report(
          answers, operation: described(operation), waited: waited,
          canResume: hasCheckpoint, name: named))
    } else {
      // Time for the lowest to speak and end this process; it may have ended meanwhile.
      sleep(5)
    }
    end(.internalError)
  }

  private static var rollCallTag: Int32 { 1 }

  /// The answers that arrive within five seconds, this rank's own among them.
  private func collectAnswers(_ own: RollCallAnswer) -> [RollCallAnswer?] {
    let bytes = MemoryLayout<RollCallAnswer>.stride
    // Never freed: the process ends with messages to silent ranks still under way.
    let answers = UnsafeMutablePointer<RollCallAnswer>.allocate(capacity: size)
    unsafe answers.initialize(repeating: own, count: size)
    var pending = unsafe [MPI_Request?](repeating: nil, count: size)
    let others = (0..<size).filter { $0 != rank }
    for peer in others {
      var request: MPI_Request?
      let world = unsafe MPI_COMM_WORLD
      _ = unsafe MPI_Isend(
        answers + rank, Int32(bytes), MPI_BYTE, Int32(peer), Self.rollCallTag, world, &request)
      _ = unsafe MPI_Irecv(
        answers + peer, Int32(bytes), MPI_BYTE, Int32(peer), Self.rollCallTag, world,
        &pending[peer])
    }
    var missing = others
    let end = ContinuousClock.now + .seconds(5)
    while !missing.isEmpty, ContinuousClock.now < end {
      missing.removeAll { peer in
        var isDone: Int32 = 0
        let status = unsafe MPI_Test(&pending[peer], &isDone, MPI_STATUS_IGNORE)
        return status == MPI_SUCCESS && isDone != 0
      }
      usleep(1000)
    }
    return (0..<size).map { missing.contains($0) ? nil : unsafe answers[$0] }
  }
}

/// What a rank says of itself when the roll is called.
struct RollCallAnswer: Equatable {
  let operation: Int32
  let step: Int

  init(operation: Operation, step: Int) {
    self.operation = operation.rawValue
    self.step = step
  }

  /// Whether all ranks are there and wait for the same.
  static func areAlike(_ answers: [RollCallAnswer?]) -> Bool {
    answers.allSatisfy { $0 != nil && $0 == answers.first }
  }

  private var description: String {
    "\(Operation(rawValue: operation)?.name ?? "an unknown operation") at step \(step)"
  }

  /// The line that ends a run in which ranks wait in vain.
  static func report(
    _ answers: [RollCallAnswer?], operation: String, waited: Duration, canResume: Bool,
    name: (Int) -> String
  ) -> String {
    let silent = answers.indices.filter { answers[$0] == nil }
    let seconds = (waited + .milliseconds(500)).components.seconds
    let start = "no progress in \(operation) for \(seconds) s: "
    guard silent.isEmpty else {
      let named = silent.prefix(8).map(name).joined(separator: ", ")
      let more = silent.count > 8 ? " and \(silent.count - 8) more" : ""
      let resume = canResume ? "resume the run from its last checkpoint, and " : ""
      return start + "\(named)\(more) did not answer; \(resume)allow more with --timeout if a rank "
        + "is only slow"
    }
    if areAlike(answers) {
      return start + "all ranks answer now, so one was late; allow more with --timeout"
    }
    let places = answers.enumerated().prefix(8).compactMap { rank, answer in
      answer.map { "rank \(rank) in \($0.description)" }
    }
    return start + "all ranks answer, but wait for different things: "
      + places.joined(separator: ", ")
  }
}
