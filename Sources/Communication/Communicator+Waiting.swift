package import Diagnostics
internal import Glibc

extension Communicator {
  /// Runs a body on rank 0 only, and returns its value there and nil on other ranks.
  ///
  /// If the body throws, all ranks throw. It may take long: it runs on a separate thread while the
  /// ranks exchange messages, so no timeout passes. It must not communicate. A request to stop ends
  /// the wait with a failure.
  package func onFirstRank<Value: Sendable>(
    _ body: @escaping @Sendable () throws(Failure) -> Value
  ) throws(Failure) -> Value? {
    try result(of: rank == 0 ? try BackgroundTask(body) : nil, isStoppable: true)
  }

  /// Waits for a task of rank 0 and returns its value there; returns nil on other ranks, and at
  /// once if there is no task.
  ///
  /// If the task throws, all ranks throw. The ranks exchange messages meanwhile. A request to stop
  /// ends the wait only if `isStoppable`.
  package func result<Value: Sendable>(
    of task: BackgroundTask<Value>?, isStoppable: Bool = false
  ) throws(Failure) -> Value? {
    while true {
      let isDone = task?.wait(atMost: .milliseconds(500)) ?? true
      let state: [UInt8] = [isDone ? 0 : 1, StopRequest.isRequested ? 1 : 0]
      let states = try allGather(
        state, counts: Array(repeating: state.count, count: size), in: .agreement)
      guard states.contains(where: { $0.first == 1 }) else { break }
      if isStoppable, states.contains(where: { $0.last == 1 }) {
        let failure = Failure(
          .stoppedOnRequest, "stopped on request before the first step: nothing to save yet")
        commonFailure = failure
        throw failure
      }
    }
    return try together { () throws(Failure) in try task?.result?.get() }
  }
}
