import Diagnostics
import Elementary
import Foundation
import TestSupport
import Testing

import Planning

@Suite struct ScalingFitTests {
  /// `Tests/References/make_scaling.py` draws runs and fits them with SciPy.
  private struct Reference: Decodable {
    struct Law: Decodable {
      let E: Double
      let A: Double
      let B: Double
      let alpha: Double
      let beta: Double

      var law: ScalingLaw { ScalingLaw(e: E, a: A, b: B, alpha: alpha, beta: beta) }
    }

    let law: Law
    let points: [[Double]]
    let fitted: Law?
    let objective: Double?

    var runs: [ScalingPoint] {
      points.map { ScalingPoint(parameters: $0[0], tokens: $0[1], loss: $0[2]) }
    }
  }

  private static func reference(_ name: String) throws -> Reference {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../References/scaling.json")
    let all = try JSONDecoder().decode([String: Reference].self, from: Data(contentsOf: file))
    return try #require(all[name])
  }

  private func expect(_ found: ScalingLaw, near law: ScalingLaw, _ tolerance: Double) {
    for (name, value) in ScalingLaw.constants {
      let ratio = found[keyPath: value] / law[keyPath: value]
      #expect(abs(ratio - 1) < tolerance, "\(name): \(found), \(law)")
    }
  }

  /// Without noise the fit finds the law that runs were drawn by.
  @Test(arguments: ["exact", "small"])
  func constantsAreRecovered(name: String) throws {
    let reference = try Self.reference(name)
    let fit = try ScalingFit(reference.runs)
    expect(fit.law, near: reference.law.law, 1e-4)
    #expect(fit.residuals.allSatisfy { abs($0) < 1e-6 })
    for replicate in fit.replicates { expect(replicate, near: reference.law.law, 1e-2) }
  }

  /// With noise it finds what SciPy finds, and intervals that hold the law.
  @Test func noisyConstantsAreThoseOfSciPy() throws {
    let reference = try Self.reference("noisy")
    let fitted = try #require(reference.fitted).law
    let fit = try ScalingFit(reference.runs)
    expect(fit.law, near: fitted, 1e-4)
    let constants = ScalingConstants(fit, source: "a test", tokens: "runs")
    for (name, value) in ScalingLaw.constants {
      let interval = try #require(constants.interval { $0[keyPath: value] })
      #expect(interval.contains(reference.law.law[keyPath: value]), "\(name): \(interval)")
      #expect(interval.contains(fit.law[keyPath: value]), "\(name): \(interval)")
    }
    // A loss is predicted better than its noise, also beyond all runs.
    let real = reference.law.law.loss(parameters: 7e10, tokens: 1.4e12)
    #expect(abs(fit.law.loss(parameters: 7e10, tokens: 1.4e12) / real - 1) < 0.01)
  }

  /// The objective at SciPy's minimum, and that the fit is not above it.
  @Test func theObjectiveIsThatOfSciPy() throws {
    let reference = try Self.reference("noisy")
    let (fitted, least) = (
      try #require(reference.fitted), try #require(reference.objective)
    )
    let objective = ScalingObjective(reference.runs)
    func value(_ law: ScalingLaw) -> Double {
      objective(
        objective.variables(
          a: .log(law.a), b: .log(law.b), e: .log(law.e), alpha: law.alpha, beta: law.beta)
      ).value
    }
    #expect(abs(value(fitted.law) / least - 1) < 1e-9)
    #expect(value(try ScalingFit(reference.runs).law) <= least * (1 + 1e-9))
    // By its definition, term by term.
    let direct = reference.runs.reduce(0.0) { sum, run in
      let r = abs(
        Double.log(run.loss)
          - .log(fitted.law.loss(parameters: run.parameters, tokens: run.tokens)))
      return sum + (r <= 1e-3 ? r * r / 2 : 1e-3 * (r - 5e-4))
    }
    #expect(abs(value(fitted.law) / direct - 1) < 1e-9)
  }

  @Test func theGradientIsThatOfDifferences() throws {
    var objective = ScalingObjective(try Self.reference("noisy").runs)
    var numbers = XorShift(seed: 9)
    objective.weights = objective.weights.map { _ in .random(in: 0...3, using: &numbers) }
    let centre = objective.variables(a: 6.1, b: 7.7, e: 0.6, alpha: 0.345, beta: 0.37)
    for scale in [1e-4, 1e-2, 1] {
      for _ in 0..<20 {
        var x = centre
        for i in 0..<5 { x[i] += scale * .random(in: -1...1, using: &numbers) }
        let gradient = objective(x).gradient
        let size = (0..<5).map { abs(gradient[$0]) }.max() ?? 0
        for i in 0..<8 {
          var (below, above) = (x, x)
          below[i] -= 1e-6
          above[i] += 1e-6
          let slope = (objective(above).value - objective(below).value) / 2e-6
          #expect(abs(slope - gradient[i]) < 1e-4 * size + 1e-9)
        }
      }
    }
  }

  /// Noise, drawn anew: the intervals hold the exponent of the law in most cases.
  @Test func intervalsHoldTheLaw() {
    let law = ScalingLaw(e: 1.2, a: 30, b: 300, alpha: 0.4, beta: 0.42)
    var held = 0
    for seed in 1...8 {
      var numbers = XorShift(seed: UInt64(seed))
      let runs = (0..<15).map { _ in
        let parameters = Double.exp(.random(in: 8...13, using: &numbers))
        let tokens = parameters * .exp(.random(in: 1...6, using: &numbers))
        let noise = (0..<12).reduce(-6.0) { sum, _ in
          sum + .random(in: 0...1, using: &numbers)
        }
        return ScalingPoint(
          parameters: parameters, tokens: tokens,
          loss: law.loss(parameters: parameters, tokens: tokens) * .exp(0.003 * noise))
      }
      guard let fit = try? ScalingFit(runs) else { continue }
      let constants = ScalingConstants(fit, source: "a test", tokens: "runs")
      if constants.interval(\.parameterExponent)?.contains(law.parameterExponent) == true {
        held += 1
      }
    }
    #expect(held >= 6, "\(held) of 8")
  }

  /// Few noisy runs: whatever the samples give, what is kept is a law and can be written and read.
  @Test func replicatesAreLaws() throws {
    let folder = try TemporaryFolder()
    for seed in 1...4 {
      var numbers = XorShift(seed: UInt64(seed))
      let runs: [ScalingPoint] = (0..<6).map { place in
        let (size, length) = (Double(place % 3), Double(place / 2))
        let noise = Double.random(in: -0.1...0.1, using: &numbers)
        return ScalingPoint(
          parameters: .exp(8 + size), tokens: .exp(11 + length),
          loss: 3 - 0.1 * (size + length) + noise)
      }
      guard let fit = try? ScalingFit(runs) else { continue }
      #expect(fit.replicates.allSatisfy { $0.isValid })
      let constants = ScalingConstants(fit, source: "a test", tokens: "runs")
      try folder.write(constants.fileText, to: "own.json")
      let read = try ScalingConstants(named: folder.path(of: "own.json"))
      #expect(read.law == fit.law && read.replicates == fit.replicates)
      let plan = ComputePlan(compute: 1e12, constants: read)
      #expect(plan.parameterInterval.map { $0.lower <= $0.upper } ?? true)
    }
  }

  @Test func equalRunsGiveEqualBits() throws {
    let runs = try Self.reference("small").runs
    let (first, second) = (try ScalingFit(runs), try ScalingFit(runs))
    #expect(first.law == second.law)
    #expect(first.replicates == second.replicates)
    #expect(ScalingPlot(first).svg == ScalingPlot(second).svg)
  }

  @Test func twentyRunsAreFittedInTime() throws {
    let runs = Array(try Self.reference("noisy").runs.prefix(20))
    let start = ContinuousClock.now
    _ = try ScalingFit(runs)
    #expect(ContinuousClock.now - start < .seconds(10))
  }

  @Test func runsThatDoNotDetermineTheLaw() throws {
    let runs = try Self.reference("exact").runs
    func failure(_ runs: [ScalingPoint]) -> Failure? {
      #expect(throws: Failure.self) { try ScalingFit(runs) }
    }
    let few = failure(Array(runs.prefix(4)))
    #expect(few?.code == .usage && few?.message.contains("found 4") == true)
    let one = failure(
      runs.map { ScalingPoint(parameters: 1e6, tokens: $0.tokens, loss: $0.loss) })
    #expect(one?.message.contains("one number of parameters") == true)
    let two = failure(
      runs.enumerated().map {
        ScalingPoint(
          parameters: $1.parameters, tokens: $0 % 2 == 0 ? 1e6 : 1e7, loss: $1.loss)
      })
    #expect(two?.message.contains("2 numbers of tokens") == true)
    let rising = failure(
      runs.map {
        ScalingPoint(
          parameters: $0.parameters, tokens: $0.tokens, loss: .exp(0.1 * .log($0.parameters)))
      })
    #expect(rising?.code == .badData, "\(rising?.message ?? "a fit")")
  }

  /// The picture is XML, with a point for each run in both parts and at most five curves.
  @Test func thePicture() throws {
    let runs = try Self.reference("small").runs
    let svg = ScalingPlot(try ScalingFit(runs)).svg
    let parser = XMLCounter()
    #expect(parser.parse(svg))
    #expect(parser.counts["path"] == 6)
    #expect((2 * runs.count...2 * runs.count + 5).contains(parser.counts["circle"] ?? 0))
    #expect(!svg.contains("nan") && !svg.contains("inf"))
  }

  /// Runs of equal compute share a curve.
  @Test func curvesOfThePicture() throws {
    let law = ScalingLaw(e: 1, a: 4, b: 2600, alpha: 0.23, beta: 0.75)
    let runs = [1e10, 4e10, 1.6e11].flatMap { compute in
      [1e3, 4e3, 1.6e4].map { parameters in
        let tokens = compute / (6 * parameters)
        return ScalingPoint(
          parameters: parameters, tokens: tokens,
          loss: law.loss(parameters: parameters, tokens: tokens))
      }
    }
    let parser = XMLCounter()
    #expect(parser.parse(ScalingPlot(try ScalingFit(runs)).svg))
    #expect(parser.counts["path"] == 4)
  }
}

/// Counts the elements of a text that is XML.
private final class XMLCounter {
  private(set) var counts: [String: Int] = [:]

  /// Whether elements are closed in the order in which they were opened.
  func parse(_ text: String) -> Bool {
    var open: [Substring] = []
    var rest = text[...]
    while let start = rest.firstIndex(of: "<"), let end = rest[start...].firstIndex(of: ">") {
      let tag = rest[rest.index(after: start)..<end]
      let name = tag.drop { $0 == "/" }.prefix { $0.isLetter }
      if tag.hasPrefix("/") {
        guard open.popLast() == name else { return false }
      } else {
        counts[String(name), default: 0] += 1
        if !tag.hasSuffix("/") { open.append(name) }
      }
      rest = rest[rest.index(after: end)...]
    }
    return open.isEmpty
  }
}
