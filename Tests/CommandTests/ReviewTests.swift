import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// A column of texts with a class each, from a CSV file to the classes of new texts.
  @Suite struct Reviews {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private static let good = ["good", "funny", "clever", "warm"]
    private static let bad = ["dull", "loud", "silly", "weak"]

    /// Reviews whose words are those of their opposites: only the place of `not` tells.
    private static func reviews(_ seeds: Range<Int>) -> [(text: String, mood: String)] {
      var reviews: [(text: String, mood: String)] = []
      for seed in seeds {
        let (one, other) = (good[seed % 4], bad[seed / 4 % 4])
        let opening = ["the film is", "this was", "it seems"][seed / 16 % 3]
        let joint = ["and", "but"][seed / 48 % 2]
        reviews += [
          ("\(opening) not \(one) \(joint) \(other)", "down"),
          ("\(opening) \(one) \(joint) not \(other)", "up"),
          ("\(opening) not \(other) \(joint) \(one)", "up"),
          ("\(opening) \(other) \(joint) not \(one)", "down"),
        ]
      }
      return reviews
    }

    private func write(_ reviews: [(text: String, mood: String)], to name: String) throws {
      try workspace.folder.write(
        "id,mood,review\n"
          + reviews.enumerated().map { "\($0),\($1.mood),\"\($1.text)\"\n" }.joined(), to: name)
    }

    private func run(_ words: String...) throws -> ChildProcess.Ending {
      try workspace.start(words).wait()
    }

    private func train(_ more: String = "") throws -> ChildProcess.Ending {
      // A prime, so that all combinations occur in both.
      let all = Self.reviews(0..<96)
      let test = all.enumerated().filter { $0.offset % 5 == 0 }.map(\.element)
      try write(all.enumerated().filter { $0.offset % 5 != 0 }.map(\.element), to: "train.csv")
      try write(
        test + [("the film is not good and long", "down")], to: "test.csv")
      try workspace.folder.write(
        """
        name: reviews
        data: {dataset: {csv: {training: train.csv, test: test.csv, text: review, label: mood\(more)}}, batch: 16}
        model: [{embedding: {size: 8}}, {lstm: {units: 16, lengths: lengths, output: last}}, {dense: 2}]
        loss: cross_entropy
        optimizer: {adam: 0.02}
        train: {epochs: 12}
        """, to: "reviews.yaml")
      return try run("train", "reviews.yaml", "--fresh")
    }

    @Test func theOrderOfWordsIsLearned() throws {
      let ending = try train()
      try #require(ending.status == 0, "\(ending.errors)")
      #expect((ending.output + ending.errors).contains("1 symbol unknown"), "\(ending.output)")
      let score = try CommandTests.object(run("evaluate", "runs/reviews", "--json").output)
      #expect(try #require(score["accuracy"] as? Double) > 0.98, "\(score)")
      // The file as data of others, by the tokens of the checkpoint.
      let other = try CommandTests.object(
        run("evaluate", "runs/reviews", "--input", "test.csv", "--json").output)
      #expect(other["loss"] as? Double == score["loss"] as? Double)
      try workspace.folder.write(
        "review,stars\nthis was good but not weak,3\nthis was weak but not good,1\nunseen words,2\n",
        to: "new.csv")
      let predictions = try run("predict", "runs/reviews", "--input", "new.csv")
      #expect(predictions.status == 0, "\(predictions.errors)")
      #expect(predictions.errors == "'new.csv': 2 symbols unknown\n")
      let classes = predictions.output.split(separator: "\n").map { $0.prefix { $0 != "\t" } }
      #expect(classes.count == 3 && classes[..<2] == ["up", "down"], "\(predictions.output)")
      // Training may be gone; a text needs its column.
      try FileManager.default.removeItem(atPath: workspace.folder.path(of: "train.csv"))
      #expect(try run("predict", "runs/reviews", "--input", "new.csv").output == predictions.output)
      try workspace.folder.write("text\nthis was good\n", to: "new.csv")
      CommandTests.expectRefusal(
        try run("predict", "runs/reviews", "--input", "new.csv"), 65,
        ["there is no column 'review', which the training data have"])
      try workspace.folder.write("review,stars\nthis was good,1\n\"\",2\n", to: "new.csv")
      CommandTests.expectRefusal(
        try run("predict", "runs/reviews", "--input", "new.csv"), 65,
        ["new.csv:3: column 'review' has no text"])
    }

    /// Also without lengths, with other tokens, and for a number instead of a class.
    @Test func otherTokensAndTargets() throws {
      for more in [
        ", tokens: characters, length: 24", ", tokens: bpe, vocabulary: 300", ", tokens: bytes",
      ] {
        let ending = try train(more)
        #expect(ending.status == 0, "\(more): \(ending.errors)")
        let found = try run("predict", "runs/reviews", "--input", "test.csv")
        #expect(found.status == 0 && found.output.split(separator: "\n").count > 70)
      }
      try workspace.folder.write(
        """
        name: numbers
        data: {dataset: {csv: {training: train.csv, text: review, targets: [id]}}, validation: 0.2, batch: 16}
        model: [{embedding: {size: 4}}, {gru: {units: 4, output: last}}, {dense: 1}]
        loss: mse
        optimizer: {adam: 0.01}
        train: {epochs: 1}
        """, to: "numbers.yaml")
      let ending = try run("train", "numbers.yaml")
      #expect(ending.status == 0, "\(ending.errors)")
      let found = try run("predict", "runs/numbers", "--input", "test.csv")
      #expect(found.status == 0, "\(found.errors)")
    }
  }
}
