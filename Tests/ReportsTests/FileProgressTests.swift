import Reports
import Testing

@Suite struct FileProgressTests {
  private let clock = ProgressTests.Clock()

  private func last(_ text: String) -> String {
    String(text.split(separator: "\r").last ?? "").replacing(/\u{1b}\[[0-9;]*[A-Za-z]/, with: "")
  }

  /// After 2 s a quarter of the file is done, so that 6 s are left.
  @Test func barOfShares() throws {
    let screen = try Screen(columns: 100)
    let progress = FileProgress(screen.console) { clock.time }
    progress.advance(samples: 10, share: 0.1)
    #expect(screen.text() == "", "nothing is drawn in the first tenth of a second")
    clock.time += 2
    progress.advance(samples: 5000, share: 0.25)
    let bar = String(repeating: "━", count: 7) + String(repeating: "─", count: 23)
    #expect(last(screen.text()) == "25 %  \(bar)  5,000 samples  2500 samples/s  6.0 s left")
    progress.advance(samples: 5001, share: 0.26)
    #expect(screen.text() == "", "ten times a second are enough")
    progress.end()
    #expect(last(screen.text()).isEmpty)
  }

  /// Where the end is not known there is no bar, and a narrow terminal has no room for one.
  @Test func withoutBar() throws {
    for (columns, share, expected) in [
      (100, nil, "5,000 samples  2500 samples/s"),
      (54, 0.25, "25 %  5,000 samples  2500 samples/s  6.0 s left"), (12, 0.25, "25 %  5,000"),
    ] as [(UInt16, Double?, String)] {
      let screen = try Screen(columns: columns)
      let progress = FileProgress(screen.console) { clock.time }
      clock.time += 2
      progress.advance(samples: 5000, share: share)
      #expect(last(screen.text()) == expected)
    }
    let pipe = try Screen()
    let progress = FileProgress(pipe.console) { clock.time }
    clock.time += 60
    progress.advance(samples: 5000, share: 0.25)
    #expect(pipe.text() == "")
  }
}
