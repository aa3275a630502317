package import Configuration
package import Diagnostics
internal import Elementary

/// How the learning rate changes over a run, after a linear warm-up.
package protocol LearningRateSchedule: Configurable {
  /// Time in which the rate first grows from 0, linearly.
  var warmup: Timespan? { get set }

  /// The steps after which the rate stays as it is, counted from the start of the run; nil where
  /// it never does.
  func end(runLength: Int, stepsPerEpoch: Int) -> Int?

  /// The rate at a place, where it was `rate` at the end of the warm-up.
  func learningRate(from rate: Double, at place: SchedulePlace) -> Double
}

extension LearningRateSchedule {
  package func end(runLength: Int, stepsPerEpoch: Int) -> Int? { nil }
}

/// A step's place in a schedule.
package struct SchedulePlace {
  /// Steps since the warm-up.
  let steps: Int
  let stepsPerEpoch: Int
  /// The share of the way from the warm-up to the schedule's end, from 0 to 1.
  let progress: Double
}

/// All schedules that a file can name.
///
/// To add one, write its type and list it here.
private let schedules: [any LearningRateSchedule.Type] = [
  ConstantSchedule.self, StepSchedule.self, ExponentialSchedule.self, CosineSchedule.self,
  LinearSchedule.self,
]

extension Kind {
  package static let learningRateSchedule = Kind.variant("schedule", schedules.map { $0.record })
}

extension Settings {
  /// The schedule of a section that `Kind.learningRateSchedule` has checked.
  package func learningRateSchedule() throws(Failure) -> any LearningRateSchedule {
    guard let type = schedules.first(where: { $0.record.name == name }) else {
      preconditionFailure("\(name) is no schedule")
    }
    return try type.init(self)
  }
}

/// The optimiser's rate at all times.
package struct ConstantSchedule: LearningRateSchedule {
  package var warmup: Timespan?

  package init(warmup: Timespan? = nil) { self.warmup = warmup }

  package static let schema = Schema(
    "constant", ConstantSchedule(), [.warmup], help: "The optimiser's rate at all times.")

  package func learningRate(from rate: Double, at place: SchedulePlace) -> Double { rate }
}

/// Multiplies the rate by a factor at regular times.
package struct StepSchedule: LearningRateSchedule {
  package var every: Timespan
  package var factor: Double
  package var warmup: Timespan?

  package init(every: Timespan, factor: Double = 0.1, warmup: Timespan? = nil) {
    self.every = every
    self.factor = factor
    self.warmup = warmup
  }

  package static let schema = Schema(
    "step", StepSchedule(every: Timespan(1, .epochs)), main: "every",
    [
      Property(
        "every", \.every, isRequired: true,
        help: "Time between two falls, the first after the warm-up."),
      Property(
        "factor", \.factor, .number(in: .above(0, to: 1)),
        help: "What a fall multiplies the rate by."),
      .warmup,
    ],
    help: "The rate falls at regular times.")

  package func learningRate(from rate: Double, at place: SchedulePlace) -> Double {
    rate * .power(factor, place.steps / every.steps(perEpoch: place.stepsPerEpoch))
  }
}

/// Multiplies the rate by the same factor after every step.
package struct ExponentialSchedule: LearningRateSchedule {
  /// The factor of a whole epoch.
  package var decay: Double
  package var warmup: Timespan?

  package init(decay: Double, warmup: Timespan? = nil) {
    self.decay = decay
    self.warmup = warmup
  }

  package static let schema = Schema(
    "exponential", ExponentialSchedule(decay: 1), main: "decay",
    [
      Property(
        "decay", \.decay, .number(in: .above(0, to: 1)), isRequired: true,
        help: "What an epoch multiplies the rate by; it falls with every step."),
      .warmup,
    ],
    help: "The rate falls by the same share in every step.")

  package func learningRate(from rate: Double, at place: SchedulePlace) -> Double {
    rate * .exp(.log(decay) * (Double(place.steps) / Double(place.stepsPerEpoch)))
  }
}

/// Lowers the rate along half a cosine.
package struct CosineSchedule: FallingSchedule {
  package var to: Double
  package var warmup: Timespan?
  package var over: Timespan?

  package init(to: Double = 0, warmup: Timespan? = nil, over: Timespan? = nil) {
    self.to = to
    self.warmup = warmup
    self.over = over
  }

  package static let schema = Schema(
    "cosine", CosineSchedule(), main: "to", fall, help: "The rate falls along half a cosine.")

  package func learningRate(from rate: Double, at place: SchedulePlace) -> Double {
    to + (rate - to) * ((1 + .cos(.pi * place.progress)) / 2)
  }
}

/// Lowers the rate along a straight line.
package struct LinearSchedule: FallingSchedule {
  package var to: Double
  package var warmup: Timespan?
  package var over: Timespan?

  package init(to: Double = 0, warmup: Timespan? = nil, over: Timespan? = nil) {
    self.to = to
    self.warmup = warmup
    self.over = over
  }

  package static let schema = Schema(
    "linear", LinearSchedule(), main: "to", fall, help: "The rate falls along a straight line.")

  package func learningRate(from rate: Double, at place: SchedulePlace) -> Double {
    to + (rate - to) * (1 - place.progress)
  }
}

/// A schedule that ends at a given rate.
protocol FallingSchedule: LearningRateSchedule {
  /// The rate at the end, and after it.
  var to: Double { get set }
  /// When the rate gets there, counted from the start of the run; nil stands for the run's end.
  var over: Timespan? { get set }
}

extension FallingSchedule {
  static var fall: [Property<Self>] {
    [
      Property(
        "to", \.to, .number(in: .from(0, to: 1000)),
        help: "The rate at the end of the fall, and after it."),
      .warmup,
      // A resumed run may write out what was the run's length: the steps are compared there.
      Property(
        "over", \.over, effect: .length,
        help: "When the fall ends, counted from the start of the run; left out, with the run. "
          + "A run that is resumed must keep it."),
    ]
  }

  package func end(runLength: Int, stepsPerEpoch: Int) -> Int? {
    over?.steps(perEpoch: stepsPerEpoch) ?? runLength
  }
}

extension Property where Root: LearningRateSchedule {
  fileprivate static var warmup: Property {
    Property(
      "warmup", \.warmup, help: "Time in which the rate first grows from nothing, evenly.")
  }
}

extension Timespan {
  /// The steps of a time that is given in epochs or steps.
  func steps(perEpoch: Int) -> Int { unit == .epochs ? count * perEpoch : count }
}
