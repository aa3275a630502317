internal import Glibc

/// Measures the processor time of this thread, which other programs do not make longer.
package struct ProcessorClock {
  package init() {}

  package func measure<E>(_ body: () throws(E) -> Void) throws(E) -> Duration {
    let start = now
    try body()
    return now - start
  }

  package var now: Duration {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
}
