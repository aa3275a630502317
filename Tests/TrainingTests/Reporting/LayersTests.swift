import Diagnostics
import Graphs
import Networks
import RunFiles
import TestSupport
import Testing
import Training

/// The lines of `layers.jsonl`, and what a run shows of its layers.
@Suite struct LayersTests {
  /// Plain descent by a rate of 1 subtracts the gradient, so the weights before and after the last
  /// step tell it.
  @Test(arguments: [1, 2, 3])
  func normsAreThoseOfWeightsAndOfTheLastGradient(workers: Int) throws {
    let sample = Sample(
      model: "[flatten, {dense: 300}, relu, {dense: {units: 10, freeze: all}}]",
      optimizer: "{sgd: 1}",
      train: "{epochs: 2}")
    let directory = try TemporaryDirectory()
    let run = try ReportedRun(sample.experiment(), in: directory, workers: workers)
    let perEpoch = run.experiment.batches.stepsPerEpoch
    #expect(run.record.layers.map(\.step) == [perEpoch, 2 * perEpoch])
    #expect(run.record.layers.map(\.epoch) == [1, 2])
    let (before, after) = try withTrainer(run.experiment) { trainer in
      try trainer.train(to: 2 * perEpoch - 1)
      let before = trainer.state.tensors
      try trainer.train(to: 2 * perEpoch)
      return (before, trainer.state.tensors)
    }
    let line = try #require(run.record.layers.last)
    #expect(line.tensors.count == after.count)
    for tensor in line.tensors {
      let (old, new) = (try #require(before[tensor.name]), try #require(after[tensor.name]))
      #expect(isNear(tensor.weights, norm(new.elements)))
      guard let gradient = tensor.gradient else {
        #expect(old.elements == new.elements && tensor.name.hasPrefix("dense2/"))
        continue
      }
      let change = zip(old.elements, new.elements).map { $0 - $1 }
      #expect(isNear(gradient, norm(change), tolerance: 1e-4), "\(tensor.name)")
    }
  }

  private func norm(_ numbers: [Double]) -> Double {
    numbers.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  private func isNear(_ a: Double, _ b: Double, tolerance: Double = 1e-9) -> Bool {
    abs(a - b) <= tolerance * max(abs(a), abs(b), 1e-6)
  }

  /// Units whose bias is far below 0 never fire.
  @Test func unitsThatAreAlwaysZeroAreDead() throws {
    let bias = (0..<24).map { $0 % 3 == 0 ? "-1000" : "0.5" }.joined(separator: ", ")
    let sample = Sample(
      model: "[flatten, {dense: {units: 24, bias: [\(bias)]}}, relu, {dense: 10}]",
      train: "{epochs: 1}")
    let run = try ReportedRun(sample.experiment(), in: TemporaryDirectory())
    let dead = try #require(run.record.layers.last).dead
    #expect(dead.map(\.layer) == ["relu1"])
    #expect((dead.first?.share ?? 0) >= 1 / 3)
    #expect((dead.first?.share ?? 1) < 2 / 3)
  }

  /// A layer inside another one is looked at, too; a channel is a unit.
  @Test func channelsOfInnerLayersAreUnits() throws {
    let sample = Sample(
      model: """
        [{conv: {filters: 4, bias: [-1000, 0, 0, -1000]}}, relu, \
        {residual: [{conv: 4}, relu]}, flatten, {dense: 10}]
        """, train: "{epochs: 1}")
    let run = try ReportedRun(sample.experiment(), in: TemporaryDirectory())
    let dead = try #require(run.record.layers.last).dead
    #expect(dead.map(\.layer).sorted() == ["relu1", "residual1/relu1"])
    #expect(dead.first { $0.layer == "relu1" }?.share == 0.5)
  }

  /// Without weights all keys fit alike, and a causal mask leaves the steps up to its own.
  @Test func attentionLooksAtTheStepsThatItReads() throws {
    let sample = Sample(
      model: """
        [{reshape: [28, 28]}, {attention: {heads: 4}}, \
        {attention: {heads: 2, causal: true, init: zeros, freeze: all}}, flatten, {dense: 10}]
        """, train: "{epochs: 1}")
    let run = try ReportedRun(sample.experiment(), in: TemporaryDirectory())
    let maps = run.record.findings.activations
    #expect(
      maps.map(\.name)
        == (1...4).map { "attention1, head \($0)" } + (1...2).map { "attention2, head \($0)" })
    #expect(maps.allSatisfy { $0.isAttention && $0.rows.count == 28 && $0.columns.count == 28 })
    for row in 0..<28 {
      for map in maps {
        let weights = map.values[28 * row..<28 * row + 28]
        // `report.json` has thousandths.
        #expect(abs(weights.reduce(0, +) - 1) < 0.02)
      }
      for column in 0..<28 {
        let expected = column <= row ? 1 / Float(row + 1) : 0
        #expect(abs(maps[4].values[28 * row + column] - expected) < 0.001)
      }
    }
    #expect(maps[0].values != maps[1].values)
  }
}
