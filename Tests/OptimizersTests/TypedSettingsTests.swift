import Configuration
import Diagnostics
import Optimizers
import Testing

/// Values that Swift code builds, beside those that a file writes.
@Suite struct TypedSettingsTests {
  private static let record = Record(
    "test",
    keys: [
      Key("rule", .optimizer, default: "sgd", help: "Rule."),
      Key("rate", .learningRateSchedule, default: "constant", help: "Rate."),
    ], help: "Test.")

  /// The settings of a value as a file would hold them.
  private func written(_ key: String, _ settings: Settings) throws -> Settings {
    let text = try Settings(Self.record, [key: .variant(settings)]).yaml(includingAll: true)
    return try Settings(text: text, schema: Self.record).section(key)
  }

  @Test(
    arguments: [
      (SGD(), "sgd"),
      (SGD(learningRate: 0.1, momentum: 0.9), "{sgd: {momentum: 0.9, learning_rate: 0.1}}"),
      (
        SGD(learningRate: 2, momentum: 0.5, nesterov: true, weightDecay: 0.25),
        "{sgd: {learning_rate: 2, momentum: 0.5, nesterov: true, weight_decay: 0.25}}"
      ),
      (Adam(learningRate: 0.001, beta1: 0.9), "adam"),
      (
        Adam(
          learningRate: 0.5, beta1: 0.1, beta2: 0.2, epsilon: 0.3, amsgrad: true, weightDecay: 0.4),
        "{adam: {learning_rate: 0.5, beta1: 0.1, beta2: 0.2, epsilon: 0.3, amsgrad: true, weight_decay: 0.4}}"
      ),
      (AdamW(), "adamw"), (AdamW(weightDecay: 0), "{adamw: {weight_decay: 0}}"),
      (RMSProp(), "rmsprop"),
      (RMSProp(learningRate: 0.1, alpha: 0.9), "{rmsprop: {alpha: 0.9, learning_rate: 0.1}}"),
      (AdaGrad(), "adagrad"),
      (AdaGrad(learningRate: 0.1, epsilon: 0.5), "{adagrad: {learning_rate: 0.1, epsilon: 0.5}}"),
    ] as [(any Optimizer, String)])
  func optimizerOfCodeIsThatOfAFile(_ built: any Optimizer, _ text: String) throws {
    let read = try optimizer(text)
    #expect("\(built)" == "\(read)")
    #expect(try built.settings() == read.settings())
    var (one, other) = (Run<Float>(built, noise(64, seed: 1)), Run<Float>(read, noise(64, seed: 1)))
    for t in 1...5 {
      one.step(t, noise(64, seed: UInt64(t)), 0..<64)
      other.step(t, noise(64, seed: UInt64(t)), 0..<64)
    }
    #expect(one.weights.map(\.bitPattern) == other.weights.map(\.bitPattern))
  }

  @Test(
    arguments: [
      (ConstantSchedule(), "constant"),
      (ConstantSchedule(warmup: Timespan(3, .steps)), "{constant: {warmup: 3 steps}}"),
      (StepSchedule(every: Timespan(2, .epochs)), "{step: 2 epochs}"),
      (
        StepSchedule(every: Timespan(1, .steps), factor: 0.5, warmup: Timespan(1, .epochs)),
        "{step: {every: 1 step, factor: 0.5, warmup: 1 epoch}}"
      ),
      (ExponentialSchedule(decay: 0.9), "{exponential: 0.9}"), (CosineSchedule(), "cosine"),
      (
        CosineSchedule(to: 0.01, warmup: Timespan(1, .epochs), over: Timespan(9, .epochs)),
        "{cosine: {to: 0.01, warmup: 1 epoch, over: 9 epochs}}"
      ),
      (LinearSchedule(to: 0.5), "{linear: 0.5}"),
    ] as [(any LearningRateSchedule, String)])
  func scheduleOfCodeIsThatOfAFile(_ built: any LearningRateSchedule, _ text: String) throws {
    let section = try Settings(text: "rate: \(text)", schema: Self.record).section("rate")
    #expect(try "\(built)" == "\(section.learningRateSchedule())")
    #expect(try built.settings() == section)
  }

  @Test func everyOptimizerComesBackFromItsFile() throws {
    var numbers = Numbers()
    for _ in 0..<200 {
      let betas = (numbers.next(0, 0.999), numbers.next(0, 0.999))
      let (rate, decay) = (numbers.next(1e-6, 1000), numbers.next(0, 1000))
      let (epsilon, isSet) = (numbers.next(1e-30, 1), numbers.next(0, 1) < 0.5)
      let all: [any Optimizer] = [
        SGD(learningRate: rate, momentum: betas.0 + 1e-9, nesterov: isSet, weightDecay: decay),
        Adam(
          learningRate: rate, beta1: betas.0, beta2: betas.1, epsilon: epsilon, amsgrad: isSet,
          weightDecay: decay),
        AdamW(
          learningRate: rate, beta1: betas.0, beta2: betas.1, epsilon: epsilon, amsgrad: isSet,
          weightDecay: decay),
        RMSProp(learningRate: rate, alpha: betas.0, epsilon: epsilon, weightDecay: decay),
        AdaGrad(learningRate: rate, epsilon: epsilon, weightDecay: decay),
      ]
      for optimizer in all {
        #expect(try "\(written("rule", optimizer.settings()).optimizer())" == "\(optimizer)")
      }
      let clipping = Clipping(norm: isSet ? rate : nil, value: decay)
      #expect(try Clipping(clipping.settings()) == clipping)
      let penalty = Penalty(l1: decay, l2: betas.0)
      #expect(try "\(Penalty(penalty.settings()))" == "\(penalty)")
    }
  }

  @Test func everyScheduleComesBackFromItsFile() throws {
    var numbers = Numbers()
    for _ in 0..<200 {
      let times = (0..<3).map { _ in
        Timespan(1 + Int(numbers.next(0, 1e6)), numbers.next(0, 1) < 0.5 ? .epochs : .steps)
      }
      let warmup = numbers.next(0, 1) < 0.5 ? times[0] : nil
      let over = numbers.next(0, 1) < 0.5 ? times[1] : nil
      let (share, rate) = (numbers.next(1e-9, 1), numbers.next(0, 1000))
      let all: [any LearningRateSchedule] = [
        ConstantSchedule(warmup: warmup),
        StepSchedule(every: times[2], factor: share, warmup: warmup),
        ExponentialSchedule(decay: share, warmup: warmup),
        CosineSchedule(to: rate, warmup: warmup, over: over),
        LinearSchedule(to: rate, warmup: warmup, over: over),
      ]
      for schedule in all {
        let read = try written("rate", schedule.settings()).learningRateSchedule()
        #expect("\(read)" == "\(schedule)")
      }
    }
  }

  @Test(
    arguments: [
      (
        Adam(learningRate: 0),
        "adam.learning_rate: expected a number above 0 and at most 1000, found 0"
      ),
      (AdamW(beta2: 1), "adamw.beta2: expected a number of at least 0 and below 1, found 1"),
      (
        RMSProp(alpha: .nan),
        "rmsprop.alpha: expected a number of at least 0 and below 1, found nan"
      ),
      (AdaGrad(epsilon: 0), "adagrad.epsilon: expected a number from 1e-30 to 1, found 0"),
      (
        SGD(weightDecay: .infinity), "sgd.weight_decay: expected a number from 0 to 1000, found inf"
      ),
      (SGD(nesterov: true), "there is no momentum to look ahead along"),
      (
        StepSchedule(every: Timespan(1, .epochs), factor: 2),
        "step.factor: expected a number above 0"
      ),
      (StepSchedule(every: Timespan(0, .epochs)), "step.every: expected a whole number of epochs"),
      (CosineSchedule(over: Timespan(2, .hours)), "cosine.over: expected a whole number of epochs"),
      (LinearSchedule(to: -1), "linear.to: expected a number from 0 to 1000, found -1"),
      (Clipping(norm: -1), "norm.limit: expected a number above 0, found -1"),
      (Clipping(), "expected a bound, as in clip: 1"),
      (Penalty(l1: 1001), "penalty.l1: expected a number from 0 to 1000, found 1001"),
    ] as [(any Configurable, String)])
  func codeIsRefusedWhatAFileIs(_ value: any Configurable, _ message: String) {
    let failure = #expect(throws: Failure.self) { try value.settings() }
    #expect(failure?.message.contains(message) == true, "\(failure?.message ?? "")")
    #expect(failure?.message.contains("\n") == false)
  }

  /// Uniform numbers by a linear congruential generator.
  private struct Numbers {
    private var state: UInt64 = 7

    mutating func next(_ low: Double, _ high: Double) -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return low + (high - low) * Double(state >> 11) / 9_007_199_254_740_992
    }
  }
}
