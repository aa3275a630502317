package import Diagnostics
internal import Glibc
internal import Processes
internal import Synchronization

/// Work on a thread of its own, which is joined when the process ends or the next thread starts.
package final class BackgroundTask<Value: Sendable>: @unchecked Sendable {
  /// Written by the thread before it is done, read after.
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

  /// Whether the work is done after at most that time.
  package func wait(atMost limit: Duration) -> Bool {
    let end = ContinuousClock.now + limit
    while !isDone {
      if ContinuousClock.now >= end { return false }
      usleep(200)
    }
    return true
  }

  /// Returns when the work is done.
  package func wait() { while !isDone { usleep(200) } }
}
