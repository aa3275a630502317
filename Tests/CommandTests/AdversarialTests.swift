import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// A generator against a critic, as a user runs them.
  @Suite struct Adversarial {
    private let workspace: Workspace

    init() throws {
      workspace = try Workspace()
      try workspace.folder.write(Self.points, to: "points.yaml")
      try workspace.folder.write(Self.images, to: "images.yaml")
    }

    /// Everything that is drawn for a step of the critic: noise, mixture, dropout.
    private static let points = """
      name: points
      data: {dataset: gaussians8, train_samples: 400, batch: 50, normalise: false}
      generator: [{dense: 16}, relu, {dense: 2}]
      critic: [{dense: 16}, {leaky_relu: 0.2}, {dropout: 0.1}, {dense: 1}]
      adversarial: {loss: wasserstein_gp, penalty: 0.1, critic_steps: 3, noise: 2}
      optimizer: {adam: {beta1: 0.5, beta2: 0.9}}
      train: {steps: 14}
      """

    /// Averages of both networks, noisy labels, and optimisers that differ.
    private static let images = """
      name: images
      data: {dataset: digits, train_samples: 120, batch: 30, normalise: symmetric}
      generator:
        - dense: 98
        - reshape: [7, 7, 2]
        - batchnorm
        - relu
        - conv_transpose: {filters: 2, kernel: 4, stride: 2, padding: 1}
        - relu
        - conv_transpose: {filters: 1, kernel: 4, stride: 2, padding: 1}
        - tanh
      discriminator:
        - conv: {filters: 4, stride: 2}
        - leaky_relu: 0.2
        - conv: {filters: 4, stride: 2}
        - batchnorm
        - leaky_relu: 0.2
        - flatten
        - dense: 1
      adversarial: {loss: non_saturating, critic_steps: 2, noise: {size: 8, kind: uniform}, label_noise: 0.2}
      optimizer: {generator: {adam: 0.002}, discriminator: {rmsprop: 0.001}}
      train: {steps: 8, samples: {every: 4 steps, count: 5}}
      """

    // MARK: The same bits

    @Test(arguments: ["points", "images"])
    func anyNumberOfRanksAndWorkers(_ name: String) throws {
      func train(_ run: String, ranks: Int?, workers: Int) throws {
        let ending = try workspace.start(
          ["train", "\(name).yaml", "--run", run, "--workers", "\(workers)"], ranks: ranks
        ).wait()
        #expect(ending.status == 0, "\(ending.errors)")
      }
      try train("alone", ranks: nil, workers: 1)
      let expected = try workspace.newestCheckpoint(of: "alone")
      for (ranks, workers) in [(1, 2), (2, 1), (3, 2), (4, 1)] {
        let run = "\(ranks)x\(workers)"
        try train(run, ranks: ranks, workers: workers)
        #expect(try workspace.newestCheckpoint(of: run) == expected, "ranks x workers: \(run)")
        #expect(try workspace.metrics(of: run) == workspace.metrics(of: "alone"))
        for sample in workspace.folder.names(in: "alone/samples") {
          #expect(
            try workspace.folder.data(of: "\(run)/samples/\(sample)")
              == workspace.folder.data(of: "alone/samples/\(sample)"))
        }
      }
    }

    /// One step on each number of ranks: wherever in the cycle, each goes on from the last.
    @Test func aStepOnEachNumberOfRanks() throws {
      func train(_ run: String, to step: Int, _ words: [String], ranks: Int? = nil) throws {
        let ending = try workspace.start(
          ["train", "points.yaml", "--run", run]
            + Workspace.settings(["shards=8", "train={steps: \(step)}"]) + words, ranks: ranks
        ).wait()
        #expect(ending.status == 0, "\(ending.errors)")
      }
      for (step, ranks) in [1, 2, 3, 4, 8, 2].enumerated() {
        try train("parts", to: step + 1, ["--resume"], ranks: ranks)
      }
      try train("whole", to: 6, [])
      #expect(
        try workspace.newestCheckpoint(of: "parts") == workspace.newestCheckpoint(of: "whole"))
    }

    /// A signal comes at a step that nobody chooses.
    @Test(arguments: [nil, 3]) func interruptedInsideACycle(_ ranks: Int?) throws {
      let words = ["train", "points.yaml"] + Workspace.settings(["train.steps=40000"])
      let process = try workspace.start(words + ["--run", "parts"], ranks: ranks)
      #expect(process.waits(for: "epoch"))
      process.send(SIGUSR1)
      #expect(process.wait().status == 75)
      let name = try #require(workspace.checkpoints(of: "parts").last)
      let step = try #require(name.firstMatch(of: /[0-9]+/).flatMap { Int($0.0) })
      let end = Workspace.settings(["train.steps=\(step + 5)"])
      let resumed = try workspace.start(
        ["train", "points.yaml", "--run", "parts", "--resume"] + end, ranks: 2
      ).wait()
      #expect(resumed.status == 0, "\(resumed.errors)")
      #expect(
        try workspace.start(["train", "points.yaml", "--run", "whole"] + end).wait().status == 0)
      #expect(
        try workspace.newestCheckpoint(of: "parts") == workspace.newestCheckpoint(of: "whole"))
    }

    @Test func verifyComparesBothNetworks() throws {
      let ending = try workspace.run("verify", "points.yaml", "--ranks", "1,2,3")
      #expect(ending.status == 0, "\(ending.errors)")
    }

    /// The last epoch is cut off before the generator's turn, and has no loss of it.
    @Test func figuresOfAnEpochWithoutAGenerator() throws {
      #expect(try workspace.run("train", "points.yaml", "--run", "p").status == 0)
      let lines = try workspace.metrics(of: "p")
      #expect(lines.count == 2 && lines[0].contains("generator_loss"))
      #expect(!lines[1].contains("generator_loss") && lines[1].contains("wasserstein"))
    }

    // MARK: Samples

    /// What a seed gives is a function of the checkpoint, in every format.
    @Test func samplesAreThoseOfTheSeed() throws {
      #expect(try workspace.run("train", "points.yaml", "--run", "p").status == 0)
      func sample(_ file: String, _ words: String..., ranks: Int? = nil) throws {
        let ending = try workspace.start(
          ["sample", "p", "--out", file] + words, ranks: ranks
        ).wait()
        #expect(ending.status == 0, "\(ending.errors)")
      }
      try sample("a.csv", "--count", "100")
      try sample("b.csv", "--count", "100", ranks: 2)
      try sample("c.csv", "--count", "70")
      try sample("d.csv", "--count", "100", "--seed", "9")
      let lines = try workspace.folder.text(of: "a.csv").split(separator: "\n")
      #expect(lines.count == 101 && lines[0] == "x1,x2")
      #expect(try workspace.folder.data(of: "a.csv") == workspace.folder.data(of: "b.csv"))
      #expect(
        try workspace.folder.text(of: "c.csv").split(separator: "\n") == Array(lines[..<71]))
      #expect(try workspace.folder.data(of: "a.csv") != workspace.folder.data(of: "d.csv"))
      try sample("p.svg", "--count", "9")
      #expect(try workspace.folder.text(of: "p.svg").split(separator: "<circle").count == 10)
      try sample("p.h5", "--count", "9")
      let inspected = try workspace.run("inspect", "p.h5")
      #expect(inspected.status == 0 && inspected.output.contains("9x2"), "\(inspected.output)")
    }

    @Test func imagesInAGrid() throws {
      #expect(try workspace.run("train", "images.yaml", "--run", "i").status == 0)
      #expect(
        workspace.folder.names(in: "i/samples") == ["step-000000004.png", "step-000000008.png"])
      let ending = try workspace.run("sample", "i", "--count", "5", "--out", "grid.png")
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(
        try workspace.folder.data(of: "grid.png")
          == workspace.folder.data(of: "i/samples/step-000000008.png"))
      // Numbers are pixels, as a classifier of such images reads them.
      #expect(try workspace.run("sample", "i", "--out", "images.h5").status == 0)
      #expect(try workspace.train("conv.yaml", in: "classifier").status == 0)
      let answers = try workspace.run(
        "predict", "classifier", "--input", "images.h5", "--name", "samples")
      #expect(answers.status == 0 && answers.output.split(separator: "\n").count >= 64)
    }

    @Test func refusesWhatCannotBeSampled() throws {
      #expect(try workspace.run("train", "points.yaml", "--run", "p").status == 0)
      #expect(try workspace.train("mlp.yaml", in: "m").status == 0)
      for (words, code, texts) in [
        (["p"], 64, ["sample needs --out FILE"]),
        (["p", "--out", "x.jpg"], 64, ["'x.jpg'", ".png, .svg, .csv or .h5"]),
        (["p", "--out", "x.png"], 64, ["'x.png': a PNG shows images"]),
        (["p", "--out", "nowhere/x.csv"], 73, ["'nowhere"]),
        (["p", "--prompt", "x"], 64, ["--prompt is for texts"]),
        (["p", "--out", "x.csv", "--top-k", "3"], 64, ["--top-k is for texts"]),
        (["m", "--out", "x.csv"], 78, ["nn-dist predict"]),
        (["none", "--out", "x.csv"], 66, ["'none'"]),
      ] as [([String], Int32, [String])] {
        CommandTests.expectRefusal(try workspace.start(["sample"] + words).wait(), code, texts)
      }
      for command in ["evaluate", "predict"] {
        let words = command == "predict" ? ["--input", "x.csv"] : []
        CommandTests.expectRefusal(
          try workspace.start([command, "p"] + words).wait(), 78, ["adversarial"])
      }
      CommandTests.expectRefusal(
        try workspace.run("export", "p", "--to", "smodel"), 78, ["--to h5"])
    }

    // MARK: Refusals

    @Test(arguments: [
      ("critic_steps: 3", "critic_steps: 0", ["adversarial.critic_steps", "from 1 to 1000"]),
      ("penalty: 0.1", "penalty: -1", ["adversarial.penalty", "from 0"]),
      ("noise: 2", "noise: 0", ["adversarial.noise", "from 1"]),
      ("{dense: 1}", "{dense: 2}", ["the critic ends with a vector of 2", "'dense: 1'"]),
      ("{dense: 2}", "{dense: 3}", ["the generator ends with a vector of 3", "'dense: 2'"]),
      ("{dropout: 0.1}", "batchnorm", ["critic/batchnorm1", "use layernorm"]),
      ("name: points", "name: points\nloss: mse", ["loss", "adversarial run"]),
      ("train: {", "train: {export: smodel, ", ["one network, this run has two"]),
    ])
    func wrongConfigurations(_ right: String, _ wrong: String, _ texts: [String]) throws {
      try workspace.folder.write(Self.points.replacing(right, with: wrong), to: "wrong.yaml")
      CommandTests.expectRefusal(
        try workspace.run("train", "wrong.yaml"), 78, ["wrong.yaml:"] + texts)
      #expect(!workspace.folder.exists("runs"))
    }

    /// The last good checkpoint stays, on every rank count, and one line says so.
    @Test(arguments: [nil, 2]) func lossesThatAreNotFinite(_ ranks: Int?) throws {
      let ending = try workspace.start(
        ["train", "points.yaml", "--run", "p"]
          + Workspace.settings([
            "optimizer={generator: adam, critic: {sgd: 1000}}",
            "train={steps: 99, checkpoint: 1 steps}",
          ]), ranks: ranks
      ).wait()
      #expect(ending.status == 79, "\(ending.errors)")
      #expect(ending.errors.contains("is not finite; nothing was updated"))
      #expect(!workspace.checkpoints(of: "p").isEmpty)
    }
  }
}
