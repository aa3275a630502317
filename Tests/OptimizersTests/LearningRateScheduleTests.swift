import Configuration
import Diagnostics
import Optimizers
import TestSupport
import Testing

@Suite struct LearningRateScheduleTests {
  /// A schedule around the rate 0.1 in a run of three epochs of four steps, if not said otherwise.
  private func schedule(_ text: String, runLength: Int = 12) throws -> LearningRates {
    let schema = Record(
      "test", keys: [Key("schedule", .learningRateSchedule, help: "Rate.")], help: "Test.")
    return try LearningRates(
      Settings(text: "schedule: \(text)", schema: schema).section("schedule"), learningRate: 0.1,
      stepsPerEpoch: 4, runLength: runLength)
  }

  /// Rates of PyTorch's schedulers; warm-up is its `LinearLR` from one step's share on.
  @Test(arguments: [
    ("constant", [0.1, 0.1, 0.1]),
    ("{constant: {warmup: 2 steps}}", [0.05, 0.1, 0.1]),
    ("{constant: {warmup: 1 step}}", [0.1, 0.1]),
    ("{step: {every: 3 steps, factor: 0.5}}", [0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.025, 0.025]),
    (
      "{step: {every: 1 epoch, warmup: 2 steps}}",
      [0.05, 0.1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.01, 0.001]
    ),
    (
      "{exponential: 0.5}",
      [
        0.1, 0.0840896415, 0.0707106781, 0.0594603558, 0.05, 0.0420448208, 0.0353553391,
        0.0297301779, 0.025,
      ]
    ),
    (
      "{linear: {to: 0.01, over: 8 steps}}",
      [0.1, 0.08875, 0.0775, 0.06625, 0.055, 0.04375, 0.0325, 0.02125, 0.01, 0.01, 0.01]
    ),
    (
      "{cosine: {to: 0.01, over: 2 epochs}}",
      [
        0.1, 0.096574579, 0.0868198052, 0.0722207545, 0.055, 0.0377792455, 0.0231801948,
        0.013425421, 0.01, 0.01,
      ]
    ),
    (
      "{cosine: {to: 0.01, warmup: 1 epoch}}",
      [
        0.025, 0.05, 0.075, 0.1, 0.1, 0.096574579, 0.0868198052, 0.0722207545, 0.055, 0.0377792455,
        0.0231801948, 0.013425421, 0.01, 0.01,
      ]
    ),
  ])
  func followsPyTorch(_ text: String, _ expected: [Double]) throws {
    let schedule = try schedule(text)
    for (done, rate) in expected.enumerated() {
      let found = schedule.learningRate(afterSteps: done)
      #expect(isClose(found, rate, relative: 0, absolute: 6e-11), "\(found) after \(done)")
    }
  }

  /// Where a schedule has an end or a beginning, the rate is the number that was written.
  @Test func endsAreExact() throws {
    for text in ["{linear: 0.003}", "{cosine: 0.003}"] {
      let schedule = try schedule(text, runLength: 977)
      #expect(schedule.learningRate(afterSteps: 0) == 0.1)
      #expect(schedule.learningRate(afterSteps: 977) == 0.003)
      #expect(schedule.learningRate(afterSteps: 1_000_000_000_000) == 0.003)
    }
    #expect(try schedule("{constant: {warmup: 7 steps}}").learningRate(afterSteps: 6) == 0.1)
    #expect(try schedule("{exponential: 0.9}").learningRate(afterSteps: 0) == 0.1)
  }

  @Test(
    arguments: [
      ("constant", nil), ("{step: 1 epoch}", nil), ("{exponential: 0.9}", nil), ("cosine", 12),
      ("linear", 12), ("{cosine: {over: 30 epochs}}", 120), ("{linear: {over: 7 steps}}", 7),
    ] as [(String, Int?)])
  func lengthOfAFallIsTheRunsUnlessSet(_ text: String, _ over: Int?) throws {
    #expect(try schedule(text).over == over)
  }

  @Test(arguments: ["cosine", "linear", "{step: 1 step}", "{exponential: 0.5}"])
  func ratesNeverRiseAfterTheWarmup(_ text: String) throws {
    let schedule = try schedule(text)
    let rates = (0..<40).map { schedule.learningRate(afterSteps: $0) }
    #expect(zip(rates, rates.dropFirst()).allSatisfy { $0 >= $1 && $1 >= 0 })
  }

  /// A trial run may be shorter than the warm-up.
  @Test func warmupMayOutlastTheRun() throws {
    let schedule = try schedule("{cosine: {warmup: 5 epochs}}")
    #expect(schedule.learningRate(afterSteps: 11) == 0.1 * (12.0 / 20))
    #expect(schedule.learningRate(afterSteps: 20) == 0.1)
    #expect(schedule.learningRate(afterSteps: 21) == 0)
  }

  @Test(arguments: [
    ("{cosine: {warmup: 2 epochs, over: 8 steps}}", "schedule.cosine.over: the fall would end"),
    ("step", "missing key 'every' in schedule.step"),
    ("{exponential: 1.5}", "expected a number above 0 and at most 1"),
    ("{cosine: {over: 2 h}}", "expected a whole number of epochs or steps"),
    ("{cosin: 0}", "did you mean 'cosine'?"),
  ])
  func refuses(_ text: String, _ message: String) {
    let failure = #expect(throws: Failure.self) { try schedule(text) }
    #expect(failure?.message.contains(message) == true)
    #expect(failure?.code == .badConfiguration)
  }
}
