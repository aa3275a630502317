import Datasets
import Diagnostics
import Testing

@Suite struct SampleCodingTests {
  private static let table = {
    let columns = CSVColumns(
      features: [
        CSVColumns.Feature(
          name: "x: \"1\"", content: .number(NumberColumn(mean: 0.1, deviation: 1 / 3))),
        CSVColumns.Feature(
          name: "größe", content: .category(CategoryColumn(["a, b", "two\r\nlines", " ", "~"]))),
      ], target: .targets(["y", "z"]), separator: .semicolon)
    return SampleCoding(
      shape: [5], number: .float32, normalisation: Normalisation(scale: 1, mean: 0, deviation: 1),
      targets: .values(shape: [2]), columns: columns)
  }()

  @Test func textReadsBackAsTheSame() throws {
    let labelled = SampleCoding(
      shape: [5], number: .float32, normalisation: Self.table.normalisation,
      targets: .classes(["no", "1"]),
      columns: CSVColumns(
        features: Self.table.columns?.features ?? [], target: .label("kind"), separator: .tab))
    let pixels = SampleCoding(
      shape: [28, 28, 1], number: .uint8,
      normalisation: Normalisation(scale: 1 / 255, mean: 0.1307, deviation: 0.3081),
      targets: .classes((0..<10).map(String.init)))
    let others = [
      SampleCoding.Targets.classes(["a", "b"], shape: [4, 3]), .values(shape: [2, 3, 1]),
      .values(shape: []), .none,
    ].map { answers in
      SampleCoding(
        shape: [], number: .int32, normalisation: Self.table.normalisation, targets: answers,
        fields: [Field("a_1", [2, 3], .uint8, .named), Field("lengths", [], .int32, .named)])
    }
    for coding in [Self.table, labelled, pixels] + others {
      #expect(try SampleCoding(text: coding.text, source: "x") == coding, "\(coding.text)")
    }
  }

  /// More words than a person would write into a configuration.
  @Test func largeTextsAreRead() throws {
    let words = (0..<100_000).map { "a word with the number \($0)" }
    let coding = SampleCoding(
      shape: [1], number: .float32, normalisation: Self.table.normalisation,
      targets: .classes(words))
    #expect(coding.text.utf8.count > 2 << 20)
    #expect(try SampleCoding(text: coding.text, source: "x") == coding)
  }

  @Test(arguments: [
    ("shape: [5]", "shape: [4]", "is not that of its columns"),
    ("values: 2", "values: 3", "do not say which"),
    ("values: 2", "classes: [a]", "do not say which"),
    ("values: 2\n", "", "either classes or values"),
    ("values: 2", "values: 2\nanswers: none", "either classes or values"),
    ("values: 2", "values: 2\nanswer_shape: [3, 2]", "does not hold 2 values"),
    ("values: 2", "values: 2\nanswer_shape: [1, 2]", "do not say which"),
    (
      "values: 2", "values: 2\nfields: [{name: ../a, shape: [1], number: uint8}]", "have no names"
    ),
    (
      "values: 2",
      "values: 2\nfields: [{name: a, shape: [], number: int32}, {name: a, shape: [], number: int32}]",
      "or one name twice"
    ),
    ("number: float32", "number: float16", "float32"),
    (", mean: 0.1", "", "either words, or mean and deviation"),
    ("scale: 1", "scale: x", "expected a number"),
    ("shape: [5]", "shape: [2147483648, 2147483648, 4]", "is not that of its columns"),
  ])
  func mistakesAreNamed(old: String, new: String, message: String) throws {
    let text = Self.table.text
    try #require(text.contains(old))
    let failure = #expect(throws: Failure.self) {
      _ = try SampleCoding(text: text.replacing(old, with: new), source: "a.h5 /coding")
    }
    #expect(failure?.code == .badData)
    #expect(failure?.message.hasPrefix("a.h5 /coding:") == true, "\(String(describing: failure))")
    #expect(failure?.message.contains(message) == true, "\(String(describing: failure))")
  }

  @Test func datasetsKnowTheirs() throws {
    let files = try DataFolder()
    try files.put("x,kind,y\n1,a,0\n3,b,1\n", at: "data/t.csv")
    let data = try files.load(
      "dataset: {csv: {training: t.csv, targets: [y], categorical: [kind]}}")
    let columns = CSVColumns(
      features: [
        CSVColumns.Feature(name: "x", content: .number(NumberColumn(mean: 2, deviation: 1))),
        CSVColumns.Feature(name: "kind", content: .category(CategoryColumn(["a", "b"]))),
      ], target: .targets(["y"]), separator: .comma)
    #expect(data.training.coding.columns == columns)
    #expect(data.training.selecting([1]).coding == data.training.coding)
    #expect(data.training.coding.targetNames == ["y"])
    let (digits, _) = DrawnDataset.digits.datasets(training: 8, test: 8)
    #expect(digits.coding.targets == .classes((0..<10).map(String.init)))
  }
}
