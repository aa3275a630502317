import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// Series, from a CSV file to forecasts beyond its end.
  @Suite struct Forecast {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private static func load(_ hour: Int) -> Double {
      100 + 20 * sin(2 * .pi * Double(hour) / 12) + Double(hour * 37 % 11) / 11
    }

    private static func rows(_ hours: Range<Int>) -> String {
      "at,load\n"
        + hours.map { hour in
          let (day, clock) = (1 + hour / 24, hour % 24)
          func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
          return "2024-01-\(two(day)) \(two(clock)):00,\(load(hour))\n"
        }.joined()
    }

    private func train() throws {
      try workspace.folder.write(Self.rows(0..<240), to: "load.csv")
      try configure()
      let ending = try workspace.run("train", "load.yaml")
      #expect(ending.status == 0, "\(ending.errors)")
    }

    private func configure(_ csv: String = "") throws {
      try workspace.folder.write(
        """
        name: load
        data: {dataset: {csv: {training: load.csv, targets: [load], time: at, window: {length: 8, horizon: 2}\(csv)}}, validation: 0.25, batch: 16}
        model: [flatten, {dense: 2}]
        loss: mse
        optimizer: {adam: 0.01}
        train: {epochs: 40, metrics: [rmse]}
        """, to: "load.yaml")
    }

    private func object(_ words: String...) throws -> [String: Any] {
      let ending = try workspace.start(words + ["--json"]).wait()
      #expect(ending.status == 0, "\(ending.errors)")
      return try CommandTests.object(ending.output)
    }

    private func steps(_ forecast: [String: Any]) throws -> [[String: Any]] {
      let series = try #require(forecast["forecasts"] as? [[String: Any]])
      try #require(series.count == 1)
      return try #require(series[0]["steps"] as? [[String: Any]])
    }

    private func numbers(_ steps: [[String: Any]], _ key: String) -> [Double] {
      steps.compactMap { ($0[key] as? [Double])?.first }
    }

    /// Two steps at once, then from forecasts, in the unit of the data.
    @Test func forecastsGoOnAfterTheEnd() throws {
      try train()
      let forecast = try object("predict", "runs/load", "--horizon", "7")
      #expect(forecast["targets"] as? [String] == ["load"])
      #expect(forecast["coverage"] as? Double == 0.9)
      let steps = try steps(forecast)
      let values = numbers(steps, "values")
      #expect(steps.compactMap { $0["step"] as? Int } == Array(1...7))
      #expect(
        steps.compactMap { $0["time"] as? String }
          == (0..<7).map { "2024-01-11T0\($0):00:00Z" })
      for (step, value) in values.enumerated() {
        #expect(abs(value - Self.load(240 + step)) < 4, "\(values)")
      }
      for (value, (low, high)) in zip(values, zip(numbers(steps, "low"), numbers(steps, "high"))) {
        #expect(low < value + 1 && value - 1 < high && high - low < 12, "\(value) \(low) \(high)")
      }
      // The first steps are those of the network, whatever the horizon.
      try workspace.folder.write(Self.rows(200..<240), to: "end.csv")
      let two = try self.steps(
        object("predict", "runs/load", "--input", "end.csv", "--horizon", "2"))
      #expect(numbers(two, "values") == Array(values[..<2]))
      let lines = try workspace.run("predict", "runs/load", "--horizon", "1").output
        .split(separator: "\n").map { $0.split(separator: "\t") }
      #expect(lines.count == 1 && lines[0].count == 4, "\(lines)")
    }

    /// The ends of an interval are quantiles of the residuals of the validation windows.
    @Test func intervalsAreThoseOfTheResiduals() throws {
      try train()
      let steps = try steps(object("predict", "runs/load", "--horizon", "2"))
      try workspace.folder.write(Self.rows(180..<240), to: "validation.csv")
      let windows = try #require(
        object("predict", "runs/load", "--input", "validation.csv")["predictions"]
          as? [[String: Any]])
      let values = windows.compactMap { $0["values"] as? [Double] }
      #expect(values.count == 53)
      for ahead in 0..<2 {
        let residuals = values[..<51].enumerated().map { start, values in
          Self.load(188 + start + ahead) - values[ahead]
        }.sorted()
        // Places 2.5 and 47.5 of 51.
        let (low, high) = (
          (residuals[2] + residuals[3]) / 2, (residuals[47] + residuals[48]) / 2
        )
        let value = numbers(steps, "values")[ahead]
        #expect(abs(numbers(steps, "low")[ahead] - value - low) < 1e-3)
        #expect(abs(numbers(steps, "high")[ahead] - value - high) < 1e-3)
      }
    }

    @Test func evaluationComparesWithBaselines() throws {
      try train()
      let scores = try object("evaluate", "runs/load", "--split", "validation")
      let rows = try #require(scores["forecast"] as? [[String: Any]])
      #expect(rows.compactMap { $0["name"] as? String } == ["load +1", "load +2"])
      for row in rows {
        let (own, last, linear) = (
          try #require(row["rmse"] as? Double), try #require(row["last_value"] as? Double),
          try #require(row["autoregression"] as? Double)
        )
        #expect(linear < 1 && last > 5 && own < last, "\(row)")
      }
      // Of the last value: the differences of the data.
      let squares = (188..<239).map { pow(Self.load($0) - Self.load($0 - 1), 2) }
      let last = (squares.reduce(0, +) / Double(squares.count)).squareRoot()
      #expect(abs((rows[0]["last_value"] as? Double ?? 0) - last) < 1e-4)
      let text = try workspace.run("evaluate", "runs/load", "--split", "validation").output
      #expect(text.contains("autoregression") && text.contains("load +2"), "\(text)")
    }

    /// Another file has the table too, by the autoregression of the run's training set.
    @Test func otherFilesAreComparedWithBaselines() throws {
      try train()
      // The windows of validation alone.
      try workspace.folder.write(Self.rows(180..<240), to: "end.csv")
      let own = try object("evaluate", "runs/load", "--split", "validation")
      let other = try object("evaluate", "runs/load", "--input", "end.csv")
      #expect(other["samples"] as? Int == 51)
      let rows = try [own, other].map { try #require($0["forecast"] as? [[String: Any]]) }
      try #require(rows[0].count == 2 && rows[1].count == 2)
      for (a, b) in zip(rows[0], rows[1]) {
        for key in ["rmse", "last_value", "autoregression"] {
          let (a, b) = (try #require(a[key] as? Double), try #require(b[key] as? Double))
          #expect(abs(a - b) < 1e-9, "\(key)")
        }
      }
      // Without the data of the run there is nothing to fit.
      try FileManager.default.removeItem(atPath: workspace.folder.path(of: "load.csv"))
      let alone = try object("evaluate", "runs/load", "--input", "end.csv")
      #expect(alone["loss"] as? Double == other["loss"] as? Double && alone["forecast"] == nil)
    }

    /// On any number of ranks, also after a kill.
    @Test func theSameBitsOnAnyNumberOfRanks() throws {
      let csv = ", group: place, calendar: [day, week]"
      let settings = Workspace.settings([
        "train.epochs=30", "train.checkpoint.every=1 step", "train.checkpoint.keep=2",
      ])
      let lines = Self.rows(0..<120).split(separator: "\n")
      try workspace.folder.write(
        "\(lines[0]),place\n"
          + lines.dropFirst().flatMap { line in
            ["north", "south"].map { place in "\(line)\(place == "north" ? "" : "5"),\(place)\n" }
          }.joined(), to: "load.csv")
      try configure(csv)
      func train(_ run: String, _ words: [String], ranks: Int?) throws -> ChildProcess {
        try workspace.start(
          ["train", "load.yaml", "--run", run] + settings + words, ranks: ranks)
      }
      for (run, ranks) in [("one", nil), ("two", 2), ("four", 4)] {
        let ending = try train(run, [], ranks: ranks).wait()
        try #require(ending.status == 0, "\(ending.errors)")
        #expect(
          try workspace.newestCheckpoint(of: run) == workspace.newestCheckpoint(of: "one"))
      }
      let process = try train("killed", [], ranks: nil)
      workspace.waitForCheckpoint(of: "killed")
      process.send(SIGKILL)
      _ = process.wait()
      let ending = try train("killed", ["--resume"], ranks: 2).wait()
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(
        try workspace.newestCheckpoint(of: "killed") == workspace.newestCheckpoint(of: "one"))
    }

    @Test func withoutDataThereIsNoInterval() throws {
      try train()
      try FileManager.default.removeItem(atPath: workspace.folder.path(of: "load.csv"))
      try workspace.folder.write(Self.rows(200..<240), to: "end.csv")
      let ending = try workspace.run(
        "predict", "runs/load", "--input", "end.csv", "--horizon", "2")
      #expect(ending.status == 0 && ending.errors.contains("no interval"), "\(ending.errors)")
      #expect(
        ending.output.split(separator: "\n").allSatisfy { $0.split(separator: "\t").count == 2 })
      let none = try workspace.run("predict", "runs/load", "--horizon", "2")
      #expect(none.status == 66, "\(none.errors)")
    }

    @Test func inputsThatAreNotPredicted() throws {
      let words = Self.rows(0..<240).split(separator: "\n").enumerated().map { row, line in
        "\(line),\(row == 0 ? "x" : "\(row % 7)")\n"
      }
      try train()
      try workspace.folder.write(words.joined(), to: "load.csv")
      let ending = try workspace.run("train", "load.yaml", "--fresh")
      try #require(ending.status == 0, "\(ending.errors)")
      let two = try workspace.run("predict", "runs/load", "--horizon", "2")
      #expect(two.status == 0, "\(two.errors)")
      let three = try workspace.run("predict", "runs/load", "--horizon", "3")
      #expect(three.status == 64)
      #expect(
        three.errors.contains("the network does not predict its input 'x'"), "\(three.errors)")
    }

    @Test func networksOfOtherData() throws {
      try workspace.folder.write("x,y\n1,2\n3,4\n", to: "t.csv")
      try workspace.folder.write(
        """
        name: table
        data: {dataset: {csv: {training: t.csv, targets: [y]}}, batch: 1}
        model: [{dense: 1}]
        loss: mse
        optimizer: {adam: 0.1}
        train: {epochs: 1}
        """, to: "table.yaml")
      let ending = try workspace.run("train", "table.yaml")
      try #require(ending.status == 0, "\(ending.errors)")
      let forecast = try workspace.run("predict", "runs/table", "--horizon", "2")
      #expect(forecast.status == 64 && forecast.errors.contains("windows of series"))
    }
  }
}
