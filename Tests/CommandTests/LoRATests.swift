import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// Fine-tuning by low-rank matrices, from training to the merged model.
  @Suite struct LoRA {
    private let workspace: Workspace

    init() throws {
      workspace = try Workspace()
      for (name, rest) in [
        ("base", ""), ("tuned", "lora: {rank: 2, layers: [attention1, dense1]}"),
      ] {
        try workspace.folder.write(
          """
          name: \(name)
          data: {dataset: tokens, train_samples: 130, test_samples: 40}
          shards: 8
          model:
            - embedding: {entries: 65, size: 8}
            - transformer: {blocks: 2, heads: 2, causal: true}
            - dense: {units: 65, name: head}
          loss: cross_entropy
          optimizer: adamw
          \(rest)
          """, to: "\(name).yaml")
      }
      try train("base", "base", steps: 4)
    }

    private func train(
      _ name: String, _ run: String, steps: Int, _ words: [String] = [], ranks: Int? = nil
    ) throws {
      let start = name == "base" ? "" : ", init_from: base"
      let ending = try workspace.start(
        ["train", "\(name).yaml", "--run", run]
          + Workspace.settings(["train={steps: \(steps)\(start)}"]) + words, ranks: ranks
      ).wait()
      #expect(ending.status == 0, "\(ending.errors)")
    }

    /// Each step on another number of ranks, which goes on from the last.
    @Test func bitsDoNotDependOnRanksOrResumption() throws {
      try train("tuned", "whole", steps: 4, ["--workers", "1"])
      let expected = try workspace.newestCheckpoint(of: "whole")
      for ranks in [2, 4] {
        try train("tuned", "at\(ranks)", steps: 4, ranks: ranks)
        #expect(try workspace.newestCheckpoint(of: "at\(ranks)") == expected)
      }
      for (step, ranks) in [1, 3, 2, 4].enumerated() {
        try train("tuned", "parts", steps: step + 1, ["--resume"], ranks: ranks)
      }
      #expect(try workspace.newestCheckpoint(of: "parts") == expected)
    }

    @Test func exportsMergeAndSummariesCount() throws {
      try train("tuned", "tuned", steps: 6)
      let exported = try workspace.run("export", "tuned", "--to", "checkpoint")
      #expect(exported.status == 0, "\(exported.errors)")
      let losses = try ["tuned", "tuned/model.checkpoint", "base"].map { path in
        let ending = try workspace.run("evaluate", path, "--json")
        #expect(ending.status == 0, "\(ending.errors)")
        return try #require(CommandTests.object(ending.output)["loss"] as? Double)
      }
      #expect(abs(losses[0] - losses[1]) < 1e-5 * losses[0] && losses[0] != losses[2])
      let resumed = try workspace.start(
        ["train", "base.yaml", "--run", "again", "--resume=tuned/model.checkpoint"]
      ).wait()
      CommandTests.expectRefusal(resumed, 65, ["model.checkpoint", "optimizer"])

      let summary = try workspace.start(
        ["summary", "tuned.yaml", "--json"] + Workspace.settings(["train.init_from=base"])
      ).wait()
      let layers = try #require(CommandTests.object(summary.output)["layers"] as? [[String: Any]])
      func sum(_ key: String) -> Int { layers.reduce(0) { $0 + ($1[key] as? Int ?? 0) } }
      // Four matrices of attention and the first one behind it in each of two blocks.
      let trained: Int = 2 * (4 * 2 * (8 + 8) + 2 * (8 + 32))
      #expect(sum("parameters") == trained)
      let frozen: Int = 65 * 8 + 2 * 872 + 65 * 9
      #expect(sum("frozen") == frozen)
    }

    @Test func refusals() throws {
      for (settings, status, texts) in [
        (["lora.rank=9", "train.init_from=base"], 64, ["--set lora.rank: expected at most 8"]),
        (["lora.layers=nope", "train.init_from=base"], 64, ["there is no layer 'nope'"]),
        (["lora.layers=[embedding1]", "train.init_from=base"], 64, ["has no matrix of its own"]),
        ([], 78, ["tuned.yaml:10:7: lora: adapts the weights of another run", "train.init_from"]),
      ] as [([String], Int32, [String])] {
        CommandTests.expectRefusal(
          try workspace.start(["train", "tuned.yaml"] + Workspace.settings(settings)).wait(),
          status, texts)
      }
    }
  }
}
