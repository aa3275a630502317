import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// Texts and their translations, from a CSV file or drawn, to the translations of new texts.
  @Suite struct Translations {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private static let words = [
      ("one", "eins"), ("two", "zwei"), ("red", "rot"), ("cat", "katze"), ("dog", "hund"),
    ]

    /// Sentences of one to four words; a translation has them in the opposite order.
    private static func sentences(_ seeds: Range<Int>) -> [(text: String, translation: String)] {
      var random = XorShift(seed: 9)
      return (0..<seeds.upperBound).map { _ in
        let count = 1 + Int(random.number(in: 0...3.99))
        let chosen = (0..<count).map { _ in words[Int(random.number(in: 0...4.99))] }
        return (
          chosen.map(\.0).joined(separator: " "),
          chosen.reversed().map(\.1).joined(separator: " ")
        )
      }.dropFirst(seeds.lowerBound).map(\.self)
    }

    private func write(_ seeds: Range<Int>, to name: String) throws {
      try workspace.folder.write(
        "german,english\n"
          + Self.sentences(seeds).map { "\($0.translation),\($0.text)\n" }.joined(), to: name)
    }

    private func run(_ words: String...) throws -> ChildProcess.Ending {
      try workspace.start(words).wait()
    }

    private func configure(_ more: String = "", classes: Int = 12, epochs: Int = 8) throws {
      try write(0..<800, to: "pairs.csv")
      try write(800..<1100, to: "test.csv")
      try workspace.folder.write(
        """
        name: words
        data:
          dataset: {csv: {training: pairs.csv, test: test.csv, text: english, translation: german\(more)}}
          batch: 16
        shards: 4
        model:
          - embedding: {name: read, size: 12}
          - gru: {name: encoder, units: 16, direction: both, lengths: lengths}
          - embedding: {name: written, input: previous, size: 12}
          - lstm: {units: 32, input: [written, encoder], attention: 16, memory_lengths: lengths}
          - dense: \(classes)
        loss: cross_entropy
        optimizer: {adam: 0.01}
        train: {epochs: \(epochs)}
        """, to: "words.yaml")
    }

    /// A network that reads the pairs of a file translates texts that it has never seen.
    @Test func aFileOfPairsIsLearned() throws {
      try configure()
      let ending = try run("train", "words.yaml")
      try #require(ending.status == 0, "\(ending.errors)")
      for options in [[], ["--beam", "4"], ["--input", "test.csv"]] {
        let score = try workspace.start(["evaluate", "runs/words", "--json"] + options).wait()
        try #require(score.status == 0, "\(score.errors)")
        let found = try CommandTests.object(score.output)
        #expect(found["exact"] as? Int ?? 0 >= 291, "\(options) \(found["exact"] ?? "")")
        #expect(found["beam"] as? Int == (options.first == "--beam" ? 4 : 1))
      }
      let lines = try run("evaluate", "runs/words").output
      #expect(lines.contains("translated exactly: ") && lines.contains("greedy search"))
      try workspace.folder.write("red cat\r\ntwo dog\n", to: "new.txt")
      let greedy = try run("predict", "runs/words", "--input", "new.txt")
      #expect(greedy.output == "katze rot\nhund zwei\n", "\(greedy.errors)")
      let beam = try CommandTests.object(
        run("predict", "runs/words", "--input", "new.txt", "--beam", "3", "--json").output)
      let found = try #require(beam["translations"] as? [[String: Any]])
      #expect(found.map { $0["translation"] as? String } == ["katze rot", "hund zwei"])
      #expect(found.allSatisfy { ($0["log_probability"] as? Double).map { $0 <= 0 } == true })
      CommandTests.expectRefusal(
        try run("sample", "runs/words", "--prompt", "red"), 78,
        ["translates and continues no text: use nn-dist predict"])
      // A text of one symbol too many, and one with a symbol that training had not.
      try workspace.folder.write("red cat\none two one two one\n", to: "new.txt")
      CommandTests.expectRefusal(
        try run("predict", "runs/words", "--input", "new.txt"), 65,
        ["'new.txt': line 2 has 5 words: expected 1 to 4"])
      try workspace.folder.write("red cat\n\ntwo dog\n", to: "new.txt")
      CommandTests.expectRefusal(
        try run("predict", "runs/words", "--input", "new.txt"), 65,
        ["'new.txt': line 2 has 0 words: expected 1 to 4"])
      try workspace.folder.write("red mouse\n", to: "new.txt")
      let unknown = try run("predict", "runs/words", "--input", "new.txt")
      #expect(unknown.status == 0 && unknown.errors.contains("1 symbol is no token"))
    }

    /// The same bytes at any number of ranks.
    @Test func checkpointsAreTheSameOnAllRanks() throws {
      try configure(epochs: 1)
      var first: Bytes?
      for ranks in [1, 2, 4] {
        let ending = try workspace.train("words.yaml", in: "ranks\(ranks)", [], ranks: ranks)
        try #require(ending.status == 0, "\(ending.errors)")
        let bytes = try workspace.newestCheckpoint(of: "ranks\(ranks)")
        first = first ?? bytes
        #expect(bytes == first)
      }
    }

    @Test(arguments: [
      ("", 3, "has 12 classes"), (", label: english", 12, "found 2"),
      (", tokens: bpe, vocabulary: 200", 12, "expected at least 256"),
    ])
    func mistakesHaveOneLine(more: String, classes: Int, message: String) throws {
      try configure(more, classes: classes)
      CommandTests.expectRefusal(try run("train", "words.yaml"), 78, [message])
    }

    @Test func aTranslationNeedsAText() throws {
      try configure()
      let text = try String(
        contentsOfFile: workspace.folder.path(of: "words.yaml"), encoding: .utf8)
      try workspace.folder.write(text.replacing("text: english, ", with: ""), to: "words.yaml")
      CommandTests.expectRefusal(
        try run("train", "words.yaml"), 78, ["is for a column of text: add text or leave it out"])
    }

    @Test func otherNetworksHaveNoBeam() throws {
      try workspace.folder.write(
        """
        name: pairs
        data: {dataset: gaussians8, batch: 16, train_samples: 64, test_samples: 16}
        model: [{dense: 8}]
        loss: cross_entropy
        optimizer: sgd
        train: {epochs: 1}
        """, to: "other.yaml")
      #expect(try run("train", "other.yaml").status == 0)
      CommandTests.expectRefusal(
        try run("evaluate", "runs/pairs", "--beam", "2"), 64, ["--beam is for runs that translate"])
    }
  }
}
