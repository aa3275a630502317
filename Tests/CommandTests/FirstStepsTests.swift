import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// What docs/first-steps.md tells a newcomer to do.
  @Suite struct FirstSteps {
    private let workspace: Workspace

    init() throws { workspace = try Workspace() }

    /// What stands between lines of three backquotes, with the language behind the first ones.
    private struct Block {
      let language: String
      var lines: [String] = []
      var text: String { lines.joined(separator: "\n") + "\n" }
    }

    /// The blocks of a section of the page.
    private static func blocks(of section: String) throws -> [Block] {
      let page = try String(
        contentsOfFile: "\(Workspace.repository)/docs/first-steps.md", encoding: .utf8)
      var (blocks, isInside, isInSection): ([Block], Bool, Bool) = ([], false, false)
      for line in page.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
        if line.hasPrefix("## "), !isInside { isInSection = line == "## \(section)" }
        guard isInSection else { continue }
        if line.hasPrefix("```") {
          isInside.toggle()
          if isInside { blocks.append(Block(language: String(line.dropFirst(3)))) }
        } else if isInside {
          blocks[blocks.count - 1].lines.append(line)
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

    /// Runs a command of the page and returns what it prints.
    private func run(_ command: String) throws -> String {
      let words = Self.words(of: command).map { word in
        word == "nn-dist" ? Workspace.program ?? word : word
      }
      let ending = try workspace.startCommand(words).wait()
      #expect(ending.status == 0, "\(command): \(ending.errors)")
      return ending.output
    }

    /// The words of an output without speeds, times and sizes of memory.
    private static func words(ofOutput text: String) -> [[Substring]] {
      text.split(separator: "\n").map { line in
        line.replacing(/\s+\d+ samples\/s.*/, with: "")
          .replacing(/\d+ ranks? x .*/, with: "").replacing(/\sin \d+\.\d+ s.*/, with: "")
          .replacing(",", with: "").split { " %│".contains($0) }
      }
    }

    /// Processors round differently, so numbers need only be near those of the page.
    private static func agree(_ word: Substring, _ shown: Substring) -> Bool {
      if word == shown { return true }
      guard let number = Double(word), let other = Double(shown) else {
        // Steps in paths are numbers, too; a line under a column is as long as its numbers.
        func rest(_ text: Substring) -> String { text.filter { !$0.isNumber && $0 != "─" } }
        return rest(word) == rest(shown)
      }
      return abs(number - other) <= 0.3 * abs(other) + 0.05
    }

    /// Runs the commands and the scripts of a section, and compares what they print and write with
    /// what the page shows.
    private func runSection(_ section: String, writing file: String) throws {
      var output = ""
      for block in try Self.blocks(of: section) {
        switch block.language {
        case "sh":
          output = try block.lines.map(run).joined()
        case "python":
          let python = try #require(Workspace.python)
          let ending = try workspace.startCommand([python, "-c", block.text]).wait()
          #expect(ending.status == 0, "\(ending.errors)")
        case "yaml":
          #expect(try workspace.folder.text(of: file) == block.text)
        case "csv":
          try workspace.folder.write(block.text, to: "new.csv")
        default:
          let shown = Self.words(ofOutput: block.text)
          let printed = Self.words(ofOutput: output).suffix(shown.count)
          #expect(printed.count == shown.count, "\(output)")
          for (words, others) in zip(printed, shown) where others != ["…"] {
            #expect(
              words.count == others.count && zip(words, others).allSatisfy(Self.agree),
              "\(words) where the page has \(others)")
          }
        }
      }
    }

    @Test func aTableInFiveMinutes() throws {
      let table = try Data(
        contentsOf: URL(fileURLWithPath: "\(Workspace.repository)/Examples/houses.csv"))
      try workspace.folder.write(String(decoding: table, as: UTF8.self), to: "houses.csv")
      try runSection("A table in five minutes", writing: "houses.yaml")
    }

    @Test(.enabled(if: Workspace.python != nil, "no Python with h5py"))
    func arraysInFiveMinutes() throws {
      try runSection("Arrays in five minutes", writing: "rings.yaml")
    }

    @Test func textInTenMinutes() throws {
      let blocks = try Self.blocks(of: "Text in ten minutes")
      let configuration = try #require(blocks.first { $0.language == "yaml" })
      try workspace.folder.write(configuration.text, to: "novel.yaml")
      var random = XorShift(seed: 4)
      let words = ["The", "old", "king", "and", "a", "fox", "saw", "many", "birds", "sing."]
      try workspace.folder.write(
        (0..<12_000).map { _ in words[Int(random.number(in: 0...9.99))] }.joined(separator: " "),
        to: "novel.txt")
      let commands = blocks.filter { $0.language == "sh" }.flatMap(\.lines)
      #expect(commands.count == 6)
      let outputs = try commands.map(run)
      #expect(outputs[1].contains("perplexity"))
      #expect(outputs[2].hasPrefix("The ") && outputs[2].count > 200)
      #expect(workspace.folder.exists("novel.html"))
    }
  }
}
