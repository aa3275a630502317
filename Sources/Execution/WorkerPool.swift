package import Diagnostics
internal import Glibc
internal import Kernels
internal import Processes
internal import Synchronization

/// Threads that run the same closure on different shares of the work.
///
/// The caller is worker 0.
@safe package final class WorkerPool: @unchecked Sendable {
  package let count: Int
  private var threads: [JoinableThread] = []
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  /// The number of rounds of work so far; a worker waits until it changes.
  private let round = Atomic<Int>(0)
  private let unfinished = Atomic<Int>(0)
  private let stopping = Atomic<Bool>(false)
  private var work: ((Int) -> Void)?

  package init(count: Int) throws(Failure) {
    self.count = count
    unsafe pthread_mutex_init(mutex, nil)
    unsafe pthread_cond_init(changed, nil)
    NumericThread.prepare()
    for worker in 1..<max(1, count) {
      do throws(Failure) {
        threads.append(
          try JoinableThread(
            "worker thread \(worker) of \(count)", stop: { [self] in requestStop() }
          ) { [self] in serve(worker) })
      } catch {
        stop()
        throw error
      }
    }
  }

  /// Stops the threads; otherwise they wait for ever.
  package func stop() {
    requestStop()
    for thread in threads { thread.join() }
    threads = []
  }

  private func requestStop() {
    stopping.store(true, ordering: .sequentiallyConsistent)
    wake()
  }

  deinit {
    unsafe pthread_cond_destroy(changed)
    unsafe pthread_mutex_destroy(mutex)
    unsafe changed.deallocate()
    unsafe mutex.deallocate()
  }

  /// Runs `work(worker)` on every worker and returns when all are done.
  ///
  /// A closure that captures a single object is not allocated.
  package func run(_ work: @escaping (Int) -> Void) {
    guard count > 1 else { return work(0) }
    self.work = work
    unfinished.store(count - 1, ordering: .releasing)
    wake()
    work(0)
    wait { unfinished.load(ordering: .acquiring) == 0 }
    self.work = nil
  }

  private func serve(_ worker: Int) {
    NumericThread.prepare()
    var seen = 0
    while true {
      wait { round.load(ordering: .acquiring) != seen }
      seen += 1
      if stopping.load(ordering: .sequentiallyConsistent) { return }
      work?(worker)
      if unfinished.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { signal() }
    }
  }

  private func wake() {
    round.add(1, ordering: .releasing)
    signal()
  }

  private func signal() {
    unsafe pthread_mutex_lock(mutex)
    unsafe pthread_cond_broadcast(changed)
    unsafe pthread_mutex_unlock(mutex)
  }

  /// Spins for a millisecond, since a training step is often that short, then sleeps.
  ///
  /// If other processes use the core, one yield takes longer than that: a spinning thread waits for
  /// its turn again and again, a sleeping one is woken at once.
  private func wait(_ condition: () -> Bool) {
    let end = nanoseconds() + 1_000_000
    repeat {
      if condition() { return }
      sched_yield()
    } while nanoseconds() < end
    unsafe pthread_mutex_lock(mutex)
    while !condition() { unsafe pthread_cond_wait(changed, mutex) }
    unsafe pthread_mutex_unlock(mutex)
  }
}

private func nanoseconds() -> Int {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
