import CElementwise
import Foundation
import Kernels
import TestSupport
import Testing

@Suite struct SelectiveScanTests {
  struct Extents {
    var samples, steps, channels, states: Int

    var kernel: SelectiveScan {
      SelectiveScan(samples: samples, steps: steps, channels: channels, states: states)
    }
    var saved: Int { (steps + SelectiveScan.interval - 1) / SelectiveScan.interval + 1 }
    var count: Int { samples * steps * channels }
    var rowCount: Int { samples * steps * states }
    var stateCount: Int { samples * states * channels }
  }

  /// The operands and the gradient of y.
  struct Numbers {
    var extents: Extents
    var u, delta, a, b, c, first, g: [Float]

    init(_ extents: Extents, seed: Int) {
      var generator = XorShift(seed: UInt64(2000 + seed))
      self.extents = extents
      u = generator.floats(extents.count)
      delta = generator.floats(extents.count, in: 0...1)
      a = generator.floats(extents.states * extents.channels, in: -4...0.1)
      b = generator.floats(extents.rowCount)
      c = generator.floats(extents.rowCount)
      first = generator.floats(extents.stateCount)
      g = generator.floats(extents.count)
    }

    /// The numbers of some steps.
    func steps(_ range: Range<Int>, first: [Float]) -> Self {
      func part(_ x: [Float], _ width: Int) -> [Float] {
        (0..<extents.samples).flatMap { sample in
          let start = (sample * extents.steps + range.lowerBound) * width
          return x[start..<start + range.count * width]
        }
      }
      var result = self
      result.extents.steps = range.count
      (result.u, result.delta) = (part(u, extents.channels), part(delta, extents.channels))
      (result.b, result.c) = (part(b, extents.states), part(c, extents.states))
      (result.g, result.first) = (part(g, extents.channels), first)
      return result
    }
  }

  /// The results, then the gradients by u, delta, A, B, C and the first states.
  private struct Results<Number> {
    var y, states: [Number]
    var gradients: [[Number]]
  }

  private static func operands(_ x: Numbers, shift: Int = 0) -> SelectiveScan.Operands {
    unsafe SelectiveScan.Operands(
      u: Buffer(x.u, shift: shift).start, delta: Buffer(x.delta).start, a: Buffer(x.a).start,
      b: Buffer(x.b, shift: shift).start, c: Buffer(x.c).start)
  }

  private static func run(_ x: Numbers) -> Results<Float> {
    let (extents, kernel) = (x.extents, x.extents.kernel)
    let operands = operands(x, shift: 3)
    let (y, states) = (
      Buffer<Float>(count: extents.count),
      Buffer<Float>(count: extents.saved * extents.stateCount)
    )
    unsafe kernel.run(
      y.start, states: states.start, operands, first: Buffer(x.first).start, scratch: nil)
    let results = [x.u, x.delta, x.a, x.b, x.c, x.first].map { Buffer<Float>(count: $0.count) }
    let scratch = Buffer<Float>(count: kernel.gradientScratchCount)
    unsafe kernel.gradients(
      SelectiveScan.Gradients(
        u: results[0].start, delta: results[1].start, a: results[2].start, b: results[3].start,
        c: results[4].start, first: results[5].start),
      operands, states: states.start, Buffer(x.g).start, scratch: scratch.start)
    let areGuarded = ([y, states, scratch] + results).allSatisfy { $0.isGuarded }
    #expect(areGuarded, "\(extents)")
    return Results(
      y: y.elements, states: states.elements, gradients: results.map(\.elements))
  }

  /// One state of one channel of one sample after the other.
  private static func exact(_ x: Numbers) -> Results<Double> {
    let extents = x.extents
    let (steps, channels, states) = (extents.steps, extents.channels, extents.states)
    func zeros(_ count: Int) -> [Double] { [Double](repeating: 0, count: count) }
    var results = Results(
      y: zeros(extents.count), states: zeros(extents.saved * extents.stateCount),
      gradients: [x.u, x.delta, x.a, x.b, x.c, x.first].map { zeros($0.count) })
    for (sample, channel, state) in extents.places {
      let (own, rate) = (
        (sample * states + state) * channels + channel, state * channels + channel
      )
      func step(_ t: Int) -> Int { (sample * steps + t) * channels + channel }
      func row(_ t: Int) -> Int { (sample * steps + t) * states + state }
      func decay(_ t: Int) -> Double { exp(Double(x.delta[step(t)]) * Double(x.a[rate])) }
      func input(_ t: Int) -> Double { Double(x.delta[step(t)]) * Double(x.u[step(t)]) }
      var h = [Double(x.first[own])]
      for t in 0..<steps {
        h.append(decay(t) * h[t] + input(t) * Double(x.b[row(t)]))
        results.y[step(t)] += Double(x.c[row(t)]) * h[t + 1]
      }
      let saved = Array(stride(from: 0, to: steps, by: SelectiveScan.interval)) + [steps]
      for (slot, t) in saved.enumerated() {
        results.states[((sample * saved.count + slot) * states + state) * channels + channel] = h[t]
      }
      var slope = 0.0
      for t in (0..<steps).reversed() {
        let (g, delta, u) = (Double(x.g[step(t)]), Double(x.delta[step(t)]), Double(x.u[step(t)]))
        slope += g * Double(x.c[row(t)])
        let byExponent = slope * decay(t) * h[t]
        results.gradients[0][step(t)] += slope * delta * Double(x.b[row(t)])
        results.gradients[1][step(t)] +=
          slope * u * Double(x.b[row(t)]) + byExponent * Double(x.a[rate])
        results.gradients[2][rate] += byExponent * delta
        results.gradients[3][row(t)] += slope * input(t)
        results.gradients[4][row(t)] += g * h[t + 1]
        slope *= decay(t)
      }
      results.gradients[5][own] = slope
    }
    return results
  }

  /// Sums of terms of opposite signs lose digits, so errors are relative to the largest number.
  private static func expectClose(
    _ found: [Float], _ expected: [Double], _ name: String, _ extents: Extents
  ) {
    let size = expected.reduce(1) { max($0, abs($1)) }
    let wrong = zip(found, expected).first {
      !isClose(Double($0), $1, relative: 1e-5, absolute: 2e-6 * size)
    }
    #expect(wrong == nil && found.count == expected.count, "\(name) of \(extents): \(wrong as Any)")
  }

  @Test(arguments: [1, 15, 16, 17, 37], [1, 2, 4, 5, 16, 17])
  func agreesWithTheDefinition(steps: Int, states: Int) {
    for channels in [1, 5, 16, 19, 33] {
      let extents = Extents(
        samples: channels % 2 + 1, steps: steps, channels: channels, states: states)
      let x = Numbers(extents, seed: steps * 1000 + states * 100 + channels)
      let (found, expected) = (Self.run(x), Self.exact(x))
      Self.expectClose(found.y, expected.y, "y", extents)
      Self.expectClose(found.states, expected.states, "states", extents)
      for (place, name) in ["u", "delta", "A", "B", "C", "first"].enumerated() {
        Self.expectClose(
          found.gradients[place], expected.gradients[place], "the gradient by \(name)", extents)
      }
    }
  }

  /// Step by step, each from the states behind the one before, the bits are those of the sequence;
  /// so later steps change no bit of earlier ones.
  @Test(arguments: [1, 16, 19], [3, 16]) func oneStepHasTheBitsOfTheWhole(
    channels: Int, states: Int
  ) {
    let extents = Extents(samples: 1, steps: 37, channels: channels, states: states)
    let x = Numbers(extents, seed: channels)
    let whole = Self.run(x)
    var (y, last) = ([] as [Float], x.first)
    for t in 0..<extents.steps {
      let one = Self.run(x.steps(t..<t + 1, first: last))
      y += one.y
      last = Array(one.states.suffix(last.count))
      if (t + 1) % SelectiveScan.interval == 0 {
        let start = (t + 1) / SelectiveScan.interval * last.count
        #expect(last == Array(whole.states[start..<start + last.count]))
      }
    }
    #expect(y == whole.y && last == Array(whole.states.suffix(last.count)))
  }

  /// Results that nobody reads change no bit of the others.
  @Test func eachResultAlone() {
    let extents = Extents(samples: 2, steps: 35, channels: 21, states: 6)
    let (x, kernel) = (Numbers(extents, seed: 1), extents.kernel)
    let all = Self.run(x)
    let y = Buffer<Float>(count: extents.count)
    let scratch = Buffer<Float>(count: kernel.scratchCount)
    let first = Buffer(x.first)
    unsafe kernel.run(
      y.start, states: nil, Self.operands(x), first: first.start, scratch: scratch.start)
    #expect(y.elements == all.y && y.isGuarded && scratch.isGuarded && first.elements == x.first)
    for place in 0..<6 {
      let result = Buffer<Float>(count: all.gradients[place].count)
      let scratch = Buffer<Float>(count: kernel.gradientScratchCount)
      func at(_ own: Int) -> UnsafeMutablePointer<Float>? {
        own == place ? unsafe result.start : nil
      }
      unsafe kernel.gradients(
        SelectiveScan.Gradients(
          u: at(0), delta: at(1), a: at(2), b: at(3), c: at(4), first: at(5)),
        Self.operands(x), states: Buffer(all.states).start, Buffer(x.g).start,
        scratch: scratch.start)
      #expect(result.elements == all.gradients[place], "\(place)")
      #expect(result.isGuarded && scratch.isGuarded)
    }
  }

  /// What is no number reaches what depends on it, and nothing else.
  @Test(arguments: [Float.nan, .infinity, -.infinity]) func notANumber(_ number: Float) {
    let extents = Extents(samples: 2, steps: 20, channels: 18, states: 5)
    var x = Numbers(extents, seed: 5)
    let before = Self.run(x)
    // Channel 17 of step 7 of sample 0.
    let place = 7 * extents.channels + 17
    x.u[place] = number
    let after = Self.run(x)
    for (i, (old, new)) in zip(before.y, after.y).enumerated() {
      let isReached =
        i % extents.channels == 17 && i >= place && i < extents.steps * extents.channels
      #expect(isReached ? !new.isFinite : new == old, "y \(i)")
    }
    // The gradients by C of the rows from there on, and of no channel but this one by u.
    for (i, (old, new)) in zip(before.gradients[4], after.gradients[4]).enumerated() {
      let isReached = i >= 7 * extents.states && i < extents.steps * extents.states
      #expect(isReached ? !new.isFinite : new == old, "C \(i)")
    }
    #expect(after.gradients[0] == before.gradients[0])
    // Rows of B have infinite numbers for channels that are there, and for no others.
    x = Numbers(extents, seed: 5)
    x.b[7 * extents.states + 2] = number
    let row = Self.run(x).gradients[4][7 * extents.states..<8 * extents.states]
    #expect(row.map(\.isFinite) == [true, true, false, true, true])
  }

  /// Decays over the whole range of floats, from which y is the decay itself.
  @Test func decays() {
    let special: [Float] = [
      0, -0.0, -1, 1, -1e-8, 1e-8, -0.001, -10, 10, -80, 80, -87, -88, -200, -1e30, 1e30, 88,
      .infinity, -.infinity, .nan, -.greatestFiniteMagnitude, .leastNormalMagnitude,
    ]
    var generator = XorShift(seed: 7)
    let rates = special + generator.floats(5000, in: -87...88)
    var x = Numbers(
      Extents(samples: 1, steps: 1, channels: rates.count, states: 1), seed: 1)
    x.a = rates
    for i in rates.indices { (x.u[i], x.delta[i], x.first[i]) = (0, 1, 1) }
    (x.b, x.c) = ([0], [1])
    for (rate, y) in zip(rates, Self.run(x).y) {
      // The exponent is rounded twice, and is at most 128.
      #expect(isNear(y, exp(Double(rate)), ulps: 2 + abs(Double(rate))), "exp(\(rate)) = \(y)")
    }
  }

  #if arch(x86_64)
    /// The kernels of 128 and of 256 bits, which this processor may not choose, have equal bits.
    @Test(arguments: [5, 33], [3, 16]) func widthsHaveEqualBits(channels: Int, states: Int) {
      let extents = Extents(samples: 1, steps: 11, channels: channels, states: states)
      let x = Numbers(extents, seed: channels + states)
      let chosen = Self.run(x)
      var part = unsafe selective_scan_steps(
        u: Buffer(x.u).start, delta: Buffer(x.delta).start, a: Buffer(x.a).start,
        b: Buffer(x.b).start, c: Buffer(x.c).start, before: Buffer(x.first).start,
        steps: extents.steps, states: states, channels: channels)
      for isNarrow in [false, true] {
        let (y, after) = (
          Buffer<Float>(count: extents.count), Buffer<Float>(count: extents.stateCount)
        )
        let results = [x.u, x.delta, x.a, x.b, x.c, x.first].map {
          Buffer([Float](repeating: 0, count: $0.count))
        }
        var gradients = unsafe selective_scan_gradients(
          g: Buffer(x.g).start, u: results[0].start, delta: results[1].start,
          b: results[3].start, c: results[4].start, a: results[2].start,
          carried: results[5].start,
          sums: Buffer<Float>(count: extents.kernel.gradientScratchCount).start)
        if isNarrow {
          unsafe ew_selective_scan_128(&part, y.start, after.start)
          unsafe ew_selective_scan_back_128(&part, &gradients)
        } else {
          unsafe ew_selective_scan_256(&part, y.start, after.start)
          unsafe ew_selective_scan_back_256(&part, &gradients)
        }
        #expect(y.elements == chosen.y)
        #expect(after.elements == Array(chosen.states.suffix(extents.stateCount)))
        #expect(results.map(\.elements) == chosen.gradients)
      }
    }
  #endif
}

extension SelectiveScanTests.Extents {
  var places: [(sample: Int, channel: Int, state: Int)] {
    (0..<samples).flatMap { sample in
      (0..<channels).flatMap { channel in (0..<states).map { (sample, channel, $0) } }
    }
  }
}
