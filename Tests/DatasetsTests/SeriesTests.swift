import Datasets
import Diagnostics
import Foundation
import TestSupport
import Testing

/// Windows over CSV files in time order.
@Suite struct SeriesTests {
  private let files: DataFolder

  init() throws { files = try DataFolder() }

  private func load(_ text: String, _ settings: String, _ data: String = "") throws -> Splits {
    try files.put(text, at: "data/t.csv")
    return try files.load("dataset: {csv: {training: t.csv, \(settings)}}\(data)")
  }

  /// The numbers from 0 in a column.
  private func count(_ rows: Int) -> String {
    "y\n" + (0..<rows).map { "\($0)\n" }.joined()
  }

  // MARK: Against NumPy

  private struct Golden: Decodable {
    let count: Int
    let samples: [Float]
    let targets: [Float]
    let last_value: [Double]
    let autoregression: [Double]
  }

  private static let references = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../References/series")

  private static let described = """
    targets: [heat, load], categorical: [door], ignore: [note], group: station, time: at, \
    calendar: [day, week, year], window: {length: 6, horizon: 2, stride: 2, test: 0.2}
    """

  private func golden() throws -> (parts: [String: Golden], splits: Splits) {
    let windows = try Data(contentsOf: Self.references.appendingPathComponent("windows.json"))
    let table = try String(
      contentsOf: Self.references.appendingPathComponent("load.csv"), encoding: .utf8)
    return (
      try JSONDecoder().decode([String: Golden].self, from: windows),
      try load(table, Self.described, ", validation: 0.25")
    )
  }

  @Test func windowsAreThoseOfNumPy() throws {
    let (golden, splits) = try golden()
    let sets = [
      ("training", splits.training), ("validation", try #require(splits.validation)),
      ("test", splits.test),
    ]
    #expect(splits.hasTestSet)
    for (name, set) in sets {
      let expected = try #require(golden[name])
      #expect(set.count == expected.count && set.shape == [6, 11] && set.targets.shape == [4])
      for (found, expected) in [
        (try set.numbers, expected.samples), (set.values, expected.targets),
      ] {
        try #require(found.count == expected.count)
        for (a, b) in zip(found, expected) {
          #expect(isClose(Double(a), Double(b), relative: 1e-5, absolute: 1e-6), "\(name)")
        }
      }
    }
    #expect(
      splits.training.columnNames["targets"] == ["heat +1", "load +1", "heat +2", "load +2"])
    #expect(
      splits.training.columns?.names == [
        "load", "door=away", "door=open", "door=shut", "heat", "sin day", "cos day", "sin week",
        "cos week", "sin year", "cos year",
      ])
  }

  @Test func baselinesAreThoseOfNumPy() throws {
    let (golden, splits) = try golden()
    for (name, set) in [("training", splits.training), ("test", splits.test)] {
      let expected = try #require(golden[name])
      let found = try #require(try ForecastBaselines(on: set, fittedTo: splits.training))
      for (a, b) in zip(
        found.lastValue + found.autoregression, expected.last_value + expected.autoregression)
      {
        #expect(isClose(a, b, relative: 1e-4), "\(name)")
      }
    }
  }

  @Test func theCodingReadsBack() throws {
    let coding = try golden().splits.training.coding
    #expect(try SampleCoding(text: coding.text, source: "x") == coding, "\(coding.text)")
    for (old, new) in [
      ("horizon: 2", "horizon: 3"), ("length: 6", "length: 7"), (", year]", "]"),
      ("name: \"heat\"", "name: \"cold\""), ("window: {length: 6, horizon: 2, stride: 2}\n", ""),
    ] {
      let failure = #expect(throws: Failure.self) {
        _ = try SampleCoding(text: coding.text.replacing(old, with: new), source: "x")
      }
      #expect(failure?.code == .badData)
    }
  }

  // MARK: Order of time

  /// No window crosses a cut, and whatever lies behind a cut moves nothing before it.
  @Test(arguments: [1, 3])
  func partsAreInOrderOfTime(stride: Int) throws {
    let window = "window: {length: 5, horizon: 2, stride: \(stride), test: 0.2}"
    let splits = try load(
      count(100), "targets: [y], standardise: false, \(window)", ", validation: 0.25")
    let sets = [splits.training, try #require(splits.validation), splits.test]
    for (set, rows) in zip(sets, [0..<60, 60..<80, 80..<100]) {
      let starts = Array(
        Swift.stride(from: rows.lowerBound, through: rows.upperBound - 7, by: stride))
      #expect(try set.numbers == starts.flatMap { start in (start..<start + 5).map(Float.init) })
      #expect(set.values == starts.flatMap { [Float($0 + 5), Float($0 + 6)] })
    }
  }

  @Test func scalesAreThoseOfTheTrainingPart() throws {
    let text =
      "y\n" + (0..<60).map { "\($0 % 2)\n" }.joined() + (0..<40).map { "\($0)000\n" }.joined()
    let splits = try load(
      text, "targets: [y], window: {length: 4, test: 0.2}", ", validation: 0.25")
    #expect(Set(try splits.training.numbers) == [-1, 1])
    let deviations = try #require(splits.training.coding.columns?.targetDeviations)
    #expect(deviations.count == 1 && isClose(deviations[0], 0.5))
    #expect(try #require(splits.validation).values.max() == 37999)
  }

  @Test func aTestFileIsAnotherSeries() throws {
    try files.put("t,y\n5,7\n6,8\n9,9\n", at: "data/u.csv")
    let splits = try load(
      "y,t\n0,1\n1,2\n0,3\n1,4\n", "test: u.csv, time: t, targets: [y], window: {length: 2}")
    #expect(try splits.training.numbers == [-1, 1, 1, -1])
    #expect(try splits.test.numbers == [13, 15] && splits.test.values == [17])
    #expect(splits.validation?.contentHash == splits.test.contentHash)
  }

  @Test func theShareChangesTheCache() throws {
    for (share, rows) in [(0.25, 75), (0.5, 50)] {
      let splits = try load(
        count(100), "targets: [y], window: {length: 9}", ", validation: \(share)")
      #expect(splits.training.count == rows - 9)
      #expect(splits.validation?.count == 100 - rows - 9)
    }
  }

  // MARK: Mistakes

  @Test(arguments: [
    (
      "t,y\n1,1\n2,1\n2,1\n", "time: t", "t.csv:4: the time stamp '2' stands twice, first in line 3"
    ),
    (
      "t,y\n1,1\n3,1\n2,1\n", "time: t",
      "t.csv:4: the time stamp '2' is before that of line 3: sort"
    ),
    (
      "t,y,g\n1,1,a\n1,1,b\n1,1,a\n", "time: t, group: g",
      "t.csv:4: the time stamp '1' of 'a' stands twice, first in line 2"
    ),
    ("t,y\n1,1\nnoon,1\n", "time: t", "t.csv:3: column 't' holds 'noon', expected a time stamp as"),
    ("t,y\n1,1\n,1\n", "time: t", "t.csv:3: column 't' has no value"),
    (
      "y\n1\n2\n", "",
      "t.csv:3: the series has 2 rows for training up to here, a window of length 2"
    ),
    (
      "g,y\na,1\na,2\na,3\nb,1\n", "group: g",
      "t.csv:5: the series 'b' has 1 rows for training up to here"
    ),
    ("y\n1\nNA\n2\n", "", "t.csv:3: column 'y' has no value"),
    ("y\n", "", "holds no samples"),
    ("x,y\n1,1\n2,2\n3,3\n", "group: h", "there is no column 'h'"),
  ])
  func mistakesAreNamed(_ text: String, _ settings: String, _ message: String) throws {
    try files.put(text, at: "data/t.csv")
    files.expect(
      "dataset: {csv: {training: t.csv, targets: [y], window: {length: 2}"
        + "\(settings.isEmpty ? "" : ", ")\(settings)}}", fails: .badData, message)
  }

  /// The whole line of a file that its user has to mend.
  @Test(arguments: [
    (
      "t,y\n2024-03-31,1\n2024-03-30,2\n", "time: t, ",
      "3: the time stamp '2024-03-30' is before that of line 2: sort the file by time"
    ),
    (
      "t,y,g\n1,1,a\n2,1,b\n2,1,a\n1,1,b\n", "time: t, group: g, ",
      "5: the time stamp '1' of 'b' is before that of line 3: sort the file by time"
    ),
    (
      "t,y\n2024-03-31T01:00Z,1\n2024-03-31 02:00+01:00,2\n", "time: t, ",
      "3: the time stamp '2024-03-31 02:00+01:00' stands twice, first in line 2"
    ),
    (
      "t,y,g\n7,1,a\n7,1,b\n7,1,a\n", "time: t, group: g, ",
      "4: the time stamp '7' of 'a' stands twice, first in line 2"
    ),
    (
      "y\n1\n2\n3\n", "",
      "4: the series has 3 rows for training up to here, a window of length 3 and horizon 2 needs "
        + "5: shorten the window, change the shares or add rows"
    ),
    (
      "g,y\na,1\nb,1\na,2\nb,2\na,3\na,4\na,5\n", "group: g, ",
      "5: the series 'b' has 2 rows for training up to here, a window of length 3 and horizon 2 "
        + "needs 5: shorten the window, change the shares or add rows"
    ),
  ])
  func wholeLines(_ text: String, _ settings: String, _ line: String) throws {
    try files.put(text, at: "data/t.csv")
    let failure = files.failure(
      "dataset: {csv: {training: t.csv, targets: [y], \(settings)window: {length: 3, horizon: 2}}}")
    #expect(failure?.message == "\(files.path("data"))/t.csv:\(line)")
    #expect(failure?.code == .badData)
  }

  @Test(arguments: [
    ("targets: [y], group: g", "csv.group", "add window or leave it out"),
    ("targets: [y], window: {length: 2}, calendar: [day]", "csv.calendar", "needs the column"),
    ("label: y, window: {length: 2}", "csv.label", "name their columns"),
    ("targets: [y], window: {length: 2, test: 0.5}, test: u.csv", "csv.test", "leave one of them"),
    ("targets: [y], window: {length: 0}", "window.length", "from 1 to"),
    ("targets: [y], window: {length: 2}, time: t, calendar: [day, day]", "csv.calendar", "twice"),
  ])
  func settingsAreChecked(_ settings: String, _ key: String, _ message: String) throws {
    try files.put("t,y\n1,1\n2,2\n3,3\n4,4\n", at: "data/t.csv")
    try files.put("t,y\n1,1\n2,2\n3,3\n4,4\n", at: "data/u.csv")
    files.expect(
      "dataset: {csv: {training: t.csv, \(settings)}}", fails: .badConfiguration, key, message)
  }

  @Test func aPartWithoutAWindow() throws {
    try files.put(count(40), at: "data/t.csv")
    files.expect(
      "dataset: {csv: {training: t.csv, targets: [y], window: {length: 9}}}, validation: 0.1",
      fails: .badData, "t.csv:41: the series has 4 rows for validation up to here")
  }

  // MARK: Inputs

  @Test func filesToForecast() throws {
    let splits = try golden().splits
    let coding = splits.training.coding
    let table = try String(
      contentsOf: Self.references.appendingPathComponent("load.csv"), encoding: .utf8)
    try files.put(table, at: "new.csv")
    let samples = try coding.open(files.path("new.csv"))
    // 60 and 50 rows, every other start.
    var numbers = [Float](repeating: 0, count: 100 * 66)
    let count = try unsafe numbers.withUnsafeMutableBytes { unsafe try samples.read(100, into: $0) }
    #expect(count == 28 + 23)
    #expect(samples.name(of: 0) == "north" && samples.name(of: 28) == "south")
    let trained = try splits.training.numbers
    #expect(numbers[..<66] == trained[..<66])
    try files.put("at,station,load,door,heat\n2024-01-01,north,1,open,2\n", at: "short.csv")
    let failure = #expect(throws: Failure.self) { _ = try coding.open(files.path("short.csv")) }
    #expect(
      failure?.message.contains("short.csv:2: the series 'north' has 1 rows, a forecast needs")
        == true, "\(String(describing: failure))")
  }
}
