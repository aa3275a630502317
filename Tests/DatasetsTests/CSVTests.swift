import Datasets
import Diagnostics
import Foundation
import TestSupport
import Testing

@Suite struct CSVTests {
  private let files: DataFolder

  init() throws { files = try DataFolder() }

  private func load(_ text: String, _ settings: String) throws -> Dataset {
    try files.put(text, at: "data/t.csv")
    return try files.load("dataset: {csv: {training: t.csv, \(settings)}}").training
  }

  @Test func regressionWithStandardisedColumns() throws {
    let data = try load("a,b,price\n1,10,5\n3,10,-6.5\n", "targets: [price]")
    #expect(data.shape == [2] && data.count == 2)
    // Mean 2, deviation 1; a column of equal numbers is only moved.
    #expect(try data.numbers == [-1, 0, 1, 0])
    #expect(data.values == [5, -6.5])
    #expect(data.normalisation == Normalisation(scale: 1, mean: 0, deviation: 1))
  }

  @Test func numbersAsTheyAre() throws {
    let data = try load("id,n,y,z\n7,1e2,0.5,1\n8,-2,1,2\n", "targets: [z, y], standardise: false")
    #expect(try data.numbers == [7, 100, 8, -2])
    #expect(data.values == [1, 0.5, 2, 1] && data.targetBytes == 8)
  }

  @Test func classesAndCategories() throws {
    let data = try load(
      "kind,colour,size\n10,red,1\n9,\"blue, dark\",3\n10,red,2\n",
      "label: kind, categorical: [colour], ignore: [size]")
    #expect(data.classes == ["9", "10"], "numbers are in their own order")
    #expect(data.labels == [1, 0, 1])
    #expect(try data.numbers == [0, 1, 1, 0, 0, 1])
    #expect(data.columnNames == ["samples": ["colour=blue, dark", "colour=red"], "targets": []])
  }

  @Test func moreClassesThanOccur() throws {
    try files.put("x,y\n1,0\n2,2\n", at: "data/t.csv")
    let table = "dataset: {csv: {training: t.csv, label: y}}"
    let data = try files.load("\(table), classes: 4").training
    #expect(data.classes == ["0", "1", "2", "3"] && data.labels == [0, 2])
    let few = files.failure("\(table), classes: 2")
    #expect(
      few?.message.contains("t.csv:3: column 'y' holds '2'") == true, "\(String(describing: few))")
    try files.put("x,y\n1,cat\n2,dog\n", at: "data/t.csv")
    let named = files.failure("\(table), classes: 4")
    #expect(
      named?.message.contains("the data have 2 classes with names (cat, dog): leave it out") == true
    )
  }

  @Test func quotesLineEndsAndMarks() throws {
    let data = try load(
      "\u{FEFF}\"a \"\"b\"\"\",word\r\n1,\"two\r\nlines\"\r\n\r\n2,x",
      "label: word, standardise: false")
    #expect(data.classes == ["two\r\nlines", "x"] && data.labels == [0, 1])
    #expect(try data.numbers == [1, 2])
    let semicolons = try load("a;b\n1,5;2\n", "label: b, separator: semicolon, categorical: [a]")
    #expect(try semicolons.numbers == [1])
    let tabs = try load("a\tb\n1\t2\n", "targets: [b], separator: tab, standardise: false")
    #expect(try tabs.numbers == [1])
  }

  @Test func separatorsAreGuessed() throws {
    let tabs = try load("a b\tc, d\te\n1\t2\t3\n", "targets: [e], standardise: false")
    #expect(try tabs.numbers == [1, 2] && tabs.columnNames["samples"] == ["a b", "c, d"])
    let semicolons = try load("x;y\n1.5;a\n2;b\n", "label: y, standardise: false")
    #expect(try semicolons.numbers == [1.5, 2] && semicolons.classes == ["a", "b"])
    try files.put(DataFolder.gzip(Array("x\ty\n1\t2\n3\t4\n".utf8)), at: "data/t.tsv.gz")
    let packed = try files.load("dataset: {csv: {training: t.tsv.gz, targets: [y]}}").training
    #expect(packed.values == [2, 4])
    #expect(try TableSummary(of: files.path("data/t.tsv.gz")).separator == .tab)
  }

  /// Pandas writes an index as a column without name.
  @Test func anIndexIsLeftOut() throws {
    let data = try load(",x,y\n0,5,1\n1,7,2\n", "targets: [y], standardise: false")
    #expect(try data.numbers == [5, 7] && data.columnNames["samples"] == ["x"])
    let summary = try TableSummary(of: files.path("data/t.csv"))
    #expect(summary.columns.map(\.name) == ["x", "y"])
  }

  @Test func booleansAreNumbers() throws {
    let data = try load(
      "a,b,y\nTrue,yes,true\nfalse,NO,0\n TRUE ,1,false\n", "targets: [y], standardise: false")
    #expect(try data.numbers == [1, 1, 0, 0, 1, 1] && data.values == [1, 0, 0])
  }

  /// A column of integers with missing values comes from pandas with fractions of zeros.
  @Test func wholeNumbersAreClasses() throws {
    try files.put("x,y\n1,2.0\n2,10.0\n3,2\n4,-0.0\n", at: "data/t.csv")
    try files.put("x,y\n1,10\n2,2.00\n3,1e1\n", at: "data/u.csv")
    let data = try files.load("dataset: {csv: {training: t.csv, test: u.csv, label: y}}")
    #expect(data.training.classes == ["0", "2", "10"])
    #expect(data.training.labels == [1, 2, 1, 0] && data.test.labels == [2, 1, 2])
    let words = try load("x,y\n1,1.0\n2,a\n", "label: y")
    #expect(words.classes == ["1.0", "a"])
    let codes = try load("x,y\n1,01\n2,2\n", "label: y")
    #expect(codes.classes == ["01", "2"], "whole numbers keep their form")
  }

  /// Records that end at any place of the buffer, with quotes and line breaks in some.
  @Test func longFiles() throws {
    var random = XorShift(seed: 3)
    let words = ["a", "b b", "c,c", "d\"d", "e\r\ne", "\"\"", String(repeating: "é", count: 99)]
    var (text, numbers, labels) = ("word,x\n", [Float](), [String]())
    for row in 0..<20_000 {
      let word = words[random.integer(in: 0...words.count - 1)]
      let number = Float(random.integer(in: -4000...4000)) / 8
      let isQuoted = word.contains { ",\"\r\n".contains($0) } || random.integer(in: 0...3) == 0
      let quoted = "\"\(word.replacing("\"", with: "\"\""))\""
      text += "\(isQuoted ? quoted : word),\(number)\(["\n", "\r\n", "\r", "\n\n"][row % 4])"
      (numbers, labels) = (numbers + [number], labels + [word])
    }
    let data = try load(text, "label: word, standardise: false")
    #expect(try data.numbers == numbers)
    #expect(data.labels.map { data.classes[Int($0)] } == labels)
  }

  @Test func theTestSetIsScaledLikeTheTrainingSet() throws {
    try files.put("x,c,y\n1,a,0\n3,b,1\n", at: "data/t.csv")
    try files.put("x,c,y\n5,b,2\n", at: "data/u.csv")
    let settings = "dataset: {csv: {training: t.csv, test: u.csv, targets: [y], categorical: [c]}}"
    let data = try files.load(settings)
    #expect(data.hasTestSet && data.test.values == [2])
    #expect(try data.test.numbers == [3, 0, 1])
    try files.put("x,c,y\n5,bb,2\n", at: "data/u.csv")
    #expect(
      files.failure(settings)?.message.contains(
        "u.csv:2: column 'c' holds 'bb', which the training data do not (did you mean 'b'?)")
        == true)
    // Columns have names: their order is free, and others may stand between them.
    try files.put("y,id,c,x\n2,7,b,5\n", at: "data/u.csv")
    let other = try files.load(settings)
    #expect(try other.test.numbers == [3, 0, 1] && other.test.values == [2])
    try files.put("x,y,cc\n5,2,b\n", at: "data/u.csv")
    #expect(
      files.failure(settings)?.message.contains(
        "u.csv:1: there is no column 'c', which the training data have")
        == true)
  }

  @Test(arguments: [
    ("", "targets: [y]", "the file is empty"),
    ("x,y\n", "targets: [y]", "holds no samples"),
    ("x,y\n1,2\n3\n", "targets: [y]", "t.csv:3: expected 2 fields as in the header, found 1"),
    ("x,y\n1,2,3\n", "targets: [y]", "t.csv:2: expected 2 fields as in the header, found 3"),
    ("x,y\n1,2\n,3\n", "targets: [y]", "t.csv:3: column 'x' has no value"),
    ("x,y\n1,NA\n", "targets: [y]", "t.csv:2: column 'y' has no value ('NA')"),
    ("x,y\nnan,1\n", "targets: [y]", "t.csv:2: column 'x' has no value ('nan')"),
    ("x,y\ninf,1\n", "targets: [y]", "t.csv:2: column 'x' holds inf, too large"),
    ("x,y\n1,1\n1e39,1\n", "targets: [y]", "t.csv:3: column 'x' holds 1e39, too large for float32"),
    (
      "x,y\nBern,1\n", "targets: [y]",
      "holds 'Bern', expected a number; for words use categorical: [x]"
    ),
    ("x,y\n\"1\n2,3\n", "targets: [y]", "t.csv:2: a quote that begins here is never closed"),
    ("x,y\n1\"2\",3\n", "targets: [y]", "t.csv:2: a quote stands inside a field"),
    ("x,x\n1,2\n", "targets: [x]", "the header names 'x' twice"),
    ("x,\n1,2\n", "targets: [x]", "column 2 of the header has no name"),
    ("x,price\n1,2\n", "targets: [prise]", "there is no column 'prise' (did you mean 'price'?)"),
    ("x,y\n1,2\n", "targets: [y], ignore: [y]", "column 'y' is named twice in the configuration"),
    ("y\n1\n", "targets: [y]", "no column is left"),
    (",\n1,2\n", "targets: [y]", "column 2 of the header has no name"),
    ("\u{FFFE}x", "targets: [y]", "there is no column 'y'"),
  ])
  func mistakesAreNamed(_ text: String, _ settings: String, _ message: String) throws {
    try files.put(text, at: "data/t.csv")
    files.expect("dataset: {csv: {training: t.csv, \(settings)}}", fails: .badData, message)
  }

  /// One line tells all problems of a file.
  @Test func problemsAreGathered() throws {
    try files.put("x,age,y\n1,30,a\nold,,b\n2,NA\nnew,31,\n3,32,b\n", at: "data/t.csv")
    let data = "dataset: {csv: {training: t.csv, label: y}}"
    files.expect(
      data, fails: .badData,
      "t.csv:3: column 'x' holds 'old', expected a number; for words use categorical: [x], to leave "
        + "it out ignore: [x]; 4 more problems: line 3, column 'age' has no value; line 4, expected 3 "
        + "fields as in the header, found 2; line 5, column 'x' holds 'new', expected a number; "
        + "line 5, column 'y' has no value")
    try files.put("x,y\n1,a\n,b\n\"3,c\n", at: "data/t.csv")
    files.expect(
      data, fails: .badData,
      "t.csv:3: column 'x' has no value: complete or remove the record, or set missing: {x: median}; "
        + "1 more problem: line 4, a quote that begins here is never closed")
    let words = (0..<1000).map { "w\($0),\($0 % 2)\n" }.joined()
    try files.put("x,y\n" + words, at: "data/t.csv")
    files.expect(data, fails: .badData, "; 19 more problems: line 3, column 'x' holds 'w1',")
    let gaps = (0..<1000).map { "\($0 < 900 ? "" : "1"),\($0 % 2)\n" }.joined()
    try files.put("x,y\n" + gaps, at: "data/t.csv")
    files.expect(data, fails: .badData, "t.csv:2: ", "; 899 more problems: ", "; and 880 others")
  }

  @Test func columnsWithoutValues() throws {
    try files.put("x,empty,y\n1,,a\n2,NA,b\n3,?,b\n", at: "data/t.csv")
    files.expect(
      "dataset: {csv: {training: t.csv, label: y}}", fails: .badData,
      "t.csv:4: column 'empty' has no value in all 3 records up to here: leave out by ignore: [empty]"
    )
  }

  @Test func targetsWithOneValue() throws {
    try files.put("x,y,z,w\n1,a,5,1\n2,a,5,1\n3,a,5,2\n", at: "data/t.csv")
    let csv = "dataset: {csv: {training: t.csv, categorical: [y], "
    files.expect(
      "dataset: {csv: {training: t.csv, label: y}}", fails: .badData,
      "t.csv:4: column 'y' holds 'a' in all records up to here: there is nothing to learn, choose "
        + "another label")
    files.expect(
      csv + "targets: [z]}}", fails: .badData,
      "t.csv:4: column 'z' holds 5 in all records up to here: there is nothing to learn, choose "
        + "another target")
    #expect(try files.load(csv + "targets: [z, w]}}").training.count == 3)
  }

  @Test func labelOrTargets() throws {
    try files.put("x,y\n1,2\n", at: "data/t.csv")
    files.expect("dataset: {csv: {training: t.csv}}", fails: .badConfiguration, "found neither")
    files.expect(
      "dataset: {csv: {training: t.csv, label: x, targets: [y]}}", fails: .badConfiguration,
      "data.dataset.csv.label", "found both")
  }
}
