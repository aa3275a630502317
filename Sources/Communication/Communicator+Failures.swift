internal import CMPI
package import Diagnostics
internal import Glibc
internal import Processes

/// Ends all ranks after a failure, with one message and the same exit code on each.
extension Communicator {
  /// Exits after a failure: with `finish` if all ranks know of it, otherwise with `abort`.
  package func exit(after failure: Failure) -> Never {
    guard isKnownToAll(failure) else { abort(failure) }
    if rank == 0 { printError(failure.message) }
    do throws(Failure) {
      try finish()
    } catch {
      abort(error)
    }
    endProcess(failure.code)
  }

  /// Ends all ranks because of a failure on this one; not collective.
  ///
  /// The corresponding MPI function is `MPI_Abort`.
  package func abort(_ failure: Failure) -> Never {
    printError(size > 1 ? "\(describe(rank)): \(failure)" : failure.message)
    end(failure.code)
  }

  private func end(_ code: ExitCode) -> Never {
    if unsafe group != nil {
      _ = try? Watchdog.run(within: .seconds(5), exitCode: code) {
        _ = unsafe MPI_Abort(MPI_COMM_WORLD, code.rawValue)
      }
    }
    endProcess(code)
  }

  /// Whether another rank has started a roll call.
  ///
  /// The corresponding MPI function is `MPI_Iprobe`.
  var isRollCalled: Bool {
    var isCalled: Int32 = 0
    let status = unsafe MPI_Iprobe(
      MPI_ANY_SOURCE, Self.rollCallTag, MPI_COMM_WORLD, &isCalled, MPI_STATUS_IGNORE)
    return status == MPI_SUCCESS && isCalled != 0
  }

  /// Finds out which ranks still respond, prints one message, and ends all ranks.
  ///
  /// If a rank waits for a rank that waits for a third, it would blame the wrong one. So every rank
  /// that waits answers with its operation and step, and the lowest that answers prints. A rank
  /// that was stopped and wakes up late finds no rank missing; it sleeps first, since another rank
  /// may have printed already.
  func callRoll(in operation: Collective, after waited: Duration, wasStopped: Bool) -> Never {
    let answers = gatherAnswers(RollCallAnswer(operation: operation, step: step))
    let present = answers.indices.filter { answers[$0] != nil }
    if wasStopped || (waited < timeout && present.count == size) { sleep(3) }
    if present.first == rank {
      printError(
        RollCallAnswer.report(
          answers, operation: describe(operation), waited: waited,
          canResume: hasCheckpoint, name: describe))
    } else {
      // Time for the lowest rank to print and end this process.
      sleep(5)
    }
    end(.internalError)
  }

  private static var rollCallTag: Int32 { 1 }

  /// Returns the answers that arrive within five seconds, including that of this rank.
  private func gatherAnswers(_ own: RollCallAnswer) -> [RollCallAnswer?] {
    let bytes = MemoryLayout<RollCallAnswer>.stride
    // Never freed: messages to silent ranks are still pending when the process ends.
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

/// The answer of a rank to a roll call: the operation and step at which it waits.
struct RollCallAnswer: Equatable {
  let operation: Int32
  let step: Int

  init(operation: Collective, step: Int) {
    self.operation = operation.rawValue
    self.step = step
  }

  /// Returns whether all ranks answer and wait in the same operation.
  static func areAlike(_ answers: [RollCallAnswer?]) -> Bool {
    answers.allSatisfy { $0 != nil && $0 == answers.first }
  }

  private var description: String {
    "\(Collective(rawValue: operation)?.name ?? "an unknown operation") at step \(step)"
  }

  /// Returns the message for a run that makes no progress.
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
      return start + "\(named)\(more) did not answer; \(resume)raise --timeout if a rank "
        + "is only slow"
    }
    if areAlike(answers) {
      return start + "all ranks answer now, so one was late; raise --timeout"
    }
    let places = answers.enumerated().prefix(8).compactMap { rank, answer in
      answer.map { "rank \(rank) in \($0.description)" }
    }
    return start + "all ranks answer, but wait for different things: "
      + places.joined(separator: ", ")
  }
}
