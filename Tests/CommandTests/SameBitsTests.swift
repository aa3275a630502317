import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// Ranks, workers and the environment change nothing that is computed.
  @Suite struct SameBits {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    /// Trains in every way and compares with one process of one worker.
    private func expectSameBits(
      _ configuration: String, _ changes: [String] = [], ranks: [Int],
      sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let words = Workspace.settings(changes + ["train.epochs=1"])
      let alone = try workspace.train(configuration, in: "alone", words + ["--workers", "1"])
      #expect(alone.status == 0, "\(alone.errors)", sourceLocation: sourceLocation)
      let expected = try workspace.newestCheckpoint(of: "alone")
      for (count, workers) in [(nil, 2)] + ranks.flatMap({ [($0, 1), ($0, 2)] }) {
        let name = "\(count.map(String.init) ?? "alone")x\(workers)"
        let ending = try workspace.train(
          configuration, in: name, words + ["--workers", "\(workers)"], ranks: count)
        #expect(ending.status == 0, "\(ending.errors)", sourceLocation: sourceLocation)
        let found = try workspace.newestCheckpoint(of: name)
        #expect(found == expected, "ranks x workers: \(name)", sourceLocation: sourceLocation)
        #expect(
          try workspace.metrics(of: name) == workspace.metrics(of: "alone"),
          sourceLocation: sourceLocation)
      }
    }

    @Test(arguments: ["conv.yaml", "mlp.yaml"])
    func anyNumberOfRanksAndWorkers(_ configuration: String) throws {
      try expectSameBits(configuration, ranks: [1, 2, 3, 4])
    }

    @Test func openBLASOnAnyNumberOfRanksAndWorkers() throws {
      try expectSameBits(
        "conv.yaml", ["engine=openblas", "data.train_samples=640"], ranks: [2, 3])
    }

    /// Targets that count are not equally many in all shards, and ranks may be as many as shards.
    @Test(arguments: ["segmentation.yaml", "waves.yaml", "autoencoder.yaml", "multilabel.yaml"])
    func targetsOfAnyShape(_ configuration: String) throws {
      try workspace.copy(configuration)
      try expectSameBits(
        configuration, ["data.train_samples=150", "data.test_samples=70", "shards=8"],
        ranks: [2, 3, 4, 5, 8])
    }

    /// Skip connections, shared weights with norms, and several outputs of which one ignores
    /// targets.
    @Test(arguments: ["unet.yaml", "siamese.yaml", "outputs.yaml"])
    func modelsThatAreGraphs(_ configuration: String) throws {
      try workspace.folder.write(
        """
        name: outputs
        data: {dataset: waves}
        model:
          - dense: {units: 12, name: body}
          - tanh: {name: bent}
          - dense: {units: 4, name: form}
          - dense: {units: 8, name: copy, input: bent}
        outputs:
          - {layer: form, loss: cross_entropy, metrics: [accuracy, iou]}
          - {layer: copy, loss: {mse: {target: samples}}, weight: 0.25}
        optimizer: adam
        """, to: "outputs.yaml")
      if configuration != "outputs.yaml" { try workspace.copy(configuration) }
      try expectSameBits(
        configuration, ["data.train_samples=150", "data.test_samples=70", "shards=8"],
        ranks: [2, 3, 8])
    }

    /// What any number of ranks and workers must leave as it is, at once.
    private static let norms = """
      name: norms
      data: {dataset: digits, augment: {shift: 2, rotate: 10}}
      model:
        - conv: {filters: 8, bias: false}
        - batchnorm
        - relu
        - maxpool: 2
        - dropout: 0.2
        - conv: 16
        - batchnorm
        - relu
        - flatten
        - dropout: 0.5
        - dense: 10
      loss: cross_entropy
      optimizer: adam
      """

    /// States that go from batch to batch, of ranks that do not have them.
    private static let carry = """
      name: carry
      data: {dataset: tokens, order: streams}
      model:
        - embedding: {entries: 65, size: 8}
        - lstm: {units: 16, layers: 2, dropout: 0.2, carry: true}
        - gru: {units: 12, initial_state: learned, carry: true}
        - dense: 65
      loss: cross_entropy
      optimizer: adam
      """

    /// Hidden tokens, which each epoch draws anew.
    private static let masked = """
      name: masked
      data:
        dataset: {text: {training: t.txt, length: 9}}
        masked: 0.3
        validation: none
      model: [{embedding: {size: 8}}, {gru: {units: 12, direction: both}}, {dense: tokens}]
      loss: cross_entropy
      optimizer: adam
      """

    /// States that are computed again in parts of 16 steps.
    private static let mamba = """
      name: mamba
      data:
        dataset: {text: {training: t.txt, length: 37}}
        validation: none
      model: [{embedding: {size: 8}}, {residual: [rmsnorm, {mamba: {state: 4}}]}, {dense: tokens}]
      loss: cross_entropy
      optimizer: {adamw: {weight_decay: 0.1}}
      """

    /// One step on each number of ranks, then the next on another: each goes on from the last.
    ///
    /// 201 samples are three batches of 8 shards and one of 9 samples, which leaves ranks without
    /// any.
    @Test(arguments: [
      "conv.yaml", "mlp.yaml", "norms.yaml", "carry.yaml", "masked.yaml", "mamba.yaml",
    ])
    func aStepOnEachNumberOfRanks(_ configuration: String) throws {
      let isText = ["masked.yaml", "mamba.yaml"].contains(configuration)
      try workspace.folder.write(Self.mamba, to: "mamba.yaml")
      try workspace.folder.write(Self.masked, to: "masked.yaml")
      try workspace.folder.write(
        String((0..<9000).map { Array("abcdefgh, .")[$0 * $0 / 3 % 11] }), to: "t.txt")
      try workspace.folder.write(Self.norms, to: "norms.yaml")
      try workspace.folder.write(Self.carry, to: "carry.yaml")
      func train(_ run: String, to step: Int, _ words: [String], ranks: Int? = nil) throws {
        let ending = try workspace.start(
          ["train", configuration, "--run", run]
            + Workspace.settings(
              [
                "shards=8", "data.train_samples=201", "data.batch=64", "train={steps: \(step)}",
              ] + (isText ? [] : ["data.test_samples=70"])) + words, ranks: ranks
        ).wait()
        #expect(ending.status == 0, "\(ending.errors)")
      }
      let counts = [1, 2, 3, 8, 4, 5, 7]
      for (step, ranks) in counts.enumerated() {
        try train(
          "parts", to: step + 1, ["--resume", "--workers", "\(1 + step % 2)"], ranks: ranks)
      }
      try train("whole", to: counts.count, ["--workers", "1"])
      let expected = try workspace.newestCheckpoint(of: "whole")
      #expect(try workspace.newestCheckpoint(of: "parts") == expected)
    }

    @Test func everyShardOnItsOwnRankAndOddNumbers() throws {
      try expectSameBits("mlp.yaml", ["shards=8"], ranks: [5, 7, 8])
    }

    /// When to stop and which checkpoint is best are decided by all or by none.
    @Test func decisionsAreThoseOfOneProcess() throws {
      let words = Workspace.settings([
        "train={epochs: 40, early_stop: {patience: 1}, checkpoint: {best: loss, keep: 1}}",
        "optimizer={adam: 0.02}",
      ])
      for (run, ranks) in [("alone", nil), ("ranks", 3)] as [(String, Int?)] {
        let ending = try workspace.train("mlp.yaml", in: run, words, ranks: ranks)
        #expect(ending.status == 0, "\(ending.errors)")
        #expect(ending.output.contains("finished early"))
      }
      #expect(workspace.checkpoints(of: "ranks") == workspace.checkpoints(of: "alone"))
      #expect(
        try workspace.folder.text(of: "ranks/checkpoints/best")
          == workspace.folder.text(of: "alone/checkpoints/best"))
      #expect(try workspace.metrics(of: "ranks") == workspace.metrics(of: "alone"))
      #expect(
        try workspace.newestCheckpoint(of: "ranks") == workspace.newestCheckpoint(of: "alone"))
    }

    @Test func dropoutAndMomentum() throws {
      try workspace.folder.write(
        """
        name: dropout
        data: {dataset: digits}
        model: [flatten, {dropout: 0.2}, {dense: 32}, sigmoid, {dropout: 0.5}, {dense: 10}]
        loss: cross_entropy
        optimizer: {sgd: {learning_rate: 0.1, momentum: 0.9}}
        """, to: "dropout.yaml")
      try expectSameBits("dropout.yaml", ranks: [2, 3])
    }

    /// What shards must not change about sums over classes and rows, at an uneven number of ranks.
    @Test func joinsNormsWeightsAndConstraints() throws {
      try workspace.folder.write(
        """
        name: mixed
        data: {dataset: digits, train_samples: 500}
        model:
          - conv: {filters: 4, stride: 4, init: orthogonal, constraint: {max_norm: 1}}
          - concat: [[{conv: 2}, gelu], [prelu]]
          - layernorm: {over: sample}
          - conv_transpose: {filters: 2, stride: 2}
          - flatten
          - dense: 10
        loss: {cross_entropy: {label_smoothing: 0.1, class_weights: [1, 2, 1, 1, 1, 1, 1, 1, 3, 1]}}
        optimizer: adam
        """, to: "mixed.yaml")
      try expectSameBits("mixed.yaml", ranks: [3])
    }

    /// 500 samples are 7 batches of 64 and one of 52: 6 full shards, a partial and an absent one.
    @Test func lastBatchThatFillsNoShardEvenly() throws {
      try expectSameBits("mlp.yaml", ["data.train_samples=500"], ranks: [2, 3, 4])
    }

    /// Shards of 7 samples, the last of one.
    @Test func batchThatShardsDoNotDivide() throws {
      try expectSameBits("conv.yaml", ["data.batch=50", "shards=8"], ranks: [2, 3])
    }

    private static let pollution = [
      "OMP_NUM_THREADS": "3", "OMP_DYNAMIC": "true", "OPENBLAS_NUM_THREADS": "3",
      "GOTO_NUM_THREADS": "2", "OPENBLAS_CORETYPE": "Nehalem", "OPENBLAS_BLOCK_FACTOR": "3",
      "DNNL_MAX_CPU_ISA": "AVX2", "DNNL_VERBOSE": "1",
      "DNNL_CPU_ISA_HINTS": "PREFER_YMM", "DNNL_DEFAULT_FPMATH_MODE": "BF16",
      "HDF5_USE_FILE_LOCKING": "FALSE",
      "LC_ALL": "de_DE.UTF-8", "TZ": "Asia/Kathmandu",
    ]

    @Test(arguments: [(nil, []), (2, []), (nil, ["engine=openblas", "data.train_samples=640"])])
    func pollutedEnvironment(ranks: Int?, changes: [String]) throws {
      let words = ["--workers", "1"] + Workspace.settings(changes + ["train.epochs=1"])
      let clean = try workspace.train("conv.yaml", in: "run", words, ranks: ranks)
      let expected = try workspace.newestCheckpoint(of: "run")
      let polluted = try workspace.train(
        "conv.yaml", in: "run", words + ["--fresh"], ranks: ranks, environment: Self.pollution)
      #expect(try workspace.newestCheckpoint(of: "run") == expected)
      let note = polluted.timelessOutput.split(separator: "\n").filter { $0.contains("run~1") }
      #expect(note.count == 1)
      let rest = polluted.timelessOutput.split(separator: "\n").filter { !$0.contains("run~1") }
      #expect(rest == clean.timelessOutput.split(separator: "\n"))
      #expect(polluted.errors == clean.errors)
    }
  }
}
