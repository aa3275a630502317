import Foundation
import FoundationXML
import TestSupport
import Testing

extension CommandTests {
  /// Texts that a network writes, and the pages that show its cells.
  @Suite struct SampledTexts {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private func train(
      _ run: String = "r", tokens: String = "characters", outputs: Int = 17,
      layer: String = "{gru: 12}", ranks: Int? = nil
    ) throws {
      let words = "the cat sat on a mat and the dog ran to it.\n"
      try workspace.folder.write(String(repeating: words, count: 40), to: "t.txt")
      try workspace.folder.write(
        """
        name: text
        data: {dataset: {text: {training: t.txt, length: 12, tokens: \(tokens)}}, validation: 0.2, batch: 4}
        model: [{embedding: {size: 8}}, \(layer), {dense: \(outputs)}]
        loss: cross_entropy
        optimizer: {adam: 0.01}
        train: {epochs: 2}
        """, to: "text.yaml")
      let ending = try workspace.start(
        ["train", "text.yaml", "--run", run], ranks: ranks
      ).wait()
      #expect(ending.status == 0, "\(ending.output)\(ending.errors)")
    }

    private func sample(_ words: String..., ranks: Int? = nil) throws -> String {
      let ending = try workspace.start(["sample"] + words, ranks: ranks).wait()
      #expect(ending.status == 0, "\(ending.errors)")
      return ending.output
    }

    /// The text of a seed is a function of the checkpoint alone, whoever trained or samples.
    @Test func theTextOfASeed() throws {
      try train()
      try train("two", ranks: 2)
      let text = try sample("r", "--prompt", "the ", "--length", "80")
      #expect(text.hasPrefix("the ") && text.count == 85 && text.last == "\n")
      #expect(try sample("two", "--prompt", "the ", "--length", "80") == text)
      #expect(try sample("r", "--prompt", "the ", "--length", "80", ranks: 2) == text)
      let file = try #require(workspace.checkpoints(of: "r").last)
      #expect(
        try sample("r/checkpoints/\(file)", "--prompt=the ", "--length=80", "--seed", "1") == text)
      #expect(try sample("r", "--prompt", "the ", "--length", "80", "--seed", "5") != text)
      let short = try sample("r", "--prompt", "the ", "--length", "30")
      #expect(text.hasPrefix(short.dropLast()))
    }

    @Test func severalPrompts() throws {
      try train()
      try workspace.folder.write("the dog\n\na cat\n", to: "p.txt")
      let all = try sample("r", "--prompt", "it", "--input", "p.txt", "--length", "20")
      let each = try ["it", "the dog", "", "a cat"].map {
        try sample("r", "--prompt=\($0)", "--length", "20")
      }
      #expect(all == each.map { $0.dropLast() }.joined(separator: "\n---\n") + "\n")
      let object = try CommandTests.object(
        sample("r", "--input", "p.txt", "--length", "20", "--count", "2", "--json"))
      #expect(object["seed"] as? Int == 1)
      let texts = try #require(object["texts"] as? [[String: Any]])
      #expect(
        texts.compactMap { $0["prompt"] as? String } == [
          "the dog", "the dog", "", "", "a cat", "a cat",
        ])
      #expect(texts.allSatisfy { $0["tokens"] as? Int == 20 })
      let text = try #require(texts[4]["text"] as? String)
      #expect(each[3] == "a cat\(text)\n")
    }

    @Test(arguments: [("bytes", 256), ("words", 15), ("bpe, vocabulary: 270", 270)])
    func everyTokeniser(tokens: String, outputs: Int) throws {
      try train(tokens: tokens, outputs: outputs)
      let prompt = outputs == 15 ? " cat sat" : "the é"
      let text = try sample("r", "--prompt", prompt, "--length", "40")
      #expect(text.hasPrefix(prompt))
      // It ends before the text of the stop string, which lies across tokens.
      let stop = String(text.dropFirst(prompt.count + 9).prefix(5))
      let ended = try sample("r", "--prompt", prompt, "--length", "40", "--stop", stop)
      let rest = text.dropFirst(prompt.count)
      let place = try #require(rest.firstRange(of: stop)?.lowerBound)
      #expect(ended == "\(prompt)\(rest[..<place])\n")
    }

    @Test func refusals() throws {
      try train()
      try train("b", layer: "{gru: {units: 6, direction: both}}")
      #expect(try workspace.train("mlp.yaml", in: "m").status == 0)
      try workspace.folder.write("the\ncät\n", to: "p.txt")
      try workspace.folder.write("", to: "none.txt")
      for (words, code, texts) in [
        (["r"], 64, ["--prompt TEXT"]), (["r", "--input", "none.txt"], 64, ["--prompt TEXT"]),
        (["r", "--prompt"], 64, ["'--prompt' needs a value"]),
        (["r", "--prompt", "the", "--out", "x.png"], 64, ["--out is for generators"]),
        (["r", "--prompt", "Xy"], 65, ["--prompt: 'X' at byte 0", "16 characters"]),
        (["r", "--input", "p.txt"], 65, ["p.txt:2: 'ä' at byte 1"]),
        (["r", "--input", "gone.txt"], 66, ["gone.txt"]),
        (["r", "--prompt", "the", "--temperature", "-1"], 64, ["'--temperature'", "0 to 100"]),
        (["r", "--prompt", "the", "--temperature", "nan"], 64, ["'--temperature'"]),
        (["r", "--prompt", "the", "--top-k", "0"], 64, ["'--top-k'"]),
        (["r", "--prompt", "the", "--top-p", "1.5"], 64, ["'--top-p'", "0 to 1"]),
        (["r", "--prompt", "the", "--repetition-penalty", "0"], 64, ["'--repetition-penalty'"]),
        (["r", "--prompt", "the", "--stop", ""], 64, ["'--stop' needs a value"]),
        (["r", "--prompt", "the", "--prompt", "a", "--activations", "a.html"], 64, ["one prompt"]),
        (
          ["r", "--prompt", "", "--length", "9999999", "--activations", "a.html"], 64, ["--length"]
        ),
        (["r", "--prompt", "the", "--activations", "p.txt"], 73, ["'p.txt' already exists"]),
        (["r", "--prompt", "the", "--activations", "no/a.html"], 73, ["'no"]),
        (["b", "--prompt", "the"], 78, ["gru1: cannot go step by step", "direction: forward"]),
        (["m", "--prompt", "the"], 78, ["nn-dist predict"]),
        (["none", "--prompt", "the"], 66, ["'none'"]),
      ] as [([String], Int32, [String])] {
        let ending = try workspace.start(["sample"] + words).wait()
        // Only a page that cannot be written is known after the text.
        if words.last != "no/a.html" { #expect(ending.output.isEmpty) }
        CommandTests.expectRefusal(ending, code, texts)
      }
      #expect(!workspace.folder.names(in: ".").contains("a.html"))
    }

    // MARK: Activations

    /// What the page's scripts read.
    private final class Page: NSObject, XMLParserDelegate {
      var data = ""
      var elements: [String: Int] = [:]
      private var isData = false

      func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
        qualifiedName: String?, attributes: [String: String]
      ) {
        elements[name, default: 0] += 1
        isData = attributes["id"] == "data"
      }

      func parser(_ parser: XMLParser, foundCharacters text: String) {
        if isData { data += text }
      }
    }

    /// The text is longer than the context of 12 tokens.
    @Test func attentionOfEachHead() throws {
      try train(
        tokens: "bytes", outputs: 256,
        layer: "{positions: learned}, {transformer: {blocks: 2, heads: 2, causal: true}}")
      _ = try sample("r", "--prompt", "the", "--length", "20", "--activations", "a.html")
      let parser = XMLParser(data: Data(try workspace.folder.text(of: "a.html").utf8))
      let page = Page()
      parser.delegate = page
      #expect(parser.parse(), "\(String(describing: parser.parserError))")
      let data = try CommandTests.object(page.data)
      #expect((data["cells"] as? [Any])?.isEmpty == true)
      let seen = try #require(data["seen"] as? [Int])
      let tokens = try #require(data["tokens"] as? [String])
      #expect(seen.count == tokens.count && seen.max() == 12)
      #expect(Array(seen.prefix(4)) == [1, 2, 3, 4])
      let attention = try #require(data["attention"] as? [[String: Any]])
      #expect(
        attention.map { $0["name"] as? String }
          == ["block1/residual1/attention1", "block2/residual1/attention1"])
      let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_")
      for layer in attention {
        let text = Array(try #require(layer["values"] as? String))
        #expect(layer["heads"] as? Int == 2 && text.count == 2 * 2 * seen.reduce(0, +))
        let unit = try #require(layer["unit"] as? Double)
        var numbers = stride(from: 0, to: text.count, by: 2).map { place -> Double in
          let (high, low) = (
            digits.firstIndex(of: text[place]), digits.firstIndex(of: text[place + 1])
          )
          return unit * Double(64 * (high ?? 0) + (low ?? 0) - 2048)
        }[...]
        // The weights of a head add up to 1 at each token.
        for count in seen.flatMap({ [$0, $0] }) {
          #expect(abs(numbers.prefix(count).reduce(0, +) - 1) < 0.01)
          numbers = numbers.dropFirst(count)
        }
      }
    }

    @Test(arguments: ["bytes", "bpe, vocabulary: 270"])
    func activations(tokens: String) throws {
      try train(
        tokens: tokens, outputs: tokens == "bytes" ? 256 : 270,
        layer: "{lstm: {units: 6, layers: 2}}")
      let hostile = "<script>&\"'</script><!--\u{7} é"
      let text = try sample(
        "r", "--prompt", hostile, "--length", "20", "--activations", "a.html")
      #expect(text.hasPrefix(hostile))
      let parser = XMLParser(data: Data(try workspace.folder.text(of: "a.html").utf8))
      let page = Page()
      parser.delegate = page
      #expect(parser.parse(), "\(String(describing: parser.parserError))")
      #expect(page.elements["script"] == 2 && page.elements["link"] == nil)
      let data = try CommandTests.object(page.data)
      let shown = try #require(data["tokens"] as? [String])
      let given = try #require(data["given"] as? Int)
      #expect(shown.count == given + 20)
      if tokens != "bytes" {
        #expect(shown[..<given].joined().hasPrefix("<script>&\"'</script><!--"))
      }
      let cells = try #require(data["cells"] as? [[String: Any]])
      #expect(cells.count == 12)
      for cell in cells {
        #expect((cell["values"] as? String)?.utf8.count == 2 * 6 * shown.count)
      }
      let best = try #require(data["best"] as? [[Any]])
      #expect(best.count == shown.count && best.allSatisfy { $0.count == 10 })
      // An earlier page is replaced only if that is asked for.
      let again = ["sample", "r", "--prompt", "a", "--length", "0", "--activations", "a.html"]
      #expect(try workspace.start(again).wait().status == 73)
      #expect(try workspace.start(again + ["--force"]).wait().status == 0)
    }
  }
}
