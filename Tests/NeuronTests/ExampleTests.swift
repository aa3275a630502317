import Foundation
import TestSupport
import Testing

/// The programs of `Examples`, as a user runs them.
@Suite(.serialized) struct ExampleTests {
  static func run(
    _ program: String, _ words: String..., ranks: Int? = nil, workers: Int? = nil,
    home: String? = nil
  ) throws -> ChildProcess.Ending {
    let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    let path = tests.deletingLastPathComponent().appendingPathComponent(program).path
    let launcher =
      ranks.map {
        ["mpirun", "-q", "--timeout", "60", "--oversubscribe", "--bind-to", "none", "-np", "\($0)"]
      } ?? []
    var environment = ProcessInfo.processInfo.environment
    environment["OMPI_ALLOW_RUN_AS_ROOT"] = "1"
    environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
    if let workers { environment["NN_DIST_WORKERS"] = "\(workers)" }
    if let home { environment["HOME"] = home }
    return try ChildProcess(launcher + [path] + words, in: "/", environment: environment).wait()
  }

  /// Red, green and blue, all right, with the same bits on any number of ranks.
  @Test func coloursAreToldApart() throws {
    let alone = try Self.run("colours")
    #expect(alone.status == 0, "\(alone.errors)")
    #expect(alone.output.contains("right 90 of 90"), "\(alone.output)")
    let line = try #require(alone.output.split(separator: "\n").last)
    for ranks in [2, 3] {
      let together = try Self.run("colours", ranks: ranks)
      let lines = together.output.split(separator: "\n").filter { $0.hasPrefix("epochs") }
      #expect(together.status == 0 && lines == Array(repeating: line, count: ranks))
    }
  }

  /// Moments go from all ranks to each and back, and lose nothing.
  @Test func stepsOfAnySizeAreShared() throws {
    let alone = try Self.run("NeuronRanks")
    #expect(alone.status == 0 && alone.output.hasPrefix("weights "), "\(alone.errors)")
    for ranks in [2, 3, 4] {
      let together = try Self.run("NeuronRanks", ranks: ranks)
      #expect(
        together.status == 0
          && together.output == String(repeating: alone.output, count: ranks),
        "\(ranks) ranks: \(together.output) \(together.errors)")
    }
  }

  /// Even numbers become normal ones of the right mean and deviation; many short steps, which
  /// threads that wait for a busy core would make long.
  @Test func normalNumbersAreMade() throws {
    let alone = try Self.run("normal", workers: 1)
    let words = alone.output.split { " ,\n".contains($0) }
    #expect(alone.status == 0 && words.count == 6, "\(alone.errors)")
    let (mean, deviation) = (try #require(Double(words[1])), try #require(Double(words[3])))
    #expect(abs(mean - 4) < 0.05 * 4 && abs(deviation - 1.25) < 0.05 * 1.25, "\(alone.output)")
  }

  /// A GAN and a WGANGP in the words of the README of the Swift package Neuron.
  @Test func theDocumentsGANsAreTrained() throws {
    let ending = try Self.run("NeuronDocument", workers: 1)
    #expect(ending.status == 0 && ending.errors.isEmpty, "\(ending.errors)")
    let lines = ending.output.split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("current epoch completed: ") } == 1100)
    #expect(lines.count { $0 == "made 7 opinion true" } == 2)
    let figures = lines.filter { $0.contains("loss: ") || $0.contains("penalty: ") }
    #expect(figures.count == 6 && figures.filter { $0.hasSuffix(" nil") } == [figures[2]])
  }

  @Test func oneRankDraws() throws {
    let folder = try TemporaryFolder()
    let ending = try Self.run("NeuronRanks", folder.path, ranks: 2)
    #expect(ending.status == 0, "\(ending.errors)")
    #expect(folder.names(in: ".") == ["0.svg"])
  }

  @Test func digitsAreLearnt() throws {
    let folder = try TemporaryFolder()
    try MNISTTests.write((160, 20), to: folder)
    let ending = try Self.run("digits", folder.path)
    #expect(ending.status == 0 && ending.output.contains("epoch 1: validation loss"))
    #expect(ending.output.contains("of 20"))
    #expect(try Self.run("digits", "/nowhere").status == 66)
  }
}
