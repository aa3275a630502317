import Foundation
import RunFiles
import TestSupport
import Testing

extension CommandTests {
  /// Pages that `nn-dist report` makes.
  @Suite struct Reports {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    private func train(_ run: String, _ configuration: String, _ words: String...) throws {
      let ending = try workspace.start(
        ["train", configuration, "--run", run]
          + Workspace.settings(
            ["data.train_samples=128", "data.test_samples=64", "data.batch=32", "train.epochs=2"]
              + words)
      ).wait()
      #expect(ending.status == 0, "\(ending.errors)")
    }

    /// Leaves what a run of an older version has.
    private func age(_ run: String) throws {
      for name in ["layers.jsonl", "run.jsonl", "report.json", "report.html"] {
        try FileManager.default.removeItem(atPath: workspace.folder.path(of: "\(run)/\(name)"))
      }
    }

    /// The headings of a page.
    private func headings(_ page: String) throws -> [String] {
      let text = try workspace.folder.text(of: page)
      return text.split(separator: "<h2").dropFirst().compactMap { part in
        part.split(separator: ">", maxSplits: 1).last?.split(separator: "<").first.map(String.init)
      }
    }

    @Test func anOldRunShowsWhatItsCheckpointsTell() throws {
      try train("run", "mlp.yaml")
      let parts = try headings("run/report.html")
      let page = try workspace.folder.text(of: "run/report.html")
      try age("run")
      let ending = try workspace.run("report", "run/")
      #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)")
      #expect(ending.output.hasPrefix("wrote 'run/report.html'"))
      #expect(try headings("run/report.html") == parts.filter { $0 != "Machine and sessions" })
      // The network answers with the same weights, so it makes the same mistakes.
      let again = try workspace.folder.text(of: "run/report.html")
      let pictures = { (page: String) in page.split(separator: "data:image/png").dropFirst() }
      #expect(pictures(page).count == 12)
      #expect(pictures(page).map { $0.prefix(200) } == pictures(again).map { $0.prefix(200) })
      #expect(!workspace.folder.exists("run/report.json"))
    }

    @Test func whatIsGoneIsSaidOnThePage() throws {
      try train("run", "mlp.yaml")
      try age("run")
      for name in try FileManager.default.contentsOfDirectory(
        atPath: workspace.folder.path(of: "run/checkpoints"))
      {
        try FileManager.default.removeItem(
          atPath: workspace.folder.path(of: "run/checkpoints/\(name)"))
      }
      let ending = try workspace.run("report", "run")
      #expect(ending.status == 0, "\(ending.errors)")
      #expect(ending.output.contains("contains no checkpoint"))
      #expect(try headings("run/report.html").first == "Damaged files")
      #expect(try headings("run/report.html").contains("Curves"))
    }

    @Test func attentionOfAnOldRunIsShown() throws {
      try train(
        "run", "mlp.yaml",
        "model=[{reshape: [28, 28]}, {attention: {heads: 2}}, flatten, {dense: 10}]")
      try age("run")
      #expect(try workspace.run("report", "run").status == 0)
      #expect(try headings("run/report.html").contains("Activations"))
      #expect(try workspace.folder.text(of: "run/report.html").contains("attention1, head 2"))
    }

    @Test(arguments: [nil, 2])
    func severalRunsOnOnePage(ranks: Int?) throws {
      try train("a", "mlp.yaml")
      try train("b", "mlp.yaml", "optimizer.adam.learning_rate=0.01")
      let ending = try workspace.run("report", "a", "b", "--output", "both.html", ranks: ranks)
      #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)")
      let page = try workspace.folder.text(of: "both.html")
      #expect(page.contains("optimizer.adam.learning_rate"))
      // A page that is somebody's file is not overwritten.
      CommandTests.expectRefusal(
        try workspace.run("report", "a", "b", "--output", "both.html"), 73, ["--force"])
      #expect(
        try workspace.run("report", "a", "b", "--output", "both.html", "--force").status == 0)
      #expect(try workspace.folder.text(of: "both.html") == page)
    }

    @Test func whatIsNoRunIsRefused() throws {
      CommandTests.expectRefusal(try workspace.run("report", "none"), 66, ["none"])
      CommandTests.expectRefusal(try workspace.run("report", "mlp.yaml"), 66, ["is a file"])
      CommandTests.expectRefusal(try workspace.run("report"), 64, ["RUN"])
    }
  }
}
