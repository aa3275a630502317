import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// On a terminal a bar shows the progress, and what stays is the same as elsewhere.
  @Suite(.enabled(if: Workspace.hasTerminal, "needs script (util-linux)"))
  struct Terminal {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    /// Everything that reaches a terminal of this width.
    private func transcript(width: Int) throws -> String {
      let program = try #require(Workspace.program)
      let command =
        "\(program) train conv.yaml --run run --set train.epochs=2 "
        + "--set data.train_samples=20000"
      let ending = try workspace.startCommand(
        ["script", "-qec", "stty cols \(width) rows 24; \(command)", "/dev/null"],
        ["TERM": "xterm-256color", "NO_COLOR": ""]
      ).wait()
      #expect(ending.status == 0, "\(ending.output)")
      return ending.output
    }

    /// What stays of a line after all that was drawn over it.
    private func remains(of text: String) -> [String] {
      text.split(separator: "\r\n").map { line in
        let last = line.split(separator: "\r").last ?? ""
        return String(last).replacing(/\u{1b}\[[0-9;]*[A-Za-z]/, with: "")
      }
    }

    /// The bar needs some room; without it, the figures stay.
    @Test(arguments: [(width: 60, hasBar: false), (80, true), (200, true)])
    func barAndCleanLines(width: Int, hasBar: Bool) throws {
      let text = try transcript(width: width)
      // What is drawn counts the 313 steps of an epoch, however narrow the terminal.
      let drawn = text.split(separator: "\r").filter { $0.contains("/313") && !$0.contains("\n") }
      #expect(drawn.count >= 1, "the progress is drawn now and then")
      for status in drawn {
        let plain = remains(of: String(status)).joined()
        #expect(plain.count < width && plain.contains("epoch") && plain.contains("loss"))
        #expect(plain.contains { "━─".contains($0) } == hasBar)
      }
      let lines = remains(of: text)
      #expect(
        lines.count { $0.wholeMatch(of: /epoch  [12]\/2  loss .* s/) != nil } == 2, "\(lines)")
      #expect(lines.last == "finished: 'run' holds the weights; nn-dist evaluate run")
    }
  }
}
