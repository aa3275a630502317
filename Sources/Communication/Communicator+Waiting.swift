package import Diagnostics
internal import Glibc

extension Communicator {
  /// Runs a body that may take long on rank 0, which alone gets its value; all throw what it throws.
  ///
  /// The body runs on a thread of its own and may not communicate: meanwhile ranks tell each other
  /// that they are there, so that nobody is taken for dead, and whether they were asked to stop.
  package func onFirstRank<Value: Sendable>(
    _ body: @escaping @Sendable () throws(Failure) -> Value
  ) throws(Failure) -> Value? {
    try result(of: rank == 0 ? try BackgroundTask(body) : nil, isStoppable: true)
  }

  /// What a task of rank 0 comes to, if it has one: rank 0 gets the value, and all throw what it
  /// throws.
  ///
  /// Meanwhile ranks tell each other that they are there. A request to stop ends the wait only if
  /// nothing is lost by it.
  package func result<Value: Sendable>(
    of task: BackgroundTask<Value>?, isStoppable: Bool = false
  ) throws(Failure) -> Value? {
    while true {
      let isDone = task?.wait(atMost: .milliseconds(500)) ?? true
      let state: [UInt8] = [isDone ? 0 : 1, StopRequest.isRequested ? 1 : 0]
      let states = try collect(
        state, counts: Array(repeating: state.count, count: size), in: .agreement)
      guard states.contains(where: { $0.first == 1 }) else { break }
      if isStoppable, states.contains(where: { $0.last == 1 }) {
        let failure = Failure(
          .stoppedOnRequest, "stopped on request before the first step: nothing to save yet")
        agreedFailure = failure
        throw failure
      }
    }
    return try together { () throws(Failure) in try task?.result?.get() }
  }
}
