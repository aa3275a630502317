import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// A user's mistake is one line with the right status, and nothing else comes of it.
  @Suite struct Refusals {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    /// What is typed, and what comes of it.
    struct Mistake: CustomTestStringConvertible, Sendable {
      let words: [String]
      let status: Int32
      let texts: [String]

      init(_ words: String..., status: Int32, says texts: String...) {
        self.words = words
        self.status = status
        self.texts = texts
      }

      var testDescription: String { words.joined(separator: " ") }
    }

    private func expectRefusal(
      of mistake: Mistake, ranks: Int? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let ending = try workspace.start(mistake.words, ranks: ranks).wait()
      CommandTests.expectRefusal(
        ending, mistake.status, mistake.texts, sourceLocation: sourceLocation)
      #expect(ending.output.isEmpty, "\(ending.output)", sourceLocation: sourceLocation)
      #expect(!workspace.folder.exists("runs"), sourceLocation: sourceLocation)
    }

    /// One mistake for each stage of a start: all ranks learn of it, and one speaks.
    @Test(arguments: [
      Mistake("trian", "mlp.yaml", status: 64, says: "did you mean 'train'"),
      Mistake("train", "none.yaml", status: 66, says: "none.yaml", "No such file"),
      Mistake("train", "mlp.yaml", "--set", "seed=ten", status: 64, says: "--set seed"),
      Mistake("train", "mlp.yaml", "--set", "data.batch=20000", status: 64, says: "10,000"),
      Mistake("train", "mlp.yaml", "--set", "model=[dense: 10]", status: 64, says: "dense1:"),
      Mistake("summary", "mlp.yaml", "--set", "shards=1", status: 78, says: "2 ranks", "1 shard"),
      Mistake("evaluate", "none.h5", status: 66, says: "none.h5"),
      Mistake("explain", "mazur.yaml", "--sample", "1", status: 64, says: "--sample", "0 to 0"),
      Mistake(
        "explain", "mazur.yaml", "--tensor", "hiden", status: 64, says: "did you mean 'hidden'"),
      Mistake(
        "gradcheck", "mazur.yaml", "--through-time", status: 64, says: "no recurrent layer"),
    ])
    func ranksSpeakOnce(_ mistake: Mistake) throws { try expectRefusal(of: mistake, ranks: 2) }

    /// Ranks that were started with different words find out before they train.
    @Test func ranksThatDiffer() throws {
      let program = try #require(Workspace.program)
      for (other, status, texts) in [
        ("conv.yaml", 76, ["the ranks disagree on the configuration", "rank 1 on host"]),
        ("none.yaml", 66, ["rank 1 on host", "cannot read none.yaml"]),
      ] as [(String, Int32, [String])] {
        let ending = try workspace.startCommand(
          ["mpirun", "-q", "--timeout", "60", "--oversubscribe", "-np", "1", program, "train"]
            + ["mlp.yaml", ":", "-np", "1", program, "train", other]
        ).wait()
        CommandTests.expectRefusal(ending, status, texts)
      }
    }

    // MARK: The command line

    private static let usageMistakes = [
      Mistake(status: 64, says: "no command", "train"),
      Mistake("trian", "mlp.yaml", status: 64, says: "'trian'", "did you mean 'train'"),
      Mistake("train", status: 64, says: "needs CONFIG"),
      Mistake("train", "mlp.yaml", "conv.yaml", status: 64, says: "'conv.yaml'"),
      Mistake("train", "mlp.yaml", "--worker=2", status: 64, says: "did you mean '--workers'"),
      Mistake("train", "mlp.yaml", "--workers", "0", status: 64, says: "from 1 to 1024"),
      Mistake("train", "mlp.yaml", "--resume", "--fresh", status: 64, says: "exclude each other"),
      Mistake("evaluate", "runs/mlp", "--resume", status: 64, says: "unknown option '--resume'"),
      Mistake(
        "train", "mlp.yaml", "--set", "optimizer.adam.leraning_rate=1", status: 64,
        says: "'leraning_rate' in optimizer.adam", "did you mean 'learning_rate'"),
      Mistake("train", "mlp.yaml", "--set", "seed=ten", status: 64, says: "--set seed", "'ten'"),
      Mistake("train", "mlp.yaml", "--set", "train.epochs=0", status: 64, says: "from 1 to"),
      Mistake("summary", "mlp.yaml", "--set", "seed", status: 64, says: "KEY=VALUE"),
      Mistake("train", "mlp.yaml", "--set", "name=a/b", status: 64, says: "'a/b'"),
      Mistake(
        "train", "mlp.yaml", "--set", "optimizer.adam.learning_rate=1e30", status: 64,
        says: "at most 1000"),
      Mistake(
        "train", "mlp.yaml", "--set", "shards=3", status: 64, says: "power of two", "2 and 4"),
      Mistake(
        "train", "mlp.yaml", "--set", "data.batch=20000", status: 64, says: "at most 10,000"),
    ]

    @Test(arguments: usageMistakes)
    func commandLine(_ mistake: Mistake) throws { try expectRefusal(of: mistake) }

    @Test func variableOfTheEnvironment() throws {
      CommandTests.expectRefusal(
        try workspace.run("train", "mlp.yaml", environment: ["NN_DIST_WORKERS": "ten"]), 64,
        ["NN_DIST_WORKERS", "'ten'"])
    }

    // MARK: The file

    @Test(arguments: ["train", "summary"])
    func noFile(_ command: String) throws {
      try expectRefusal(
        of: Mistake(command, "none.yaml", status: 66, says: "none.yaml", "No such file"))
      try expectRefusal(of: Mistake(command, ".", status: 66, says: "it is a directory"))
    }

    /// Lines of a file that is otherwise good, and where it is wrong.
    private static let fileMistakes: [(old: String, new: String, texts: [String])] = [
      ("seed: 1", "sead: 1", ["x.yaml:3:1: unknown key 'sead'", "did you mean 'seed'"]),
      ("epochs: 3", "epochs: ten", ["x.yaml:15:11: train.epochs: expected an integer", "'ten'"]),
      ("epochs: 3", "epochs: 0", ["x.yaml:15:11: train.epochs: expected", "from 1 to 1000000"]),
      ("seed: 1", "name: 1", ["x.yaml:3:1:", "'name'"]),
      ("epochs: 3", "epochs: 3\n  steps: 5", ["x.yaml:16:10:", "both say how long"]),
      ("name: mlp", "\tname: mlp", ["x.yaml:2:1:"]),
      (
        "- relu", "- rleu", ["x.yaml:10:5: unknown layer 'rleu' in model.2", "did you mean 'relu'"]
      ),
    ]

    @Test(arguments: fileMistakes)
    func contents(old: String, new: String, texts: [String]) throws {
      let text = try workspace.folder.text(of: "mlp.yaml")
      try #require(text.contains(old))
      try workspace.folder.write(text.replacing(old, with: new), to: "x.yaml")
      let ending = try workspace.run("train", "x.yaml")
      CommandTests.expectRefusal(ending, 78, texts)
    }

    // MARK: Shapes

    /// The layers of a model for maps of 28x28x1 in 10 classes, and what does not fit.
    private static let misfits: [(model: String, texts: [String])] = [
      ("[dense: 10]", ["dense1: the model ends with a map of 28x28x10", "end it with flatten"]),
      ("[flatten, conv: 8]", ["conv1: needs a map", "a vector of 784"]),
      ("[flatten, dense: 7]", ["dense1:", "a vector of 7", "'dense: 10'"]),
      ("[{conv: 4}, {maxpool: 2}]", ["maxpool1:", "14x14x4", "flatten and 'dense: 10'"]),
      (
        "[{conv: {filters: 4, kernel: 29, padding: valid}}, flatten, {dense: 10}]",
        ["conv1:", "kernel", "29", "28"]
      ),
      ("[{conv: {filters: 4, kernel: 15, dilation: 2, padding: valid}}]", ["conv1:", "28"]),
      ("[{conv: {filters: 4, groups: 2}}, flatten, {dense: 10}]", ["conv1: 2 groups", "(1)"]),
      ("[{maxpool: 29}, flatten, {dense: 10}]", ["maxpool1:", "size", "29", "28"]),
      ("[{maxpool: {size: 2, padding: 2}}, flatten, {dense: 10}]", ["padding 2"]),
      (
        "[{maxpool: 2}, {maxpool: 2}, {maxpool: 2}, {maxpool: 2}, {maxpool: 2}, flatten]",
        ["maxpool5:", "1"]
      ),
      ("[flatten]", ["dense"]),
      ("[]", ["at least one layer"]),
      ("[flatten, {dense: 1073741824}, {dense: 10}]", ["dense1:", "parameters"]),
      ("[flatten, {dense: {units: 8, name: a}}, {dense: {units: 10, name: a}}]", ["'a'", ":6:"]),
    ]

    @Test(arguments: misfits)
    func shapes(model: String, texts: [String]) throws {
      try workspace.folder.write(
        """
        name: x
        data: {dataset: digits, train_samples: 128, test_samples: 64}
        loss: cross_entropy
        optimizer: adam
        model:
          \(model)
        """, to: "x.yaml")
      for command in ["summary", "train"] {
        let ending = try workspace.run(command, "x.yaml")
        CommandTests.expectRefusal(ending, 78, texts + ["x.yaml:6:"])
        #expect(ending.output.isEmpty)
      }
    }

    @Test func moreRanksThanShards() throws {
      let words = Workspace.settings(["shards=2"])
      CommandTests.expectRefusal(
        try workspace.train("mlp.yaml", in: "run", words, ranks: 3), 78, ["3 ranks", "2 shards"])
      #expect(!workspace.folder.exists("run"))
    }
  }
}
