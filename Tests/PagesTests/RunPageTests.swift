import Foundation
import Pages
import Reports
import RunFiles
import TestSupport
import Testing

/// Python's own parsers and digests, which check pages.
enum PageChecker {
  static let script = URL(filePath: #filePath)
    .appending(path: "../../References/check_page.py").standardized.path

  static let isHere = Browser.isInPath("python3")

  /// What is wrong with each of some pages.
  static func problems(_ pages: [String], in folder: TemporaryFolder) throws -> [[String]] {
    let names = pages.indices.map { "page-\($0).html" }
    for (name, page) in zip(names, pages) { try folder.write(page, to: name) }
    let ending = try ChildProcess(
      ["python3", script] + names, in: folder.path,
      environment: ProcessInfo.processInfo.environment
    ).wait()
    #expect(ending.status == 0, "\(ending.errors)")
    let answer = try #require(
      try JSONSerialization.jsonObject(with: Data(ending.output.utf8)) as? [String: [String]])
    return names.map { answer[$0] ?? ["not checked"] }
  }
}

@Suite struct RunPageTests {
  @Test(.data("python3", areHere: PageChecker.isHere))
  func pagesAreWellFormedWhateverTheFilesHold() throws {
    var records = Records()
    let all = records.all
    let pages = all.map { RunPage($0).html } + [ComparisonPage(all).html]
    let problems = try PageChecker.problems(pages, in: TemporaryFolder())
    for (place, found) in problems.enumerated() { #expect(found == [], "page \(place)") }
  }

  @Test func namesStayText() {
    var records = Records()
    let html = RunPage(records.hostile()).html
    #expect(html.components(separatedBy: "<script").count == 3)
    #expect(!html.contains("<img src=x"))
    #expect(html.contains("&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;"))
    // What turns the direction of text is shown as what it is.
    #expect(!html.contains("\u{202e}") && html.contains("\\u{202E}"))
  }

  /// What a page shows stands in it as text, in this order.
  @Test func partsHaveAnOrder() {
    var records = Records()
    let html = RunPage(records.classifier()).html
    var rest = html[...]
    for words in [
      "<h1>mnist-conv</h1>", "finished", "12 epochs, 11,256 steps, 1 min 33 s", "Best values",
      "Curves", "<h3>loss</h3>", "<h3>accuracy</h3>", "<h3>learning rate</h3>",
      "<h3>gradient norm</h3>", "<h3>samples per second</h3>", "Layers", "dense1.weight",
      "Dead units", "relu1", "Answers", "the best checkpoint, of step 11,256", "Confusion matrix",
      "Worst samples", "data:image/png;base64,iVBOR", "Network", "conv 3&lt;x&gt;3",
      "Configuration", "dataset: mnist", "Machine and sessions",
      "nn-dist train configs/mnist-conv.yaml", "2026-11-30 12:00:00 UTC", "node01",
      "AMD EPYC 9V74 80-Core Processor, 2 cores", "2 ranks, 1 worker each", "0.9.0",
      "runs/mnist-conv",
    ] {
      let place = rest.range(of: words)
      guard let place else {
        Issue.record("\(words) is missing, or too early")
        continue
      }
      rest = rest[place.upperBound...]
    }
  }

  @Test func aPartWithoutDataDoesNotAppear() {
    let html = RunPage(RunRecord(path: "runs/empty")).html
    #expect(html.contains("<h1>empty</h1>"))
    #expect(html.contains("how it ended is not recorded"))
    for part in ["<section", "<nav", "<figure", "To continue"] { #expect(!html.contains(part)) }
  }

  @Test func theFirstEpochIsEnoughForAPage() {
    var records = Records()
    var record = RunRecord(path: "runs/young")
    record.metrics = records.metrics(epochs: 1, stepsPerEpoch: 10)
    let html = RunPage(record, isRunning: true).html
    #expect(html.contains("1 epoch, 10 steps"))
    // A point by itself is a dot.
    #expect(html.contains("h0\"/>"))
  }

  @Test(
    arguments: [
      (.finished, "finished", "", ""),
      (.stoppedEarly, "stopped early", "no better loss", "nn-dist train a.yaml --resume"),
      (.timeIsUp, "time is up", "", "nn-dist train a.yaml --resume"),
      (.stopped, "stopped on request", "", "nn-dist train a.yaml --resume"),
      (.failed, "failed with exit code 74", "no space left on device", ""),
    ] as [(RunSession.End.Outcome, String, String, String)])
  func theHeaderTellsHowItEnded(
    outcome: RunSession.End.Outcome, word: String, message: String, next: String
  ) {
    var record = RunRecord(path: "runs/a")
    var session = Records.session(end: outcome, message: message)
    session.end?.code = outcome == .failed ? 74 : 0
    session.end?.next = next
    record.sessions = [session]
    let header = Self.header(of: RunPage(record).html)
    #expect(header.contains(">\(word)<"))
    #expect(message.isEmpty || header.contains(">\(message)<"))
    #expect(header.contains("To continue") == !next.isEmpty)
    #expect(next.isEmpty || header.contains(">\(next)<"))
  }

  @Test func aRunWithoutAnEndWasKilledUnlessItRuns() {
    var record = RunRecord(path: "runs/a")
    record.sessions = [
      Records.session(end: nil, command: "mpirun -np 2 nn-dist train a.yaml --fresh")
    ]
    let killed = Self.header(of: RunPage(record).html)
    #expect(killed.contains(">killed<"))
    #expect(killed.contains(">mpirun -np 2 nn-dist train a.yaml --resume<"))
    let running = Self.header(of: RunPage(record, isRunning: true).html)
    #expect(running.contains(">running<") && !running.contains("To continue"))
    #expect(!running.contains("The last epoch"))
    // A page that is never written again says how old it is.
    let time = 1_796_045_243.2
    record.metrics.add("loss", .train, .init(step: 4, epoch: 1, wallTime: time, value: 1))
    #expect(
      Self.header(of: RunPage(record, isRunning: true).html)
        .contains("The last epoch ended at 2026-11-30 13:27:23 UTC. Load the page again"))
  }

  @Test func sessionsAreTold() {
    var record = RunRecord(path: "runs/a")
    record.sessions = [
      Records.session(end: .stopped, last: 400),
      Records.session(at: Records.day + 86_400, step: 400, last: 900),
    ]
    let html = RunPage(record).html
    #expect(html.contains("<h3>Start</h3>") && html.contains("<h3>Continued from step 400</h3>"))
    #expect(html.contains("2026-12-01 12:00:00 UTC"))
    // The night between does not count.
    #expect(Self.header(of: html).contains("900 steps, 3 min 7 s"))
  }

  /// Of two networks that learn against each other no loss is the best.
  @Test func adversarialRunsHaveNoBestValue() {
    var records = Records()
    let html = RunPage(records.generator()).html
    #expect(html.contains("Last values") && !html.contains("Best values"))
    #expect(!html.contains("class=\"ring") && html.contains("epoch 10, the last"))
    #expect(RunPage(records.classifier()).html.contains("class=\"ring validation\""))
  }

  @Test func damagedFilesAreTold() {
    var record = RunRecord(path: "runs/a")
    record.notes = ["metrics.jsonl: line 7 left out: it is no JSON"]
    let html = RunPage(record).html
    #expect(html.contains("Damaged files") && html.contains("metrics.jsonl: line 7 left out"))
  }

  private static func header(of html: String) -> String {
    let start = html.range(of: "<header>")?.upperBound ?? html.startIndex
    let end = html.range(of: "</header>")?.lowerBound ?? html.endIndex
    return String(html[start..<end])
  }
}
