internal import CLinux

/// What the arithmetic units of a core can do at most.
package enum ArithmeticPeak {
  /// Float32 operations a second of this thread: multiply-adds on registers alone, of the widest
  /// vectors that the processor has. Takes some hundredths of a second.
  package static func measure() -> Double {
    let clock = ContinuousClock()
    var (rounds, best) = (1000, 0.0)
    var result: Float = 0
    for _ in 0..<12 {
      let start = clock.now
      let operations = unsafe linux_multiply_adds(rounds, &result)
      let seconds = (clock.now - start) / .seconds(1)
      best = max(best, Double(operations) / seconds)
      // Long enough for the clock, short enough to be undisturbed once.
      if seconds < 0.005 { rounds *= 4 }
    }
    precondition(result > 0, "multiply-adds vanished")
    return best
  }
}
