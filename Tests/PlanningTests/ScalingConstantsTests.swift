import Diagnostics
import TestSupport
import Testing

import Planning

@Suite struct ScalingConstantsTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// What is drawn from published intervals has these intervals, and the published error of the
  /// exponent, which it was not drawn from.
  @Test func drawsHaveThePublishedIntervals() throws {
    let epoch = ScalingConstants.published[0]
    let published: [(KeyPath<ScalingLaw, Double>, Interval)] = [
      (\.e, Interval(1.769, 1.871)), (\.a, Interval(285, 744)), (\.b, Interval(1042, 5810)),
      (\.alpha, Interval(0.317, 0.373)), (\.beta, Interval(0.331, 0.415)),
    ]
    for (constant, interval) in published {
      let found = try #require(epoch.interval { $0[keyPath: constant] })
      let width = interval.upper - interval.lower
      #expect(abs(found.lower - interval.lower) < 0.12 * width, "\(found), \(interval)")
      #expect(abs(found.upper - interval.upper) < 0.12 * width, "\(found), \(interval)")
    }
    let exponents = epoch.replicates.map(\.parameterExponent)
    let mean = exponents.reduce(0, +) / 1000
    let error = exponents.reduce(0) { $0 + ($1 - mean) * ($1 - mean) / 999 }.squareRoot()
    #expect(abs(error - 0.02) < 0.003, "\(error)")
    // Hoffmann and others published no intervals of the constants.
    #expect(ScalingConstants.published[1].interval(\.e) == nil)
  }

  @Test func aFileHoldsWhatWasFitted() throws {
    let law = ScalingLaw(e: 0.9, a: 21.5, b: 310, alpha: 0.41, beta: 0.45)
    let written = ScalingConstants(
      name: "own", source: "a test", law: law,
      replicates: [law, ScalingLaw(e: 1e-13, a: 20, b: 3e5, alpha: 0.4, beta: 1.25)],
      tokens: "\"these\": {all}", compute: 1e9...2.5e12)
    try folder.write(written.fileText, to: "constants.json")
    let read = try ScalingConstants(named: folder.path(of: "constants.json"))
    #expect(read.law == law)
    #expect(read.replicates == written.replicates)
    #expect(read.tokens == written.tokens)
    #expect(read.compute == written.compute)
    #expect(read.fileText == written.fileText)
  }

  @Test func constantsByHand() throws {
    try folder.write("{E: 1.7, A: 400, B: 410.7, alpha: 0.34, beta: 0.28}", to: "hand.yaml")
    let read = try ScalingConstants(named: folder.path(of: "hand.yaml"))
    #expect(read.law.e == 1.7)
    #expect(read.interval(\.alpha) == nil)
    let plan = ComputePlan(compute: 1e40, constants: read)
    #expect(plan.notes.isEmpty, "no range of computes is known")
  }

  @Test(arguments: [
    ("{E: 1.7, A: 400, B: 410.7, alpha: 0.34}", "missing key 'beta'"),
    ("{E: 1.7, A: -400, B: 410.7, alpha: 0.34, beta: 0.3}", "A: expected a number above 0"),
    ("{E: 1.7, A: 400, B: 410.7, alpha: 0, beta: 0.3}", "alpha: expected a number above 0"),
    ("{E: 1.7, A: nan, B: 410.7, alpha: 1, beta: 0.3}", "A: expected a number"),
    ("{E: 1.7, A: 1, B: 4, alpha: 1, betta: 0.3}", "unknown key 'betta' (did you mean 'beta'?)"),
    (
      "{E: 1, A: 1, B: 4, alpha: 1, beta: 0.3, replicates: [[1, 2, 3, 4, -5]]}",
      "expected numbers above 0"
    ),
    ("{E: 1, A: 1, B: 4, alpha: 1, beta: 1, replicates: [[1, 2]]}", "expected 5 elements, found 2"),
    ("{E: 1, A: 1, B: 4, alpha: 1, beta: 1, compute: [3, 2]}", "the least before the greatest"),
    ("", "the file is empty"), ("[1, 2]", "expected settings"),
  ])
  func filesThatAreNone(text: String, message: String) throws {
    try folder.write(text, to: "bad.json")
    let failure = #expect(throws: Failure.self) {
      try ScalingConstants(named: folder.path(of: "bad.json"))
    }
    #expect(failure?.code == .badConfiguration)
    #expect(failure?.message.contains(message) == true, "\(failure?.message ?? "")")
  }

  @Test func unknownNames() {
    let failure = #expect(throws: Failure.self) { try ScalingConstants(named: "hofmann") }
    #expect(failure?.code == .usage)
    #expect(failure?.message.contains("did you mean 'hoffmann'?") == true)
  }

  @Test func aComputeOutsideTheRunsIsNoted() throws {
    let epoch = ScalingConstants.published[0]
    #expect(try ComputePlan(flops: 1e19, constants: epoch).notes.isEmpty)
    #expect(try ComputePlan(flops: 1e15, constants: epoch).notes.count == 1)
    #expect(throws: Failure.self) { try ComputePlan(flops: 1, constants: epoch) }
  }
}
