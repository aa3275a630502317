import Datasets
import Diagnostics
import Foundation
import HDF5Files
import TestSupport
import Testing

/// Text files as samples whose targets are the next tokens.
@Suite struct TextFilesTests {
  private let files: DataFolder

  init() throws { files = try DataFolder() }

  @Test func targetsAreTheNextTokens() throws {
    try files.put("abcdefghij", at: "data/t.txt")
    let data = try files.load("dataset: {text: {training: t.txt, length: 3}}").training
    #expect(try data.rows() == [[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    #expect(try data.rows("labels") == [[2, 3, 4], [5, 6, 7], [8, 9, 10]])
    #expect(data.outline.targets == .classes(11, shape: [3]))
    #expect(data.tokens?.decode([3, 1, 2]) == Array("cab".utf8))
    #expect(data.normalisation == .identity)
  }

  /// Samples and targets of more than one block, in any order, and as batches that are read ahead.
  @Test func targetsAreReadWithTheSamples() throws {
    let text = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) }
    try files.put(text, at: "data/t.txt")
    let data = try files.load(
      "dataset: {text: {training: t.txt, length: 13, tokens: bytes}}"
    ).training
    #expect(data.count == 39_999 / 13)
    let order = (0..<data.count).map { Int32(($0 * 1009) % data.count) }
    let shuffled = data.selecting(order)
    let (samples, labels) = (try shuffled.rows(), try shuffled.rows("labels"))
    let tokens = text.map(Int.init)
    for (place, sample) in order.enumerated() {
      let start = 13 * Int(sample)
      #expect(samples[place] == Array(tokens[start..<start + 13]))
      #expect(labels[place] == Array(tokens[start + 1..<start + 14]))
    }
    let loader = try BatchLoader(shuffled, places: 2..<6)
    let batches = [Batch(samples: Array(0..<8)[...]), Batch(samples: Array(100..<108)[...])]
    for (batch, next) in zip(batches, [batches[1], nil]) {
      loader.load(batch, next: next)
      var found = [Int32](repeating: 0, count: 3 * 13)
      unsafe found.withUnsafeMutableBytes { unsafe loader.copy(targetsAt: 3..<6, into: $0) }
      #expect(loader.failure == nil)
      let wanted = batch[3..<6].flatMap { labels[Int($0)] }
      #expect(found.map(Int.init) == wanted)
    }
  }

  /// Tokens are bytes, two bytes or four in a cache, as their number wants it.
  @Test(arguments: [(254, ElementType.uint8), (255, .uint16), (70_000, .int32)])
  func tokensTakeAsFewBytesAsTheyCan(words: Int, stored: ElementType) throws {
    let names = (0..<words).map { number in
      String(decoding: [17_576, 676, 26, 1].map { UInt8(97 + number / $0 % 26) }, as: UTF8.self)
    }
    try files.put(" " + names.joined(separator: " ") + " z z z", at: "data/t.txt")
    let settings = try DataConfigurationTests().decode(
      "data: {dataset: {text: {training: t.txt, length: 7, tokens: words}}, "
        + "from: \(files.path("data")), batch: 1}")
    let cache = try #require(try settings.stored(seed: 1, in: files.places)?.prepare().cache)
    #expect(try HDF5Reader(opening: cache).info(of: "/training/samples").elementType == stored)
    let data = try settings.load(seed: 1, in: files.places).training
    let tokeniser = try #require(data.tokens)
    #expect(tokeniser.size == words + 2)
    let tokens = try tokeniser.encode(file: files.path("data/t.txt")).tokens.map(Int.init)
    let (samples, labels) = (try data.rows(), try data.rows("labels"))
    #expect(samples.flatMap(\.self) == Array(tokens[..<(7 * data.count)]))
    #expect(labels.flatMap(\.self) == Array(tokens[1...(7 * data.count)]))
    let some = data.selecting([Int32(data.count - 1), 0, 3, 4])
    #expect(try some.rows() == [data.count - 1, 0, 3, 4].map { samples[$0] })
    #expect(try some.rows("labels") == [data.count - 1, 0, 3, 4].map { labels[$0] })
    let part = some.selecting(1..<3)
    #expect(try part.rows() == [samples[0], samples[3]])
    #expect(try data.selecting(2..<9).selecting(1..<3).rows() == Array(samples[3..<5]))
    #expect(part.contentHash == some.selecting([1, 2]).contentHash)
  }

  @Test func theEndIsHeldOutAndTeachesNoToken() throws {
    try files.put(String(repeating: "ab", count: 45) + "zabzabzaba", at: "data/t.txt")
    let splits = try files.load(
      "dataset: {text: {training: t.txt, length: 9}}, validation: 0.1")
    #expect(splits.training.count == 10)
    #expect(splits.training.tokens?.size == 3)
    let validation = try #require(splits.validation)
    #expect(try validation.rows() == [[0, 1, 2, 0, 1, 2, 0, 1, 2]])
    #expect(try validation.rows("labels") == [[1, 2, 0, 1, 2, 0, 1, 2, 1]])
  }

  /// One line, and a character that the limit cuts, with the word that it begins.
  @Test(arguments: ["bpe, vocabulary: 258", "words", "characters"])
  func tokensAreLearnedUpToTheLimit(tokens: String) throws {
    let text = String(repeating: "abé ", count: 40) + "é" + String(repeating: "z", count: 20)
    try files.put(text, at: "data/t.txt")
    let splits = try files.load(
      "dataset: {text: {training: t.txt, length: 4, tokens: \(tokens)}}, validation: 0.095")
    #expect(
      splits.training.tokens?.size == (tokens == "words" ? 3 : tokens == "characters" ? 5 : 258))
  }

  @Test func aFolderIsReadInTheOrderOfNames() throws {
    try files.put("ab", at: "data/texts/b.txt")
    try files.put("cd", at: "data/texts/c/a.txt")
    try files.put("ef", at: "data/texts/a")
    try files.put("no", at: "data/texts/.hidden")
    let data = try files.load(
      "dataset: {text: {training: texts, length: 5, tokens: bytes}}"
    ).training
    #expect(try data.rows() == [Array("efabc".utf8).map(Int.init)])
  }

  @Test func tokensOfTrainingReadOtherTexts() throws {
    try files.put("the cat sat on the mat", at: "data/t.txt")
    try files.put("the dog sat", at: "data/u.txt")
    for unit in ["characters", "words", "bpe", "bytes"] {
      let size = unit == "bpe" ? ", vocabulary: 260" : ""
      let trained = try files.load(
        "dataset: {text: {training: t.txt, test: u.txt, length: 2, tokens: \(unit)\(size)}}")
      let tokeniser = try #require(trained.training.tokens)
      let expected = try tokeniser.encode(Array("the dog sat".utf8)).map(Int.init)
      #expect(try trained.test.rows()[0] == Array(expected[..<2]))
      #expect(try trained.test.rows("labels")[0] == Array(expected[1..<3]))
      // The coding of a checkpoint decides, not what the file would teach.
      let coding = try SampleCoding(text: trained.training.coding.text, source: "x")
      #expect(coding == trained.training.coding)
      let settings = try DataConfigurationTests().decode(
        "data: {dataset: {text: {training: u.txt, length: 2, tokens: \(unit)\(size)}}, "
          + "from: \(files.path("data")), batch: 1}")
      let other = try settings.load(seed: 1, as: KnownCoding(coding), in: files.places).training
      #expect(other.tokens == tokeniser)
      #expect(try other.rows() == trained.test.rows())
      let input = StoredDataset(
        LabelledInput(files.path("data/u.txt")), for: coding, in: files.places)
      let given = try Dataset(input: input.prepare().cache, for: coding)
      #expect(try given.rows() == trained.test.rows())
      #expect(try given.rows("labels") == trained.test.rows("labels"))
    }
  }

  @Test func unknownSymbolsAreCounted() throws {
    try files.put("aabbaabb", at: "data/t.txt")
    try files.put("abcde", at: "data/u.txt")
    let settings = try DataConfigurationTests().decode(
      "data: {dataset: {text: {training: t.txt, test: u.txt, length: 2}}, "
        + "from: \(files.path("data")), batch: 1}")
    let built = try settings.stored(seed: 1, in: files.places)?.prepare().built
    #expect(built?.unknownSymbols == 3)
  }

  @Test func vocabulariesOfOthersAreRead() throws {
    try files.put(Array(reference("vocab.json")), at: "data/pairs/vocab.json")
    try files.put(Array(reference("merges.txt")), at: "data/pairs/merges.txt")
    try files.put(Array(reference("other.txt")), at: "data/t.txt")
    let data = try files.load(
      "dataset: {text: {training: t.txt, length: 8, tokens: bpe, vocabulary: pairs}}"
    ).training
    #expect(try data.tokens == learned(.bpe, reference("text.txt"), size: 1000))
  }

  @Test(arguments: [
    ("training: short.txt, length: 5", "expected more than the 5 tokens of a sample, found 5"),
    ("training: latin.txt", "latin.txt': byte 3 (0xe9) is not UTF-8"),
    ("training: none.txt", "there is no 'none.txt'"),
    ("training: short.txt, tokens: bpe, vocabulary: 255", "expected at least 256"),
    ("training: short.txt, tokens: bytes, vocabulary: 255", "leave it out"),
    ("training: short.txt, vocabulary: pairs", "only byte pairs"),
    ("training: short.txt, tokens: bpe, vocabulary: pairs", "there is no 'pairs/vocab.json'"),
    ("training: folder", "folder' holds no files"),
  ])
  func otherTextsAreRefused(text: String, message: String) throws {
    try files.put("abcde", at: "data/short.txt")
    try files.put(Array("caf".utf8) + [0xe9] + Array(" au lait".utf8), at: "data/latin.txt")
    try files.put("", at: "data/folder/.keep")
    let failure = #expect(throws: Failure.self) {
      try files.load("dataset: {text: {\(text)}}")
    }
    #expect(failure?.message.contains(message) == true, "\(failure?.message ?? "")")
  }
}
