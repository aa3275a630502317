package import Diagnostics
internal import Glibc
internal import Synchronization

/// Work on a thread of its own; dropping it before it is done leaves the thread behind.
package final class BackgroundTask<Value: Sendable>: @unchecked Sendable {
  /// Written by the thread before it is done, read after.
  package private(set) var result: Result<Value, Failure>?
  private let done = Atomic<Bool>(false)
  private let body: @Sendable () throws(Failure) -> Value

  package init(_ body: @escaping @Sendable () throws(Failure) -> Value) throws(Failure) {
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

  package var isDone: Bool { done.load(ordering: .acquiring) }

  package func wait(atMost limit: Duration) {
    let end = ContinuousClock.now + limit
    while !isDone, ContinuousClock.now < end { usleep(200) }
  }

  /// Returns when the work is done.
  package func wait() { while !isDone { usleep(200) } }
}

/// What a thread that knows no types is given.
private final class Running {
  let run: () -> Void

  init(_ run: @escaping () -> Void) { self.run = run }
}
