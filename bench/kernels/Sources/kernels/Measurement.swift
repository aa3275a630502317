/// Times contenders in turn, in many short rounds, so that a noisy machine disturbs all alike.
struct Measurement {
  struct Contender {
    let name: String
    let run: () -> Void
  }

  struct Result {
    /// Seconds of a call.
    let minimum, median: Double
    /// How many times as fast as the first contender: of the minima, and the median of rounds.
    let share, medianShare: Double
  }

  static func measure(_ contenders: [Contender], rounds: Int) -> [Result] {
    let clock = ContinuousClock()
    func seconds(_ count: Int, _ body: () -> Void) -> Double {
      let start = clock.now
      for _ in 0..<count { body() }
      return (clock.now - start) / .seconds(1) / Double(count)
    }
    let counts = contenders.map { contender in
      let once = (0..<5).map { _ in seconds(1, contender.run) }.min() ?? 1
      return max(1, Int(1e-4 / once))
    }
    let times = (0..<rounds).map { _ in
      zip(contenders, counts).map { contender, count in
        contender.run()
        return seconds(count, contender.run)
      }
    }
    return contenders.indices.map { i in
      let minimum = times.map { $0[i] }.min() ?? 0
      return Result(
        minimum: minimum, median: median(times.map { $0[i] }),
        share: (times.map { $0[0] }.min() ?? 0) / minimum,
        medianShare: median(times.map { $0[0] / $0[i] }))
    }
  }

  private static func median(_ values: [Double]) -> Double {
    values.sorted()[values.count / 2]
  }
}
