package import Diagnostics
internal import Glibc
internal import Synchronization

extension Communicator {
  /// Runs a body that may take long on rank 0, which alone gets its value; all throw what it throws.
  ///
  /// The body runs on a thread of its own and may not communicate: meanwhile ranks tell each other
  /// that they are there, so that nobody is taken for dead, and whether they were asked to stop.
  package func onFirstRank<Value: Sendable>(
    _ body: @escaping @Sendable () throws(Failure) -> Value
  ) throws(Failure) -> Value? {
    let task = rank == 0 ? try BackgroundTask(body) : nil
    while true {
      task?.wait(atMost: .milliseconds(500))
      let state: [UInt8] = [
        task?.isDone == false ? 1 : 0, StopRequest.isRequested ? 1 : 0,
      ]
      let states = try collect(
        state, counts: Array(repeating: state.count, count: size), in: .agreement)
      guard states.contains(where: { $0.first == 1 }) else { break }
      if states.contains(where: { $0.last == 1 }) {
        let failure = Failure(
          .stoppedOnRequest, "stopped on request before the first step: nothing to save yet")
        agreedFailure = failure
        throw failure
      }
    }
    return try together { () throws(Failure) in try task?.result?.get() }
  }
}

/// Work on a thread of its own; dropping it before it is done leaves the thread behind.
private final class BackgroundTask<Value: Sendable>: @unchecked Sendable {
  /// Written by the thread before it is done, read after.
  private(set) var result: Result<Value, Failure>?
  private let done = Atomic<Bool>(false)
  private let body: @Sendable () throws(Failure) -> Value

  init(_ body: @escaping @Sendable () throws(Failure) -> Value) throws(Failure) {
    self.body = body
    let context = unsafe Unmanaged.passRetained(Running(self.run))
    var thread = pthread_t()
    let status = unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<Running>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, unsafe context.toOpaque())
    guard status == 0 else {
      unsafe context.release()
      throw Failure(.outOfMemory, "a thread cannot start (\(status))")
    }
    pthread_detach(thread)
  }

  private func run() {
    do throws(Failure) { result = .success(try body()) } catch { result = .failure(error) }
    done.store(true, ordering: .releasing)
  }

  var isDone: Bool { done.load(ordering: .acquiring) }

  func wait(atMost limit: Duration) {
    let end = ContinuousClock.now + limit
    while !isDone, ContinuousClock.now < end { usleep(200) }
  }
}

/// What a thread that knows no types is given.
private final class Running {
  let run: () -> Void

  init(_ run: @escaping () -> Void) { self.run = run }
}
