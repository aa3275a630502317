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

    private func run(_ words: String...) throws -> ChildProcess.Ending {
      try workspace.start(words).wait()
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
      #expect((ending.output + ending.errors).contains("symbols unknown") == isUnknown)
      let score = try run("evaluate", "runs/text", "--json")
      #expect(score.status == 0, "\(score.errors)")
      let loss = try #require(try CommandTests.object(score.output)["loss"] as? Double)
      #expect(0 < loss && loss < 6)
      // Another vocabulary needs another network.
      try configure(text, outputs: 3)
      CommandTests.expectRefusal(
        try run("train", "text.yaml", "--fresh"), 78, ["has \(outputs) classes"])
    }
  }
}
