import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// Files of data that are not what they should be: one line, the right status, and no run.
  @Suite struct BadData {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private func configure(_ dataset: String, batch: Int = 1, model: String) throws {
      try workspace.folder.write(
        """
        name: x
        data: {dataset: \(dataset), batch: \(batch)}
        model: \(model)
        loss: \(dataset.contains("targets") ? "mse" : "cross_entropy")
        optimizer: sgd
        """, to: "x.yaml")
    }

    private static func idx(_ count: Int, _ label: UInt8) -> [UInt8] {
      [0, 0, 8, 1, 0, 0, 0, UInt8(count)] + [UInt8](repeating: label, count: count)
    }

    private func put(_ bytes: [UInt8], at name: String) throws {
      try Data(bytes).write(to: URL(fileURLWithPath: workspace.folder.path(of: name)))
    }

    private static let pair = "{idx: {training: {samples: x, labels: y}}}"

    @Test(
      arguments: [
        (idx(3, 1).dropLast(1) + [], idx(3, 0), 65, "expected 11 bytes"),
        (idx(3, 1), idx(2, 0), 65, "holds 2 labels"),
        ([], idx(3, 0), 65, "needs 4 bytes of head, the file has 0"),
        (idx(0, 0), idx(0, 0), 65, "holds no samples"),
        ([0x1f, 0x8b, 8, 0, 0], idx(3, 0), 65, "cut off"),
        ([0, 0, 13, 1, 0, 0, 0, 1, 0x7f, 0xc0, 0, 0], idx(1, 0), 65, "not finite"),
        ([0, 0, 13, 1, 0, 0, 0, 1, 0x7f, 0x80, 0, 0], idx(1, 0), 65, "not finite"),
      ] as [([UInt8], [UInt8], Int32, String)])
    func arrays(_ samples: [UInt8], _ labels: [UInt8], _ status: Int32, _ text: String) throws {
      try put(samples, at: "x")
      try put(labels, at: "y")
      try configure(Self.pair, model: "[{dense: 1}]")
      for words in [["train", "x.yaml"], ["data", "build", "x.yaml"]] {
        let ending = try workspace.start(words).wait()
        CommandTests.expectRefusal(ending, status, [text])
        #expect(ending.output.isEmpty && !workspace.folder.exists("runs"))
      }
    }

    /// One sample, and samples of one class: little to learn, and no reason to fail.
    @Test(arguments: [1, 5]) func hardlyAnyData(count: Int) throws {
      try put(Self.idx(count, 7), at: "x")
      try put(Self.idx(count, 0), at: "y")
      try configure(Self.pair, model: "[{dense: 1}]")
      let ending = try workspace.run("train", "x.yaml")
      #expect(ending.status == 0, "\(ending.errors)")
      let answer = try workspace.run("predict", "runs/x", "--input", "x")
      #expect(answer.output == String(repeating: "0\t1.0000\n", count: count), "\(answer.errors)")
    }

    @Test(arguments: [
      ("a,y\n1,nan\n", "x.csv:2: column 'y' has no value ('nan')"),
      ("a,y\n1,2\n1e39,2\n", "x.csv:3: column 'a' holds 1e39, too large"),
      ("a,y\n", "holds no samples"), ("a,y\n1,2\n3", "x.csv:3: expected 2 fields"),
    ])
    func tables(_ text: String, _ message: String) throws {
      try workspace.folder.write(text, to: "x.csv")
      try configure("{csv: {training: x.csv, targets: [y]}}", model: "[{dense: 1}]")
      CommandTests.expectRefusal(try workspace.run("train", "x.yaml"), 65, [message])
    }

    /// Places that would be read for ever.
    @Test func whatIsNoFile() throws {
      #expect(unsafe mkfifo(workspace.folder.path(of: "x"), 0o600) == 0)
      try put(Self.idx(1, 0), at: "y")
      try configure(Self.pair, model: "[{dense: 1}]")
      CommandTests.expectRefusal(
        try workspace.run("train", "x.yaml"), 66, ["it is not a regular file"])
      for path in ["x", "/dev/zero", "/dev/stdin"] {
        CommandTests.expectRefusal(
          try workspace.run("inspect", path), 66, ["it is not a regular file"])
      }
      CommandTests.expectRefusal(
        try workspace.run("summary", "x"), 66, ["not a regular file"])
    }

    /// A batch without a target that counts has no mean: all ranks say so in one line.
    @Test(arguments: [nil, 2])
    func batchWithoutTargets(_ ranks: Int?) throws {
      try configure(
        "table, samples: [[1], [2], [3], [4], [5], [6], [7], [8]], "
          + "labels: [0, 1, -1, -1, -1, -1, -1, -1]", batch: 2, model: "[{dense: 2}]")
      let ending = try workspace.start(["train", "x.yaml"], ranks: ranks).wait()
      #expect(ending.status == 65)
      #expect(ending.errorLines.count == 1, "\(ending.errors)")
      #expect(ending.errors.contains(/step [1-4]: none of the targets of the 2 samples counts/))
    }

    /// A variance needs two values.
    @Test func normalisationOfOneValue() throws {
      try put(Self.idx(5, 7), at: "x")
      try put(Self.idx(5, 0), at: "y")
      try configure(Self.pair, model: "[batchnorm, {dense: 1}]")
      CommandTests.expectRefusal(
        try workspace.run("train", "x.yaml"), 78,
        ["x.yaml:3:9: batchnorm1: a shard of 1 sample has 1 value", "drop_last"])
    }
  }
}
