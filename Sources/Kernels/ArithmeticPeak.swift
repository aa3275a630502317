internal import CLinux

/// The peak arithmetic speed of a core.
package enum ArithmeticPeak {
  /// Float32 operations a second of this thread: multiply-adds on registers alone, of the widest
  /// vectors that the processor has.
  ///
  /// The best of four measurements, each long enough for threads that share a core to take turns.
  package static func measure() -> Double {
    let clock = ContinuousClock()
    var (rounds, stretches, best) = (1000, 0, 0.0)
    var result: Float = 0
    while stretches < 4 {
      let start = clock.now
      let operations = unsafe linux_multiply_adds(rounds, &result)
      let seconds = (clock.now - start) / .seconds(1)
      if seconds < 0.02 {
        rounds *= 2
      } else {
        best = max(best, Double(operations) / seconds)
        stretches += 1
      }
    }
    precondition(result > 0, "the multiply-adds were left out")
    return best
  }
}
