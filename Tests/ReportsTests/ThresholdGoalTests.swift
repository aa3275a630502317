import Reports
import TestSupport
import Testing

@Suite struct ThresholdGoalTests {
  /// Random answers for two classes, with ties, and weights in some.
  private func answers(_ random: inout XorShift) -> Answers {
    let samples = random.integer(in: 1...40)
    let steps = random.integer(in: 1...32)
    var numbers: [Float] = []
    for _ in 0..<samples {
      let second = Float(random.integer(in: 0...steps)) / Float(steps)
      numbers += [1 - second, second]
    }
    let share = random.number(in: 0...1)
    let labels = (0..<samples).map { _ in Int32(random.number(in: 0...1) < share ? 1 : 0) }
    let weights = (0..<samples).map { _ in Float(random.integer(in: 1...4)) }
    return Answers(
      numbers, .labels(labels, classes: 2), samples: samples, size: 1, width: 1,
      ignoresSome: false, form: .probabilities,
      weights: random.integer(in: 0...1) == 1 ? weights : nil)
  }

  /// The metric at a threshold, as `evaluate` computes it.
  private func value(_ goal: ThresholdGoal, _ answers: Answers, _ threshold: Double) throws
    -> Double
  {
    let name = goal == .youden ? "balanced_accuracy" : goal.rawValue
    let metric = try #require(Metric(name, fitting: .classes(2, having: .probabilities)))
    var record = Metrics([metric])
    answers.add(
      0..<answers.samples, of: [(0, metric)], threshold: threshold, factors: [], to: &record)
    let found = try #require(record[name])
    return goal == .youden ? 2 * found - 1 : found
  }

  /// No threshold of a fine grid is better.
  ///
  /// Scores of classes that are not there differ in what they
  /// make of that, so each class has a sample.
  @Test(arguments: ThresholdGoal.allCases) func noOtherThresholdIsBetter(_ goal: ThresholdGoal)
    throws
  {
    var random = XorShift(seed: 11)
    for _ in 0..<200 {
      let answers = answers(&random)
      guard case .labels(let labels, _) = answers.truth, Set(labels).count == 2 else { continue }
      let chosen = try #require(goal.threshold(of: answers))
      #expect((0...1).contains(chosen))
      let best = try value(goal, answers, chosen)
      let others = try (0...400).map { try value(goal, answers, Double($0) / 400) }
      let greatest = try #require(others.max())
      #expect(greatest <= best + 1e-12, "\(goal) is \(best) at \(chosen)")
    }
  }

  private func chosen(_ seconds: [Float], _ labels: [Int32], _ goal: ThresholdGoal = .accuracy)
    -> Double?
  {
    goal.threshold(
      of: Answers(
        seconds.flatMap { [1 - $0, $0] }, .labels(labels, classes: 2), samples: labels.count,
        size: 1, width: 1, ignoresSome: false, form: .probabilities))
  }

  @Test func aThresholdHasFewDigits() {
    #expect(chosen([0.1, 0.2, 0.375, 0.9], [0, 0, 1, 1]) == 0.3)
    #expect(chosen([0.25, 0.75], [0, 1]) == 0.5)
    #expect(chosen([0.75, 0.7500001], [0, 1]).map { $0 >= 0.75 && $0 < 0.7500001 } == true)
    // All of the first class, all of the second.
    #expect(chosen([0.9, 0.8], [0, 0]) == 0.9 || chosen([0.9, 0.8], [0, 0]) == 0.95)
    #expect(chosen([0.2, 0.3], [1, 1]) == 0.1)
    #expect(chosen([], []) == nil && chosen([.nan, 0.5], [0, 1]) == nil)
  }
}
