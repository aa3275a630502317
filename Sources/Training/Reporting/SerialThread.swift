internal import Diagnostics
internal import Glibc
internal import Processes
internal import Synchronization

/// Runs functions one after the other on a background thread, which is there only while there is
/// work.
final class SerialThread: Sendable {
  private struct Queue {
    var waiting: [@Sendable () -> Void] = []
    var isServed = false
  }

  private let queue = Mutex(Queue())

  /// Runs a function after all earlier ones.
  func add(_ work: @escaping @Sendable () -> Void) {
    let isServed = queue.withLock { queue in
      defer { queue.isServed = true }
      queue.waiting.append(work)
      return queue.isServed
    }
    guard !isServed else { return }
    do throws(Failure) {
      _ = try JoinableThread("the thread of the report") { [self] in
        // Training has priority if there are too few cores; 0 is this thread.
        setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 10)
        serve()
      }
    } catch {
      // Without memory for a thread the caller does it.
      serve()
    }
  }

  /// Waits until all functions have run.
  func finish() {
    while queue.withLock({ $0.isServed }) { usleep(200) }
  }

  private func serve() {
    while let work = next() { work() }
  }

  private func next() -> (@Sendable () -> Void)? {
    queue.withLock { queue in
      guard !queue.waiting.isEmpty else {
        queue.isServed = false
        return nil
      }
      return queue.waiting.removeFirst()
    }
  }
}
