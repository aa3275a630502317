import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// What docs/first-steps.md tells a newcomer to do.
  @Suite struct FirstSteps {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    /// A block of the page, from a line of three backquotes and its language to the next one.
    private static func blocks(of page: String, in language: String) -> [[String]] {
      var blocks: [[String]] = []
      var isInside = false
      for line in page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
        if line == "```\(language)" {
          isInside = true
          blocks.append([])
        } else if line.hasPrefix("```") {
          isInside = false
        } else if isInside {
          blocks[blocks.count - 1].append(line)
        }
      }
      return blocks
    }

    /// The words of a command; those between quotes are one.
    private static func words(of command: String) -> [String] {
      command.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
        .flatMap { place, part in
          place % 2 == 1 ? [String(part)] : part.split(separator: " ").map(String.init)
        }
    }

    @Test func textInTenMinutes() throws {
      let page = try String(
        contentsOfFile: "\(Workspace.repository)/docs/first-steps.md", encoding: .utf8)
      let configuration = try #require(Self.blocks(of: page, in: "yaml").first)
      try workspace.folder.write(
        configuration.joined(separator: "\n") + "\n", to: "novel.yaml")
      var random = XorShift(seed: 4)
      let words = ["The", "old", "king", "and", "a", "fox", "saw", "many", "birds", "sing."]
      try workspace.folder.write(
        (0..<12_000).map { _ in words[Int(random.number(in: 0...9.99))] }.joined(separator: " "),
        to: "novel.txt")
      let commands = Self.blocks(of: page, in: "sh").flatMap(\.self)
      #expect(commands.count == 6)
      var outputs: [String] = []
      for command in commands {
        let words = Self.words(of: command).map { word in
          word == "nn-dist" ? Workspace.program ?? word : word
        }
        let ending = try workspace.startCommand(words).wait()
        #expect(ending.status == 0, "\(command): \(ending.errors)")
        outputs.append(ending.output)
      }
      #expect(outputs[1].contains("perplexity"))
      #expect(outputs[2].hasPrefix("The ") && outputs[2].count > 200)
      #expect(workspace.folder.exists("novel.html"))
    }
  }
}
