import Configuration
import Diagnostics
import Testing

@Suite struct KindTests {
  @Test(arguments: [("3", 3), ("-1", -1), ("0", 0), ("9223372036854775807", Int.max)])
  func readsIntegers(_ text: String, _ expected: Int) throws {
    #expect(try read(.integer(in: -5...Int.max), text) == .integer(expected))
  }

  @Test(arguments: [
    "ten", "1e3", "1_000", "0o10", "0x10", "010", "+3", "3.0", "1:30", ".nan", ".inf", "inf", "no",
    "'3'", "\"3\"", "", "~", "null", "99999999999999999999", "-6", "[3]", "{a: 3}",
  ])
  func refusesWhatIsNoInteger(_ text: String) {
    let failure = #expect(throws: Failure.self) { try read(.integer(in: -5...2000), text) }
    #expect(failure?.code == .badConfiguration)
    #expect(
      failure?.message.hasPrefix("t.yaml:1:") == true
        && failure?.message.contains("x: expected an integer from -5 to 2000, found ") == true)
  }

  @Test(arguments: [
    ("0.5", 0.5), ("1e-4", 1e-4), ("1E2", 100), (".5", 0.5), ("5.", 5), ("3", 3), ("+1", 1),
    ("-0", 0), ("1e-400", 0),
  ])
  func readsNumbers(_ text: String, _ expected: Double) throws {
    #expect(try read(.number(in: .any), text) == .number(expected))
  }

  @Test(arguments: [
    ".nan", "nan", ".inf", "inf", "-inf", "infinity", "1e999", "0x1p3", "1_0.5", "1e", "e5", "1,5",
    "--1", "'0.5'", "true",
  ])
  func refusesWhatIsNoNumber(_ text: String) {
    #expect(throws: Failure.self) { try read(.number(in: .any), text) }
  }

  static let ranges: [(NumberRange, String, inside: [Double], outside: [Double])] = [
    (.from(0, to: 1), "from 0 to 1", [0.0, 0.5, 1.0], [-0.1, 1.1]),
    (.from(0, below: 1), "of at least 0 and below 1", [0, 0.5], [-0.1, 1]),
    (.above(0, to: 1), "above 0 and at most 1", [1e-30, 1], [0, 2]),
    (.above(0, below: 1), "above 0 and below 1", [0.5], [0, 1]),
    (.from(0), "of at least 0", [0, 1e300], [-1, .infinity]),
    (.above(0), "above 0", [1], [0, .nan]), (.any, "that is finite", [-1e300], [-.infinity]),
  ]

  @Test(arguments: ranges)
  func rangesHaveOpenAndClosedEnds(
    _ range: NumberRange, _ text: String, _ inside: [Double], _ outside: [Double]
  ) {
    #expect(range.description == text)
    #expect(inside.allSatisfy { range.contains($0) })
    #expect(!outside.contains { range.contains($0) })
  }

  @Test func booleansAreTrueAndFalseOnly() throws {
    #expect(try read(.boolean, "true") == .boolean(true))
    #expect(try read(.boolean, "false") == .boolean(false))
    for word in ["yes", "no", "on", "off", "True", "1", "'true'"] {
      #expect(throws: Failure.self) { try read(.boolean, word) }
    }
  }

  @Test func wordsStayText() throws {
    for word in ["no", "on", "1:30", "0o10", "1e3", ".nan", "12", "true", "a b"] {
      #expect(try read(.text, word) == .text(word))
      #expect(try read(.text, "'\(word)'") == .text(word))
    }
    for nothing in ["", "''", "~", "null"] {
      #expect(throws: Failure.self) { try read(.text, nothing) }
    }
  }

  /// Names in a map are the file's own; `--set` adds and replaces one.
  @Test func mapsHaveNamesOfTheFile() throws {
    let kind = Kind.oneOf([.choice(["mean", "drop"]), .map(of: .choice(["mean", "drop"]))])
    #expect(try read(kind, "mean") == .choice("mean"))
    let value = try read(kind, "{b c: mean, 'a: \"': drop}")
    #expect(value.map.map(\.name) == ["b c", "a: \""])
    #expect(value.map.map(\.value.text) == ["mean", "drop"])
    let schema = Record("test", keys: [Key("x", kind, help: "Tested.")], help: "Test.")
    let settings = try Settings(
      text: "x: {b c: mean, 'a: \"': drop}", source: "t.yaml",
      set: ["x.b c=drop", "x.d=mean"], schema: schema)
    #expect(settings.value("x").map.map(\.name) == ["b c", "a: \"", "d"])
    #expect(settings.value("x").map.map(\.value.text) == ["drop", "drop", "mean"])
    let names = (0..<20).map { "name \($0): mean" }.joined(separator: ", ")
    for text in [settings.yaml(includingAll: true), "x: {\(names)}"] {
      let again = try Settings(text: text, source: "t.yaml", schema: schema)
      #expect(
        try Settings(text: again.yaml(includingAll: true), source: "t.yaml", schema: schema)
          == again)
    }
    let failure = #expect(throws: Failure.self) { try read(kind, "{b: maen}") }
    #expect(failure?.message.contains("x.b: expected one of mean, drop") == true)
    #expect(failure?.message.contains("did you mean 'mean'") == true)
  }

  @Test func choicesSuggestTheNearest() throws {
    let kind = Kind.choice(["same", "valid"])
    #expect(try read(kind, "same") == .choice("same"))
    #expect(try read(kind, "'valid'") == .choice("valid"))
    let failure = #expect(throws: Failure.self) { try read(kind, "smae") }
    #expect(
      failure?.message
        == "t.yaml:1:4: x: expected one of same, valid, found 'smae' (did you mean 'same'?)")
  }

  @Test(arguments: [
    ("1 epoch", Timespan(1, .epochs)), ("30 epochs", Timespan(30, .epochs)),
    ("500 steps", Timespan(500, .steps)), ("2 h", Timespan(2, .hours)), ("2h", Timespan(2, .hours)),
    ("90 min", Timespan(90, .minutes)), ("30 s", Timespan(30, .seconds)),
  ])
  func readsTimespans(_ text: String, _ expected: Timespan) throws {
    #expect(try read(.timespan(Timespan.Unit.allCases), text) == .timespan(expected))
  }

  @Test(arguments: ["1", "epoch", "0 epochs", "-1 epoch", "1.5 h", "2 h", "1e3 steps", "5 apples"])
  func refusesWhatIsNoTimespan(_ text: String) {
    let failure = #expect(throws: Failure.self) { try read(.timespan([.epochs, .steps]), text) }
    #expect(
      failure?.message.contains(
        "expected a whole number of epochs or steps (such as '1 epoch'), found") == true)
  }

  @Test func formsAreTriedInOrder() throws {
    let kind = Kind.oneOf([.choice(["test", "none"]), .number(in: .above(0, below: 1)), .text])
    #expect(try read(kind, "none") == .choice("none"))
    #expect(try read(kind, "0.1") == .number(0.1))
    #expect(try read(kind, "1.5") == .text("1.5"))
    #expect(try read(kind, "'none'") == .text("none"))
    let window = Kind.oneOf([.integer(in: 1...9), .list(of: .integer(in: 1...9), count: 2...2)])
    #expect(try read(window, "3") == .integer(3))
    #expect(try read(window, "[3, 5]") == .list([.integer(3), .integer(5)]))
    #expect(throws: Failure.self) { try read(window, "[3]") }
  }
}
