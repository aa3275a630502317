internal import CElementwise

/// The recurrence of a selective state-space model: h = exp(delta A) h + (delta u) B, and y, the
/// sum of C h over the states.
///
/// States stay in registers for some steps and are saved between them. The gradients compute them
/// again from those that were saved, so that no state and no power is in memory for all steps.
@safe package struct SelectiveScan: Sendable {
  /// The steps from one saved state to the next.
  package static let interval = 16

  private let samples, steps, channels, states: Int

  package init(samples: Int, steps: Int, channels: Int, states: Int) {
    (self.samples, self.steps, self.channels) = (samples, steps, channels)
    self.states = states
  }

  /// u and delta `[samples, steps, channels]`, a `[states, channels]`, b and c
  /// `[samples, steps, states]`.
  @safe package struct Operands {
    let u, delta, a, b, c: UnsafePointer<Float>

    package init(
      u: UnsafePointer<Float>, delta: UnsafePointer<Float>, a: UnsafePointer<Float>,
      b: UnsafePointer<Float>, c: UnsafePointer<Float>
    ) {
      unsafe (self.u, self.delta, self.a) = (u, delta, a)
      unsafe (self.b, self.c) = (b, c)
    }
  }

  /// The gradients by the operands and by the first states; those that are nil are not computed.
  @safe package struct Gradients {
    let u, delta, a, b, c, first: UnsafeMutablePointer<Float>?

    package init(
      u: UnsafeMutablePointer<Float>?, delta: UnsafeMutablePointer<Float>?,
      a: UnsafeMutablePointer<Float>?, b: UnsafeMutablePointer<Float>?,
      c: UnsafeMutablePointer<Float>?, first: UnsafeMutablePointer<Float>?
    ) {
      unsafe (self.u, self.delta, self.a) = (u, delta, a)
      unsafe (self.b, self.c, self.first) = (b, c, first)
    }
  }

  /// The numbers of the states of a sample.
  private var stateCount: Int { states * channels }
  private var chunks: Int { (steps + Self.interval - 1) / Self.interval }

  /// Floats of scratch memory if states are not saved.
  package var scratchCount: Int { stateCount }

  /// Writes y, and the states before each interval and behind the last step; results that are nil
  /// are not written.
  package func run(
    _ y: UnsafeMutablePointer<Float>?, states saved: UnsafeMutablePointer<Float>?, _ x: Operands,
    first: UnsafePointer<Float>, scratch: UnsafeMutablePointer<Float>?
  ) {
    guard let memory = unsafe saved ?? scratch else { return }
    let step = unsafe saved == nil ? 0 : stateCount
    for sample in 0..<samples {
      var before = unsafe memory + sample * (chunks + 1) * step
      unsafe before.update(from: first + sample * stateCount, count: stateCount)
      for chunk in 0..<chunks {
        var part = unsafe part(x, sample, chunk, from: before)
        let place = place(sample, chunk) * channels
        unsafe selective_scan(&part, y.map { unsafe $0 + place }, before + step)
        unsafe before += step
      }
    }
  }

  /// Floats of scratch memory for the gradients.
  package var gradientScratchCount: Int { stateCount + sumCount }
  private var sumCount: Int { 2 * 16 * Self.interval * states }

  /// Writes the gradients from that of y and the saved states.
  ///
  /// The gradient by A is the sum over samples, the first one first, of sums over intervals, the
  /// last one first.
  package func gradients(
    _ y: Gradients, _ x: Operands, states saved: UnsafePointer<Float>, _ g: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>
  ) {
    unsafe y.a?.update(repeating: 0, count: stateCount)
    for sample in 0..<samples {
      let carried = unsafe y.first.map { unsafe $0 + sample * stateCount } ?? scratch + sumCount
      unsafe carried.update(repeating: 0, count: stateCount)
      for chunk in (0..<chunks).reversed() {
        let before = unsafe saved + (sample * (chunks + 1) + chunk) * stateCount
        var part = unsafe part(x, sample, chunk, from: before)
        let (row, place) = (place(sample, chunk) * states, place(sample, chunk) * channels)
        var gradients = unsafe selective_scan_gradients(
          g: g + place, u: y.u.map { unsafe $0 + place }, delta: y.delta.map { unsafe $0 + place },
          b: y.b.map { unsafe $0 + row }, c: y.c.map { unsafe $0 + row }, a: y.a,
          carried: carried, sums: scratch)
        unsafe selective_scan_back(&part, &gradients)
      }
    }
  }

  /// The number of steps before an interval of a sample.
  private func place(_ sample: Int, _ chunk: Int) -> Int {
    sample * steps + chunk * Self.interval
  }

  private func part(
    _ x: Operands, _ sample: Int, _ chunk: Int, from before: UnsafePointer<Float>
  ) -> selective_scan_steps {
    let (row, place) = (place(sample, chunk) * states, place(sample, chunk) * channels)
    return unsafe selective_scan_steps(
      u: x.u + place, delta: x.delta + place, a: x.a, b: x.b + row, c: x.c + row, before: before,
      steps: min(Self.interval, steps - chunk * Self.interval), states: states, channels: channels)
  }
}
