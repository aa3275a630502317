import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// Tables with missing values, dates, embedded words and texts, from training to predictions.
  @Suite struct TableColumns {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private static let configuration = """
      name: flats
      data:
        dataset:
          csv:
            training: flats.csv
            targets: [price]
            categorical: [heating]
            embedded: [street]
            dates: [sold]
            words: [{column: notes, vocabulary: 4}]
            missing: {all: median, heating: most_frequent}
            weight: trust
        validation: none
        batch: 20
      model:
        - dense: 8
        - tanh: {name: numbers}
        - embedding: {size: 3, input: street}
        - flatten: {name: streets}
        - concat: {input: [numbers, streets]}
        - dense: 1
      loss: mse
      optimizer: {adam: 0.02}
      train: {epochs: 60}
      """

    private static let header = "rooms,heating,street,sold,notes,trust,price\n"
    private static let streets = ["Elm", "Oak", "High Street"]
    private static let notes = ["old", "Garden, old!", "a garden", "sunny"]

    /// Rooms and times of sale of all rows that have them.
    private static let rooms = (0..<201).map { Double($0 * 37 % 201) / 20 }
    private static let times = (0..<201).map { 1_600_000_000 + 86_400 * ($0 * 61 % 201) }

    private static func row(_ number: Int) -> [String] {
      let (street, note) = (number % 3, number / 3 % 4)
      let price =
        rooms[number] + [0, 2, -1][street] + (note == 1 || note == 2 ? 3 : 0)
        + Double(times[number] - 1_600_000_000) / 86_400 / 100
      return [
        "\(rooms[number])", number % 5 < 3 ? "gas" : "wood", streets[street], "\(times[number])",
        "\"\(notes[note])\"", number % 2 == 0 ? "1" : "0.5", "\(price)",
      ]
    }

    private func train() throws {
      let rows = (0..<201).map { number in
        var row = Self.row(number)
        // Two gaps in each column leave an odd number of values.
        if number / 2 < 5 { row[number / 2] = ["", "NA"][number % 2] }
        return row.joined(separator: ",")
      }
      try workspace.folder.write(Self.header + rows.joined(separator: "\n"), to: "flats.csv")
      try workspace.folder.write(Self.configuration, to: "flats.yaml")
      let ending = try workspace.run("train", "flats.yaml")
      #expect(ending.status == 0, "\(ending.errors)")
    }

    /// Rows that are whole, and the same with a gap in each column.
    private func files() throws {
      func median<Number: Comparable>(_ numbers: [Number], without gaps: Int) -> Number {
        let left = numbers.indices.filter { $0 / 2 != gaps }.map { numbers[$0] }.sorted()
        return left[left.count / 2]
      }
      // The third and the fifth are a street that training lacks and a text without words.
      let completions = [
        "\(median(Self.rooms, without: 0))", "gas", "elsewhere",
        "\(median(Self.times, without: 3))", "!",
      ]
      var (whole, gaps) = ([Self.header], [Self.header])
      for number in 20..<40 {
        var row = Self.row(number)
        row[number % 5] = completions[number % 5]
        whole.append(row.joined(separator: ",") + "\n")
        row[number % 5] = ["", "nan", "?"][number % 3]
        gaps.append(row.joined(separator: ",") + "\n")
      }
      try workspace.folder.write(whole.joined(), to: "whole.csv")
      try workspace.folder.write(gaps.joined(), to: "gaps.csv")
    }

    @Test func gapsArePredictedAsTheirCompletions() throws {
      try train()
      try files()
      try FileManager.default.removeItem(atPath: workspace.folder.path(of: "flats.csv"))
      for command in ["predict", "evaluate"] {
        let whole = try workspace.run(command, "runs/flats", "--input", "whole.csv", "--json")
        let gaps = try workspace.run(command, "runs/flats", "--input", "gaps.csv", "--json")
        #expect(whole.status == 0 && gaps.status == 0, "\(whole.errors)\(gaps.errors)")
        let (a, b) = (
          try CommandTests.object(whole.output), try CommandTests.object(gaps.output)
        )
        #expect(a.count > 0)
        if command == "predict" {
          let (found, expected) = try (values(a), values(b))
          #expect(found == expected && found.count == 20 && Set(found).count > 15)
        } else {
          #expect(a["loss"] as? Double == b["loss"] as? Double)
          #expect((a["loss"] as? Double ?? 9) < 1, "\(whole.output)")
        }
      }
    }

    private func values(_ object: [String: Any]) throws -> [Double] {
      let predictions = try #require(object["predictions"] as? [[String: Any]])
      return predictions.compactMap { ($0["values"] as? [Double])?.first }
    }

    /// Every kind of column reaches the network.
    @Test func eachColumnCounts() throws {
      try train()
      let first = ["5", "gas", "Elm", "1600000000", "old", "1", "0"]
      let others = ["8", "wood", "Oak", "1610000000", "garden"]
      let rows =
        [first]
        + others.indices.map { column in
          var row = first
          row[column] = others[column]
          return row
        }
      let text = Self.header + rows.map { $0.joined(separator: ",") }.joined(separator: "\n")
      try workspace.folder.write(text, to: "new.csv")
      let ending = try workspace.run("predict", "runs/flats", "--input", "new.csv", "--json")
      let found = try values(CommandTests.object(ending.output))
      #expect(found.count == 6 && Set(found).count == 6, "\(found)")
      // The weight and the price are not looked at.
      try workspace.folder.write(
        text.replacing(",1,0\n", with: ",,\n"), to: "new.csv")
      let again = try workspace.run("predict", "runs/flats", "--input", "new.csv", "--json")
      #expect(again.output == ending.output)
    }

    /// A run that begins with these weights completes gaps as the first one did.
    @Test func initialWeightsBringTheirCompletions() throws {
      try train()
      try files()
      try workspace.folder.write(
        Self.configuration.replacing("name: flats\n", with: "name: again\n")
          .replacing("flats.csv", with: "gaps.csv")
          .replacing("{epochs: 60}", with: "{epochs: 1, init_from: runs/flats}"), to: "again.yaml")
      let ending = try workspace.run("train", "again.yaml")
      #expect(ending.status == 0, "\(ending.errors)")
      let found = try ["whole.csv", "gaps.csv"].map { input in
        let ending = try workspace.run("predict", "runs/again", "--input", input, "--json")
        return try values(CommandTests.object(ending.output))
      }
      #expect(found[0] == found[1] && found[0].count == 20, "\(found)")
    }
  }
}
