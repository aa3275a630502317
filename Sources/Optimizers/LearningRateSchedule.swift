package import Configuration
package import Diagnostics
internal import Elementary

/// The learning rate of every step of a run: a pure function of the step's place.
///
/// After a linear warm-up from nothing to the optimiser's rate, the rate stays, or falls in steps,
/// exponentially, or along a line or half a cosine.
package struct LearningRateSchedule: Sendable {
  /// The length of a fall in steps, counted from the start of the run; nil if there is no end to it.
  package let over: Int?
  private let rate: Double
  private let warmup: Int
  private let course: Course

  private enum Course {
    case constant
    case step(every: Int, factor: Double)
    case exponential(decay: Double, every: Int)
    case linear(to: Double)
    case cosine(to: Double)
  }

  /// The rate of the step that comes after so many others.
  package func learningRate(afterSteps done: Int) -> Double {
    guard done >= warmup else { return rate * (Double(done + 1) / Double(warmup)) }
    let steps = done - warmup
    switch course {
    case .constant: return rate
    case .step(let every, let factor): return rate * .power(factor, steps / every)
    case .exponential(let decay, let every):
      return rate * .exp(.log(decay) * (Double(steps) / Double(every)))
    case .linear(let target): return target + (rate - target) * (1 - progress(steps))
    case .cosine(let target):
      return target + (rate - target) * ((1 + .cos(.pi * progress(steps))) / 2)
    }
  }

  /// How much of the fall lies behind a step, from 0 to 1.
  private func progress(_ steps: Int) -> Double {
    min(1, Double(steps) / Double(max(1, (over ?? 0) - warmup)))
  }
}

extension LearningRateSchedule {
  package static let kind = Kind.variant(
    "schedule",
    [
      Record("constant", keys: [warmup], help: "The optimiser's rate at all times."),
      Record(
        "step", main: "every",
        keys: [
          Key(
            "every", .timespan([.epochs, .steps]),
            help: "Time between two falls, the first after the warm-up."),
          Key(
            "factor", .number(in: .above(0, to: 1)), default: 0.1,
            help: "What a fall multiplies the rate by."),
          warmup,
        ],
        help: "The rate falls at regular times."),
      Record(
        "exponential", main: "decay",
        keys: [
          Key(
            "decay", .number(in: .above(0, to: 1)),
            help: "What an epoch multiplies the rate by; it falls with every step."),
          warmup,
        ],
        help: "The rate falls by the same share in every step."),
      Record("cosine", main: "to", keys: fall, help: "The rate falls along half a cosine."),
      Record("linear", main: "to", keys: fall, help: "The rate falls along a straight line."),
    ])

  private static let warmup = Key(
    "warmup", .timespan([.epochs, .steps]), default: .absent,
    help: "Time in which the rate first grows from nothing, evenly.")

  private static let fall = [
    Key(
      "to", .number(in: .from(0, to: 1000)), default: 0,
      help: "The rate at the end of the fall, and after it."),
    warmup,
    // A resumed run may write out the length that was the run's: what counts is compared there.
    Key(
      "over", .timespan([.epochs, .steps]), default: .absent, effect: .length,
      help: "When the fall ends, counted from the start of the run; left out, with the run. "
        + "A run that is resumed must keep it."),
  ]

  /// The schedule of a section that `kind` has checked, around the optimiser's rate, for a run of
  /// so many steps.
  package init(
    _ settings: Settings, learningRate: Double, stepsPerEpoch: Int, runLength: Int
  ) throws(Failure) {
    func steps(_ key: String) -> Int? {
      settings.optionalTimespan(key).map {
        $0.unit == .epochs ? $0.count * stepsPerEpoch : $0.count
      }
    }
    rate = learningRate
    warmup = steps("warmup") ?? 0
    switch settings.name {
    case "step":
      course = .step(every: steps("every") ?? 1, factor: settings.number("factor"))
    case "exponential":
      course = .exponential(decay: settings.number("decay"), every: stepsPerEpoch)
    case "linear": course = .linear(to: settings.number("to"))
    case "cosine": course = .cosine(to: settings.number("to"))
    default: course = .constant
    }
    switch course {
    case .linear, .cosine: over = steps("over") ?? runLength
    case .constant, .step, .exponential: over = nil
    }
    if let over, settings.optionalTimespan("over") != nil, over <= warmup {
      throw settings.failure(
        at: "over",
        "the fall would end after \(over) steps, within the warm-up of \(warmup): "
          + "set a longer time")
    }
  }
}
