package import Diagnostics
internal import Glibc
internal import Processes
internal import Synchronization

/// Runs a function on a separate thread, which is joined when the process ends.
package final class BackgroundTask<Value: Sendable>: @unchecked Sendable {
  /// The result; nil until `isDone`.
  package private(set) var result: Result<Value, Failure>?
  private let done = Atomic<Bool>(false)
  private let body: @Sendable () throws(Failure) -> Value

  package init(_ body: @escaping @Sendable () throws(Failure) -> Value) throws(Failure) {
    self.body = body
    _ = try JoinableThread("a thread") { [self] in run() }
  }

  private func run() {
    do throws(Failure) { result = .success(try body()) } catch { result = .failure(error) }
    done.store(true, ordering: .releasing)
  }

  package var isDone: Bool { done.load(ordering: .acquiring) }

  /// Waits until the task is done, at most for this time; returns whether it is done.
  package func wait(atMost limit: Duration) -> Bool {
    let end = ContinuousClock.now + limit
    while !isDone {
      if ContinuousClock.now >= end { return false }
      usleep(200)
    }
    return true
  }

  /// Waits until the task is done.
  package func wait() { while !isDone { usleep(200) } }
}
