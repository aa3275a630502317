import Datasets
import Diagnostics
import TestSupport
import Testing

/// CSV files with a column of texts.
@Suite struct TextColumnTests {
  private let files: DataFolder

  init() throws { files = try DataFolder() }

  private static let reviews = """
    id,review,mood
    1,a good film,up
    2,"bad, very bad",down
    3,good,up
    4,"a ""so so"" film",down

    """

  private func load(
    _ settings: String, _ text: String = reviews, _ data: String = ""
  ) throws -> Splits {
    try files.put(text, at: "data/t.csv")
    return try files.load("dataset: {csv: {training: t.csv, \(settings)}}\(data)")
  }

  /// The tokens of each text, up to a length, and zeros.
  private func padded(_ texts: [String], _ tokens: Tokeniser, _ length: Int) throws -> [[Int]] {
    try texts.map { text in
      let all = try tokens.encode(Array(text.utf8)).prefix(length).map(Int.init)
      return all + Array(repeating: 0, count: length - all.count)
    }
  }

  private static let texts = ["a good film", "bad, very bad", "good", "a \"so so\" film"]

  @Test(arguments: [
    ("", 6), (", tokens: words, length: 3", 3), (", tokens: characters", 14),
    (", tokens: bytes, length: 20", 20), (", tokens: bpe, vocabulary: 260", 13),
  ])
  func textsBecomeTokens(_ settings: String, _ length: Int) throws {
    let data = try load("text: review, label: mood\(settings)").training
    let tokens = try #require(data.tokens)
    let lengths = try Self.texts.map { try tokens.encode(Array($0.utf8)).count }
    #expect(data.shape == [length])
    if !settings.contains("length") { #expect(lengths.max() == length) }
    #expect(try data.rows("samples") == padded(Self.texts, tokens, length))
    #expect(try data.rows("lengths") == lengths.map { [min($0, length)] })
    #expect(data.classes == ["down", "up"] && data.labels == [1, 0, 1, 0])
    #expect(data.normalisation == .identity)
    #expect(!data.outline.isText && data.outline.tokens == tokens.size)
    let coding = try SampleCoding(text: data.coding.text, source: "x")
    #expect(coding == data.coding, "\(coding.text)")
  }

  /// As any table: a random share is held out, and the tokens are those of the rest.
  @Test func realTargetsAndAShare() throws {
    let splits = try load(
      "text: review, targets: [id]", Self.reviews, ", validation: 0.5")
    #expect(splits.training.count == 2 && splits.validation?.count == 2)
    let held = splits.validation?.values ?? []
    #expect((splits.training.values + held).sorted() == [1, 2, 3, 4])
    let whole = try load("text: review, targets: [id]", Self.reviews)
    let sizes = [splits, whole].map { $0.training.coding.inputTokens ?? 0 }
    #expect(sizes[0] < sizes[1], "\(sizes)")
    #expect(splits.training.columnNames["targets"] == ["id"])
  }

  /// A network reads other files with the tokens that it learnt; the rest is unknown and counted.
  @Test func tokensOfTrainingReadOtherFiles() throws {
    try files.put(
      "mood,review\nup,good news\ndown,\"bad bad, a good good good\"\n", at: "data/u.csv")
    let trained = try load("test: u.csv, text: review, label: mood")
    let tokens = try #require(trained.training.tokens)
    let texts = ["good news", "bad bad, a good good good"]
    #expect(try trained.test.rows("samples") == padded(texts, tokens, 6))
    #expect(try trained.test.rows("lengths") == [[2], [6]])
    let coding = trained.training.coding
    let settings = try DataConfigurationTests().decode(
      "data: {dataset: {csv: {training: u.csv, text: review, label: mood, length: 2}}, "
        + "from: \(files.path("data")), batch: 1}")
    let again = try settings.stored(seed: 1, as: KnownCoding(coding), in: files.places)?.prepare()
      .built
    #expect(again?.unknownSymbols == 2)
    let other = try settings.load(seed: 1, as: KnownCoding(coding), in: files.places).training
    let input = StoredDataset(
      LabelledInput(files.path("data/u.csv")), for: coding, in: files.places)
    let given = try Dataset(input: input.prepare().cache, for: coding)
    for data in [other, given] {
      #expect(data.tokens == tokens && data.labels == [1, 0])
      #expect(try data.rows("samples") == trained.test.rows("samples"))
      #expect(try data.rows("lengths") == trained.test.rows("lengths"))
    }
    // Without labels, for predictions.
    try files.put("review\ngood news\n\"bad bad, a good good good\"\n", at: "new.csv")
    let samples = try coding.open(files.path("new.csv"))
    var numbers = [Int32](repeating: -1, count: 12)
    let count = try unsafe numbers.withUnsafeMutableBytes { unsafe try samples.read(2, into: $0) }
    #expect(count == 2)
    #expect(try numbers.map(Int.init) == trained.test.rows("samples").flatMap { $0 })
    var lengths: [Int32] = [0, 0]
    try unsafe lengths.withUnsafeMutableBytes {
      unsafe try samples.read(0..<2, ofField: 0, into: $0)
    }
    #expect(lengths == [2, 6] && samples.unknownCount == 2)
  }

  @Test func bytesNeedNoUTF8() throws {
    let text = Array("review,mood\ncaf".utf8) + [0xe9] + Array(",up\nno,down\n".utf8)
    try files.put(text, at: "data/t.csv")
    let data = try files.load(
      "dataset: {csv: {training: t.csv, text: review, label: mood, tokens: bytes}}"
    ).training
    #expect(try data.rows("samples") == [[0x63, 0x61, 0x66, 0xe9], [0x6e, 0x6f, 0, 0]])
    files.expectMore(
      "dataset: {csv: {training: t.csv, text: review, label: mood}}", fails: .badData,
      "t.csv:2': byte 3 (0xe9) is not UTF-8")
  }

  @Test(arguments: [
    (
      "text: review, label: mood", "review,mood\na,up\n,down\n",
      "t.csv:3: column 'review' has no text"
    ),
    ("text: comment, label: mood", reviews, "there is no column 'comment'"),
    ("text: mood, label: mood", reviews, "column 'mood' is named twice"),
    ("text: review, label: mood", "review,mood\n", "holds no samples"),
  ])
  func mistakesAreNamed(_ settings: String, _ text: String, _ message: String) throws {
    try files.put(text, at: "data/t.csv")
    files.expect("dataset: {csv: {training: t.csv, \(settings)}}", fails: .badData, message)
  }

  @Test(arguments: [
    ("label: mood, length: 4", "csv.length", "is for a column of text"),
    ("label: mood, tokens: bpe", "csv.tokens", "is for a column of text"),
    ("text: review, targets: [id], window: {length: 2}", "csv.window", "either a text or a window"),
    ("text: review, label: mood, categorical: [id]", "csv.categorical", "the text alone"),
    ("text: review, label: mood, vocabulary: pairs", "csv.vocabulary", "only byte pairs"),
    ("text: review", "csv.training", "either label"),
  ])
  func settingsAreChecked(_ settings: String, _ key: String, _ message: String) throws {
    try files.put(Self.reviews, at: "data/t.csv")
    files.expect(
      "dataset: {csv: {training: t.csv, \(settings)}}", fails: .badConfiguration, key, message)
  }

  /// A coding that does not fit itself.
  @Test(arguments: [
    ("length: 6", "length: 8"), ("number: int32", "number: float32"),
    ("name: lengths", "name: length"), (", length: 6}", "}"),
    (
      "  - {name: \"review\", length: 6}",
      "  - {name: \"review\", length: 6}\n  - {name: \"x\", length: 6}"
    ),
  ])
  func codingsAreChecked(_ old: String, _ new: String) throws {
    let text = try load("text: review, label: mood").training.coding.text
    try #require(text.contains(old), "\(text)")
    let failure = #expect(throws: Failure.self) {
      _ = try SampleCoding(text: text.replacing(old, with: new), source: "x")
    }
    #expect(failure?.code == .badData)
  }
}

extension DataFolder {
  /// A failure beside the cache of other settings.
  fileprivate func expectMore(_ data: String, fails code: ExitCode, _ text: String) {
    let failure = failure(data)
    #expect(failure?.code == code)
    #expect(failure?.message.contains(text) == true, "\(failure?.message ?? "")")
  }
}
