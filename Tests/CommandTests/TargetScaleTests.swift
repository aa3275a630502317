import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// Real targets that a loss standardises while every figure stays in their own unit.
  @Suite struct TargetScales {
    private let workspace: Workspace
    /// The prices of `houses.csv`, about 200,000, and areas of another size.
    private let prices: [Double]
    private let areas: [Double]

    private static let configuration = """
      name: houses
      data: {dataset: {csv: {training: houses.csv, targets: [price, area]}}, batch: 20}
      model: [{dense: 8}, tanh, {dense: 2}]
      loss: mse
      optimizer: {adam: 0.03}
      train: {epochs: 40, metrics: [mae, rmse, r2]}
      """

    init() throws {
      workspace = try Workspace()
      var random = XorShift(seed: 3)
      let rows = (0..<100).map { _ in (random.number(in: -1...1), random.number(in: -1...1)) }
      prices = rows.map { 200_000 + 50_000 * ($0 + $1 * $1) }
      areas = rows.map { 0.02 * $1 + 0.001 * $0 }
      try write(prices, areas, to: "houses.csv", rows)
      func standard(_ numbers: [Double]) -> [Double] {
        let mean = numbers.reduce(0, +) / 100
        let variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 100
        return numbers.map { ($0 - mean) / variance.squareRoot() }
      }
      try write(standard(prices), standard(areas), to: "standard.csv", rows)
      try workspace.folder.write(Self.configuration, to: "houses.yaml")
    }

    private func write(
      _ prices: [Double], _ areas: [Double], to file: String, _ rows: [(Double, Double)]
    ) throws {
      let lines = rows.indices.map {
        "\(rows[$0].0),\(rows[$0].1),\(prices[$0]),\(areas[$0])"
      }
      try workspace.folder.write("a,b,price,area\n" + lines.joined(separator: "\n"), to: file)
    }

    private func train(_ name: String, _ changes: [String] = []) throws {
      let ending = try workspace.start(
        ["train", "houses.yaml", "--run", name] + Workspace.settings(changes)
      ).wait()
      #expect(ending.status == 0, "\(ending.errors)")
    }

    private func values(_ model: String, _ file: String) throws -> [[Double]] {
      let ending = try workspace.run("predict", model, "--input", file, "--json")
      #expect(ending.status == 0, "\(ending.errors)")
      let all = try #require(
        try CommandTests.object(ending.output)["predictions"] as? [[String: Any]])
      return all.compactMap { $0["values"] as? [Double] }
    }

    private func scores(_ words: String...) throws -> [String: Any] {
      let ending = try workspace.start(["evaluate"] + words + ["--json"]).wait()
      #expect(ending.status == 0, "\(ending.errors)")
      return try CommandTests.object(ending.output)
    }

    private func deviation(_ numbers: [Double]) -> Double {
      let mean = numbers.reduce(0, +) / Double(numbers.count)
      return (numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count))
        .squareRoot()
    }

    /// A network learns the same of targets that a person has standardised.
    @Test func asIfStandardisedByHand() throws {
      try train("own")
      try train(
        "hand",
        ["data.dataset.csv.training=standard.csv", "data.standardise_targets=false"])
      let (own, hand) = (
        try values("own", "houses.csv"), try values("hand", "standard.csv")
      )
      #expect(own.count == 100)
      let means = [prices, areas].map { $0.reduce(0, +) / 100 }
      let deviations = [prices, areas].map(deviation)
      for (mine, other) in zip(own, hand) {
        for place in 0..<2 {
          let standard = (mine[place] - means[place]) / deviations[place]
          #expect(abs(standard - other[place]) < 1e-3)
        }
      }
      let (first, second) = (try scores("own"), try scores("hand"))
      let losses = [first, second].compactMap { $0["loss"] as? Double }
      #expect(abs(losses[0] - losses[1]) < 1e-4)
      #expect((first["r2"] as? Double ?? 0) > 0.9)
      #expect(
        abs((first["r2"] as? Double ?? 0) - (second["r2"] as? Double ?? 1)) < 1e-4)
      let error = zip(own, zip(prices, areas)).reduce(0) {
        $0 + abs($1.0[0] - $1.1.0) + abs($1.0[1] - $1.1.1)
      }
      #expect(abs((first["mae"] as? Double ?? 0) / (error / 200) - 1) < 1e-5)
    }

    /// Other programs know of no scales, so an exported network answers in the unit of the targets.
    @Test func exportedNetworksAnswerInTheUnit() throws {
      try train("own")
      let ending = try workspace.run("export", "own", "--to", "smodel")
      #expect(ending.status == 0, "\(ending.errors)")
      let text = try workspace.folder.text(of: "own/model.smodel")
      #expect(!text.contains("target_scales"))
      for (own, exported) in zip(
        try values("own", "houses.csv"), try values("own/model.smodel", "houses.csv"))
      {
        for (place, size) in [(0, 50_000.0), (1, 0.02)] {
          #expect(abs(own[place] - exported[place]) < 1e-4 * size)
        }
      }
    }

    /// Targets of distributions and of several labels mean what they are.
    @Test func lossesOfCertainNumbersTakeTargetsAsTheyAre() throws {
      let rows = (0..<40).map { "\($0 % 7),\($0 % 2),\($0 % 3 == 0 ? 1 : 0)" }
      try workspace.folder.write("a,p,q\n" + rows.joined(separator: "\n"), to: "houses.csv")
      try train(
        "labels",
        ["data.dataset.csv.targets=[p, q]", "loss=binary_cross_entropy", "train.metrics=[f1]"])
      let answers = try values("labels", "houses.csv")
      #expect(answers.allSatisfy { $0.allSatisfy { 0...1 ~= $0 } })
    }

    @Test func othersHaveNone() throws {
      for (name, changes) in [
        ("mazur.yaml", ["data.standardise_targets=true"]),
        ("mlp.yaml", ["data.standardise_targets=false"]),
      ] {
        let ending = try workspace.start(["train", name] + Workspace.settings(changes)).wait()
        #expect(ending.status == 64, "\(ending.errors)")
        #expect(ending.errors.contains("standardise_targets"))
      }
    }
  }
}
