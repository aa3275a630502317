import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// `plan`: for a compute, for a time, and from finished runs.
  @Suite struct Plans {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private func run(_ words: String) throws -> ChildProcess.Ending {
      try workspace.start(words.split(separator: " ").map(String.init)).wait()
    }

    private func answer(_ words: String) throws -> [String: Any] {
      let ending = try run(words + " --json")
      #expect(ending.status == 0, "\(words): \(ending.errors)")
      #expect(ending.output.split(separator: "\n").count == 1)
      return try CommandTests.object(ending.output)
    }

    // MARK: A compute

    @Test func aCompute() throws {
      let start = ContinuousClock.now
      let ending = try run("plan --flops 1e19")
      #expect(ContinuousClock.now - start < .seconds(2))
      #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)")
      for text in ["2.625e8", "6.350e9", " 24.2 ", "2.9260", "nats per token of Hoffmann and"] {
        #expect(ending.output.contains(text), "\(ending.output)")
      }
      let printed = try answer("plan --flops 5.76e23 --constants hoffmann-tex")
      #expect(abs((printed["parameters"] as? Double ?? 0) - 4.036e10) < 1e7)
      #expect(printed["parameters_interval"] is NSNull)
      #expect((printed["loss_unit"] as? String)?.contains("MassiveText") == true)
    }

    @Test(arguments: [
      ("", 64, "plan needs a goal"), ("--flops 0", 64, "greater than 0"),
      ("--flops 100", 64, "100 operations are too few"),
      ("--flops 1e19 --constants hofmann", 64, "did you mean 'hoffmann'?"),
      ("--flops 1e19 --constants mlp.yaml", 78, "unknown key"),
      ("--flops 1e19 --budget 1h", 64, "exclude each other"),
      ("--flops 1e19 --ranks 2", 64, "'--ranks' means nothing with --flops"),
      ("--flops 1e19 --output x", 64, "'--output' means nothing with --flops"),
      ("--flops 1e19 mlp.yaml", 64, "unexpected argument 'mlp.yaml'"),
      ("--fit", 64, "--fit needs finished runs"),
      ("--fit a b c d", 64, "at least 5 runs, found 4"),
      ("--fit a b c d e", 66, "'a' does not exist"),
      ("--fit a b c d e --constants epoch", 64, "'--constants' means nothing with --fit"),
      ("--budget 1h", 64, "--budget needs one CONFIG, found 0"),
      ("mlp.yaml --budget soon", 64, "expected a time such as '8 h'"),
      ("mlp.yaml --budget 1h", 78, "'mlp' is no language model"),
      ("none.yaml --budget 1h", 66, "none.yaml"),
      ("mlp.yaml --budget 1h --output none/x.yaml", 73, "there is no folder 'none'"),
    ])
    func refusals(words: String, status: Int32, text: String) throws {
      CommandTests.expectRefusal(try run("plan \(words)"), status, [text])
    }

    // MARK: Finished runs

    /// Writes a text of words that follow each other by chance, the same in every call.
    private func writeText() throws {
      var state: UInt64 = 1
      var text = ""
      for _ in 0..<40_000 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let word = ["the ", "cat ", "sat ", "on ", "a ", "mat. "][Int(state >> 61) % 6]
        text += word
      }
      try workspace.folder.write(text, to: "t.txt")
      try workspace.folder.write(
        """
        name: text
        data: {dataset: {text: {training: t.txt, length: 16}}, validation: 0.02, batch: 8}
        model: [{embedding: {size: 4}}, {gru: 4}, {dense: tokens}]
        loss: cross_entropy
        optimizer: {adam: 0.01}
        train: {steps: 40, checkpoint: 10000 steps}
        """, to: "text.yaml")
    }

    private func train(_ run: String, _ changes: String...) throws {
      let ending = try self.run(
        "train text.yaml --run \(run) --workers 1" + changes.map { " --set \($0)" }.joined())
      try #require(ending.status == 0, "\(ending.errors)")
    }

    @Test func ownRuns() throws {
      try writeText()
      var runs: [String] = []
      for units in [4, 8, 16] {
        for steps in [20, 60, 180] {
          runs.append("r\(units)-\(steps)")
          try train(
            runs.last ?? "", "model.0.embedding.size=\(units)", "model.1.gru.units=\(units)",
            "train.steps=\(steps)")
        }
      }
      let all = runs.joined(separator: " ")
      let fitted = try run(
        "plan --fit \(all) --output own.json --svg law.svg --flops 1e10")
      #expect(fitted.status == 0, "\(fitted.errors)")
      for text in ["fitted to 9 runs", "alpha", "r4-20", "nats per token of 't.txt'"] {
        #expect(fitted.output.contains(text), "\(fitted.output)")
      }
      #expect(try workspace.folder.text(of: "law.svg").contains("equal compute</text>"))
      let answer = try answer("plan --fit \(all)")
      let fit = try #require(answer["fit"] as? [String: Any])
      let list = try #require(fit["runs"] as? [[String: Any]])
      #expect(list.map { $0["run"] as? String } == runs)
      // Steps x batch x length; an embedding, a cell and scores of 14 symbols.
      #expect(list[0]["tokens"] as? Int == 20 * 8 * 16)
      let metrics = try workspace.folder.text(of: "r4-20/metrics.jsonl")
      let last = try #require(
        metrics.split(separator: "\n").last { $0.contains("\"validation\"") })
      #expect(
        list[0]["loss"] as? Double == (try CommandTests.object(String(last))["loss"] as? Double))
      // What is written predicts the same.
      let predicted = try self.answer("plan --flops 1e10 --constants own.json")
      let constants = try #require(predicted["constants"] as? [String: Any])
      #expect(
        constants["alpha"] as? Double
          == (fit["constants"] as? [String: Any])?["alpha"] as? Double)
      #expect((predicted["parameters_interval"] as? [Double])?.count == 2)
      CommandTests.expectRefusal(
        try run("plan --fit \(all) --output own.json"), 73, ["exists already", "--force"])
      #expect(try run("plan --fit \(all) --output own.json --force").status == 0)

      // Runs that do not belong to them.
      func refuses(_ other: String, _ texts: String...) throws {
        CommandTests.expectRefusal(
          try run("plan --fit r4-20 r4-60 r8-20 r8-60 \(other)"), 65, ["'\(other)'"] + texts)
      }
      CommandTests.expectRefusal(
        try run("plan --fit r4-20 r4-60 r8-20 r8-60 r8-60/"), 64, ["'r8-60' is given twice"])
      try train("bytes", "data.dataset.text.tokens=bytes", "model.1.gru=5")
      try refuses("bytes", "differ in data.dataset.text.tokens")
      try train("long", "data.dataset.text.length=32")
      try refuses("long", "differ in data.dataset.text.length")
      try train("blind", "data.validation=none")
      try refuses("blind", "no validation loss")
      try train("again", "data.train_samples=64")
      try refuses("again", "repeats its text", "seen once")
      try train("short", "model.1.gru=512", "train.steps=1000000", "train.max_time=1s")
      try refuses("short", "has not ended", "--resume")
      try train("smooth", "loss.cross_entropy.label_smoothing=0.1")
      try refuses("smooth", "is no language model")
      try workspace.folder.write(
        try workspace.folder.text(of: "t.txt").replacing("cat", with: "dog"), to: "t.txt")
      try train("dogs")
      try refuses("dogs", "their tokens")
      let conv = try workspace.train("mlp.yaml", in: "mlp", ["--set", "train.epochs=1"])
      #expect(conv.status == 0, "\(conv.errors)")
      try refuses("mlp", "is no language model")
    }

    // MARK: A time

    @Test(arguments: [nil, 2])
    func aTime(ranks: Int?) throws {
      try writeText()
      let words = [
        "plan", "text.yaml", "--budget", "3 s", "--output", "planned.yaml", "--json", "--workers",
        "1",
      ]
      let ending = try workspace.start(
        words + (ranks == nil ? ["--ranks", "2"] : []), ranks: ranks
      ).wait()
      #expect(ending.status == 0, "\(ending.errors)")
      let plan = try CommandTests.object(ending.output)
      let training = try #require(plan["training"] as? [String: Any])
      #expect(training["ranks"] as? Int == 2)
      let steps = try #require(training["steps"] as? Int)
      let tokens = try #require(plan["tokens"] as? Double)
      #expect(abs(Double(steps * 8 * 16) - tokens) <= 8 * 16)
      #expect(abs((training["seconds"] as? Double ?? 0) / 3 - 1) < 0.12)
      #expect((training["communicating_ms"] as? Double ?? 0) > 0)
      let notes = try #require(plan["notes"] as? [String])
      #expect(notes.contains { $0.contains("get more text") }, "\(notes)")
      // The configuration that was written.
      let summary = try answer("summary planned.yaml")
      let parameters = try #require(summary["parameters"] as? Int)
      #expect(training["parameters"] as? Int == parameters)
      let optimum = try #require(plan["parameters"] as? Double)
      #expect(abs(Double(parameters) / optimum - 1) <= 0.1)
      #expect(try workspace.folder.text(of: "planned.yaml").contains("steps: \(steps)"))
      #expect(try run("train planned.yaml --dry-run").status == 0)
      CommandTests.expectRefusal(
        try workspace.start(words).wait(), 73, ["'planned.yaml' exists already"])
    }

    @Test func timesThatAreTooShort() throws {
      try writeText()
      // Constants by which tokens are worth little.
      try workspace.folder.write(
        "{E: 1, A: 1e6, B: 1, alpha: 0.3, beta: 0.3}", to: "large.yaml")
      CommandTests.expectRefusal(
        try run("plan text.yaml --budget 1s --constants large.yaml --workers 1"), 64,
        ["fewer than the 128 of one step", "data.batch"])
      CommandTests.expectRefusal(
        try run("plan text.yaml --budget 1s --ranks 64"), 64, ["have only 4 shards"])
    }
  }
}
