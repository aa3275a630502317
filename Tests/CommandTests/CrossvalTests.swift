import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// A table of three classes, whose folds are trained and scored.
  @Suite struct Crossval {
    private let workspace: Workspace

    init() throws {
      workspace = try Workspace()
      try FileManager.default.createDirectory(
        atPath: workspace.folder.path(of: "tables"), withIntermediateDirectories: true)
      var random = XorShift(seed: 21)
      let rows = (0..<90).map { row in
        let kind = row % 3
        let numbers = (0..<4).map { _ in Double(kind) + random.number(in: -0.9...0.9) }
        return (numbers.map { "\($0)" } + ["house \(row % 9)", "kind \(kind)"])
          .joined(separator: ",")
      }
      try workspace.folder.write(
        (["a,b,c,d,house,kind"] + rows).joined(separator: "\n"), to: "tables/t.csv")
      try workspace.folder.write(
        """
        name: t
        data:
          dataset: {csv: {training: t.csv, label: kind, ignore: [house]}}
          validation: 0.2
          split: stratified
          batch: 16
        model:
          - dense: 16
          - relu
          - dense: 3
        loss: cross_entropy
        optimizer: {adam: 0.01}
        train: {epochs: 40, checkpoint: {every: 20 steps, best: accuracy}}
        """, to: "tables/t.yaml")
    }

    private func start(ranks: Int? = nil, _ words: String...) throws -> ChildProcess {
      try workspace.start(
        ["crossval", "tables/t.yaml", "--folds", "3", "--repeats", "2"] + words, ranks: ranks)
    }

    /// From the titles on.
    private func table(_ ending: ChildProcess.Ending) -> [Substring] {
      let lines = ending.output.split(separator: "\n")
      return Array(lines.drop { !$0.contains("samples  ") })
    }

    /// Folds are as `train --fold` makes them, and the table is the same on any number of ranks.
    @Test func aTableOfAllFolds() throws {
      let whole = try start().wait()
      #expect(whole.status == 0, "\(whole.errors)")
      #expect(table(whole).count == 11, "\(whole.output)")
      #expect(
        workspace.folder.names(in: "runs/t/crossval").count { $0.hasPrefix("fold-") } == 6)
      // Finished folds are scored again.
      #expect(try table(start(ranks: 3).wait()) == table(whole))
      let fresh = try start(ranks: 2, "--fresh").wait()
      #expect(fresh.output.contains("kept in"), "\(fresh.output)")
      #expect(table(fresh) == table(whole))

      let single = try workspace.run("train", "tables/t.yaml", "--fold", "2/3")
      #expect(single.status == 0, "\(single.errors)")
      #expect(single.output.contains("test: 30 kind 0 10, kind 1 10, kind 2 10"))
      #expect(
        try workspace.newestCheckpoint(of: "runs/t/fold-2-of-3")
          == workspace.newestCheckpoint(of: "runs/t/crossval/fold-2-of-3"))
      let scored = try workspace.run("evaluate", "runs/t/fold-2-of-3", "--json")
      let json = try start("--json").wait()
      let (one, all) = (try object(scored.output), try object(json.output))
      let second = (all["folds"] as? [[String: Any]])?[1]
      #expect(second?["loss"] as? Double == one["loss"] as? Double)
      #expect(second?["samples"] as? Int == 30)
    }

    private func object(_ text: String) throws -> [String: Any] {
      try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    @Test(arguments: [2, 4], [0.1, 0.4, 0.7])
    func killedAndStartedAgain(ranks: Int, part: Double) throws {
      let begin = ContinuousClock.now
      let whole = try start().wait()
      let time = (ContinuousClock.now - begin) / .seconds(1)
      try FileManager.default.removeItem(atPath: workspace.folder.path(of: "runs"))
      let process = try start(ranks: ranks)
      #expect(process.waits(for: "fold 1/3"))
      Thread.sleep(forTimeInterval: part * time)
      let identifiers = Ranks(of: process)
      for rank in 0..<ranks { if let identifier = identifiers[rank] { kill(identifier, SIGKILL) } }
      #expect(process.wait().status != 0)
      let again = try start(ranks: ranks).wait()
      #expect(again.status == 0, "\(again.errors)")
      #expect(table(again) == table(whole))
    }

    @Test func stoppedOnRequest() throws {
      let process = try start()
      #expect(process.waits(for: "fold 2/3"))
      process.send(SIGTERM)
      let stopped = process.wait()
      guard stopped.status != 0 else { return }
      #expect(stopped.status == 75, "\(stopped.errors)")
      #expect(stopped.output.contains("resume with: nn-dist crossval tables/t.yaml"))
      #expect(try start().wait().status == 0)
    }

    @Test func whatCannotBeDividedIsNamed() throws {
      let many = try workspace.run("crossval", "tables/t.yaml", "--folds", "31")
      #expect(many.status == 65 && many.errors.contains("the class 'kind 0' has 30 samples"))
      let one = try workspace.run("crossval", "tables/t.yaml", "--folds", "1")
      #expect(one.status == 64, "\(one.errors)")
    }
  }
}
