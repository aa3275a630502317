import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// Text files, from the file to a network's loss.
  @Suite struct Texts {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private func configure(_ text: String, outputs: Int) throws {
      try workspace.folder.write(
        """
        name: text
        data: {dataset: {text: {training: t.txt, length: 12, \(text)}}, validation: 0.2, batch: 4}
        model: [{embedding: {size: 4}}, {gru: 6}, {dense: \(outputs)}]
        loss: cross_entropy
        optimizer: {adam: 0.01}
        train: {epochs: 2}
        """, to: "text.yaml")
    }

    private func run(
      _ words: String..., also more: [String] = []
    ) throws -> ChildProcess.Ending {
      try workspace.start(words + more).wait()
    }

    @Test(arguments: [
      ("tokens: characters", 16), ("tokens: words", 14), ("tokens: bytes", 256),
      ("tokens: bpe, vocabulary: 270", 270),
    ])
    func aTextIsLearned(text: String, outputs: Int) throws {
      let words = "the cat sat on a mat and the dog ran to it. "
      // The end has a symbol that training lacks.
      try workspace.folder.write(String(repeating: words, count: 40) + "zz", to: "t.txt")
      try configure(text, outputs: outputs)
      let ending = try run("train", "text.yaml")
      #expect(ending.status == 0, "\(ending.output)\(ending.errors)")
      let isUnknown = outputs < 100
      #expect((ending.output + ending.errors).contains(" unknown") == isUnknown)
      let score = try run("evaluate", "runs/text", "--json")
      #expect(score.status == 0, "\(score.errors)")
      let loss = try #require(try CommandTests.object(score.output)["loss"] as? Double)
      #expect(0 < loss && loss < 6)
      // Another vocabulary needs another network.
      try configure(text, outputs: 3)
      CommandTests.expectRefusal(
        try run("train", "text.yaml", "--fresh"), 78, ["has \(outputs) classes"])
    }

    private struct Metrics: Decodable {
      let table: [[Double]]
      let length: Int
      let text: String
      let other: String
      let text_metrics: [String: Double]
      let other_metrics: [String: Double]
    }

    /// A network of one table, whose metrics NumPy knows; the same digits on any number of ranks.
    @Test func metricsAreThoseOfNumPy() throws {
      let known = try JSONDecoder().decode(
        Metrics.self,
        from: Data(
          contentsOf: URL(fileURLWithPath: "\(Workspace.repository)/Tests/References/")
            .appendingPathComponent("text_metrics.json")))
      try workspace.folder.write(known.text, to: "t.txt")
      try workspace.folder.write(known.other, to: "u.txt")
      let size = known.table.count
      let identity = (0..<size).map { row in (0..<size).map { $0 == row ? 1 : 0 } }
      try workspace.folder.write(
        """
        name: table
        data: {dataset: {text: {training: t.txt, test: u.txt, length: \(known.length)}}, batch: 4}
        model:
          - embedding: {size: \(size), weight: \(known.table), freeze: weight}
          - dense: {units: tokens, bias: false, weight: \(identity)}
        loss: cross_entropy
        optimizer: {sgd: 1e-30}
        train: {steps: 1}
        """, to: "table.yaml")
      let training = try run("train", "table.yaml")
      #expect(training.status == 0, "\(training.errors)")
      for part in ["accuracy", "perplexity", "bits_per_byte"] {
        #expect(training.output.contains(" \(part) "))
      }
      for (words, metrics) in [
        (["--split", "train"], known.text_metrics), ([], known.other_metrics),
        (["--input", "u.txt"], known.other_metrics),
      ] {
        let ending = try run("evaluate", "runs/table", "--json", also: words)
        let found = try CommandTests.object(ending.output)
        for (name, value) in metrics {
          let number = try #require((found[name] as? NSNumber)?.doubleValue, "\(name)")
          #expect(abs(number - value) < 1e-6 * max(1, value), "\(name) \(number), not \(value)")
        }
        let ranks = try workspace.start(
          ["evaluate", "runs/table", "--json"] + words, ranks: 3
        ).wait()
        #expect(ranks.output == ending.output)
      }
      let lines = try run("evaluate", "runs/table", "--input", "u.txt").output
      #expect(
        lines.contains(
          "'u.txt' loss 2.2353 nats  accuracy 15.15 % (60 of 396)  perplexity 9.3494  "
            + "bits_per_byte 1.7494\n53 symbols are no tokens of the network: unknown\n"))
    }

    /// The surprise of each token, which is the loss of the only sample.
    @Test func predictionsTellHowProbableEachTokenWas() throws {
      try workspace.folder.write(
        String(repeating: "the cat sat on a mat and the dog ran to it. ", count: 40), to: "t.txt")
      try workspace.folder.write("the dog sat \u{1f600}", to: "u.txt")
      try configure("tokens: characters", outputs: 16)
      #expect(try run("train", "text.yaml").status == 0)
      let found = try CommandTests.object(
        try run("predict", "runs/text", "--input", "u.txt", "--json").output)
      let rows = try #require(found["predictions"] as? [[String: Any]])
      #expect(rows.compactMap { $0["token"] as? String }.joined() == "he dog sat \u{fffd}")
      #expect(found["unknown_symbols"] as? Int == 1)
      let nats = rows.compactMap { $0["nats"] as? Double }
      let score = try CommandTests.object(
        try run("evaluate", "runs/text", "--input", "u.txt", "--json").output)
      let loss = try #require(score["loss"] as? Double)
      #expect(abs(nats.reduce(0, +) / 12 - loss) < 1e-5, "\(nats), not \(loss)")
      let lines = try run("predict", "runs/text", "--input", "u.txt")
      #expect(lines.output.split(separator: "\n").count == 12)
      #expect(lines.output.hasPrefix("'h'\t\(String(format: "%.4f", nats[0]))\t'"))
      #expect(lines.errors.contains("1 symbol is no token of the network"))
      try workspace.folder.write("t", to: "one.txt")
      CommandTests.expectRefusal(
        try run("predict", "runs/text", "--input", "one.txt"), 65,
        ["'one.txt': expected a text of at least 2 tokens, found 1"])
    }

    /// Sentences in which most words follow from those around them.
    private func configureMasks(_ tokens: String) throws {
      let pairs = [("cat", "meows"), ("dog", "barks"), ("cow", "moos"), ("hen", "clucks")]
      let words = (0..<1200).map { place in
        let (animal, sound) = pairs[place * place / 7 % 4]
        return "the \(animal) \(sound) at a \(pairs[place * 5 % 4].0) . "
      }
      try workspace.folder.write(words.joined(), to: "t.txt")
      try workspace.folder.write(
        """
        name: text
        data: {dataset: {text: {training: t.txt, length: 16, \(tokens)}}, masked: 0.15, validation: 0.2, batch: 8}
        model:
          - embedding: {size: 16}
          - positions: learned
          - transformer: {blocks: 1, heads: 2}
          - lstm: {units: 16, direction: both}
          - dense: tokens
        loss: cross_entropy
        optimizer: {adam: 0.01}
        train: {epochs: 12}
        """, to: "text.yaml")
    }

    /// From the words around it a network learns which one is hidden, and names it.
    @Test func hiddenWordsAreFilledIn() throws {
      try configureMasks("tokens: words")
      let training = try run("train", "text.yaml")
      #expect(training.status == 0, "\(training.errors)")
      #expect(training.output.contains(" perplexity "))
      #expect(!training.output.contains("bits_per_byte"))
      let score = try CommandTests.object(
        try run("evaluate", "runs/text", "--split", "validation", "--json").output)
      let loss = try #require(score["loss"] as? Double)
      let perplexity = try #require(score["perplexity"] as? Double)
      #expect(loss < 0.9)
      #expect(abs(perplexity - exp(loss)) < 1e-9)
      #expect(score["bits_per_byte"] == nil)
      let samples = try #require(score["samples"] as? Int)
      let line = try run("evaluate", "runs/text", "--split", "validation").output
      #expect(line.contains(" nats  accuracy "))
      #expect(line.contains(" of \(2 * samples))"))
      // Two masks in one text, a text longer than a sample, one of a single token.
      let long = String(repeating: " the hen clucks at a cow .", count: 4)
      let texts = [
        " the cat [MASK] at a dog . the [MASK] moos at a hen .",
        "\(long) the dog[MASK] at a cow .\(long)", "[MASK]",
      ]
      try workspace.folder.write(texts.joined(separator: "\n") + "\n", to: "u.txt")
      let ending = try run("predict", "runs/text", "--input", "u.txt")
      #expect(ending.status == 0, "\(ending.errors)")
      let lines = ending.output.split(separator: "\n").map { $0.split(separator: "\t") }
      #expect(lines.count == 7)
      for (row, word) in [(0, "meows"), (1, "cow"), (3, "barks")] {
        #expect(lines[row].count == 11)
        #expect(lines[row].prefix(2).map { String($0) } == ["[MASK]", "' \(word)'"])
      }
      #expect(lines[2].map { String($0) } == [" the cat meows at a dog . the cow moos at a hen ."])
      #expect(lines[4].map { String($0) } == ["\(long) the dog barks at a cow .\(long)"])
      let found = try CommandTests.object(
        try run("predict", "runs/text", "--input", "u.txt", "--json").output)
      let all = try #require(found["texts"] as? [[String: Any]])
      #expect(all.map { $0["text"] as? String } == texts)
      #expect(all[1]["completed"] as? String == String(lines[4][0]))
      let masks = try #require(all[0]["masks"] as? [[[String: Any]]])
      #expect(masks.map(\.count) == [5, 5])
      #expect(masks[1][0]["token"] as? String == " cow")
      let probabilities = masks[0].compactMap { $0["probability"] as? Double }
      #expect(probabilities.count == 5 && probabilities[0] > 0.5)
      #expect(probabilities == probabilities.sorted(by: >))
      #expect(found["unknown_symbols"] as? Int == 0)
    }

    @Test func hiddenTokensOfAnyKind() throws {
      for (tokens, prompt) in [
        ("tokens: characters", "the c[MASK]t"), ("tokens: bytes", "the [MASK]at"),
        ("tokens: bpe, vocabulary: 280", "the [MASK] meows"),
      ] {
        try configureMasks(tokens)
        let training = try workspace.start(
          ["train", "text.yaml", "--fresh"] + Workspace.settings(["train={steps: 3}"])
        ).wait()
        #expect(training.status == 0, "\(training.errors)")
        try workspace.folder.write(prompt, to: "u.txt")
        let ending = try run("predict", "runs/text", "--input", "u.txt")
        #expect(ending.status == 0, "\(ending.errors)")
        #expect(ending.output.hasPrefix("[MASK]\t"))
      }
    }

    @Test func hiddenTokensHaveTheirOwnMistakes() throws {
      try configureMasks("tokens: words")
      let steps = Workspace.settings(["train={steps: 2}"])
      #expect(try workspace.start(["train", "text.yaml"] + steps).wait().status == 0)
      try workspace.folder.write("the [MASK] meows\n\nthe cat\n", to: "u.txt")
      CommandTests.expectRefusal(
        try run("predict", "runs/text", "--input", "u.txt"), 65,
        ["u.txt:2: expected a text with [MASK] for each token to be filled in"])
      CommandTests.expectRefusal(
        try run("sample", "runs/text", "--prompt", "the"), 78,
        ["predicts hidden tokens, not the next one: use nn-dist predict with [MASK] in a text"])
      for (settings, status, message) in [
        (["data.order=streams"], 78, "leave masked or order: streams out"),
        (
          ["model=[{embedding: {size: 4}}, {gru: {units: 4, carry: true}}, {dense: tokens}]"], 78,
          "leave carry or masked out"
        ),
        (
          ["train={steps: 2, metrics: [bits_per_byte]}"], 64,
          "bits_per_byte is for texts whose next tokens are predicted: use perplexity"
        ),
        (
          ["model=[{embedding: {size: 4}}, {gru: 4}, {dense: 10}]"], 64,
          "it is to make 16x14 of a sample: end it with 'dense: tokens'"
        ),
      ] as [([String], Int32, String)] {
        CommandTests.expectRefusal(
          try workspace.start(["train", "text.yaml", "--fresh"] + Workspace.settings(settings))
            .wait(), status, [message])
      }
      // A network that cannot read fewer steps says so.
      let flat = Workspace.settings([
        "model=[{embedding: {size: 2}}, flatten, {dense: 224}, {reshape: [16, 14]}]",
        "train={steps: 2}",
      ])
      #expect(try workspace.start(["train", "text.yaml", "--fresh"] + flat).wait().status == 0)
      try workspace.folder.write("the [MASK] meows\n", to: "u.txt")
      CommandTests.expectRefusal(
        try run("predict", "runs/text", "--input", "u.txt"), 65,
        ["u.txt:1: the network reads 16 tokens and no fewer, found 3: give a longer text"])
    }

    private struct BadText: Sendable {
      let text: String
      var gru = "6"
      var status: Int32 = 65
      let line: String
    }

    private static let badTexts = [
      BadText(
        text: "latin.txt",
        line: "'./latin.txt': byte 3 (0xe9) is not UTF-8, counted from 0; convert the file, or use "
          + "'tokens: bytes' or 'tokens: bpe'"),
      BadText(
        text: "short.txt, length: 5",
        line: "'./short.txt': expected more than the 5 tokens of a sample, found 5; give a longer "
          + "text, or set a smaller length"),
      BadText(
        text: "short.txt, tokens: bpe, vocabulary: pairs",
        line: "./pairs/merges.txt:3:1: 'ab' is no token of the vocabulary ('./pairs/vocab.json'); "
          + "give the two files of one tokeniser"),
      BadText(
        text: "short.txt, length: 1", gru: "{units: 4, carry: true}", status: 78,
        line: "text.yaml:2:7: data.order: 'gru1/h_l0' is carried from batch to batch, and shuffled "
          + "batches do not go on from each other: set order: streams, or leave carry out"),
    ]

    @Test(arguments: badTexts.indices)
    func badTextsHaveOneLine(number: Int) throws {
      let bad = Self.badTexts[number]
      try workspace.folder.write("abcde", to: "short.txt")
      try Data([UInt8]("caf".utf8) + [0xe9] + [UInt8](" au lait".utf8)).write(
        to: URL(fileURLWithPath: workspace.folder.path(of: "latin.txt")))
      // The names of bytes in GPT-2's order, and one pair.
      let printable: [UInt32] = Array(0x21...0x7e) + Array(0xa1...0xac) + Array(0xae...0xff)
      let names = (printable + Array(0x100..<0x144)).map { (code: UInt32) -> String in
        UnicodeScalar(code).map { String(Character($0)) } ?? ""
      }
      let vocabulary = Dictionary(
        uniqueKeysWithValues: (names + ["aa"]).enumerated().map { ($1, $0) })
      try FileManager.default.createDirectory(
        atPath: workspace.folder.path(of: "pairs"), withIntermediateDirectories: false)
      try workspace.folder.write(
        String(decoding: try JSONEncoder().encode(vocabulary), as: UTF8.self),
        to: "pairs/vocab.json")
      try workspace.folder.write("#version: 0.2\na a\na b\n", to: "pairs/merges.txt")
      try workspace.folder.write(
        """
        name: text
        data: {dataset: {text: {training: \(bad.text)}}, batch: 1}
        model: [{embedding: {size: 4}}, {gru: \(bad.gru)}, {dense: tokens}]
        loss: cross_entropy
        optimizer: {adam: 0.01}
        train: {epochs: 2}
        """, to: "text.yaml")
      let ending = try run("train", "text.yaml")
      CommandTests.expectRefusal(ending, bad.status, [])
      #expect(ending.errorLines.last.map(String.init) == bad.line)
    }
  }
}
