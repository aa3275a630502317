import Diagnostics
import Foundation
import ModelFiles
import TestSupport
import Testing

/// Files that real releases of Neuron wrote, with what those releases answer.
@Suite(.data("shared/reference/examples/upstream", areHere: Upstream.folder != nil))
struct UpstreamTests {
  /// By default a normalised lobe takes the statistics of each vector, as Neuron does while
  /// `trainable`.
  @Test(arguments: Upstream.files("expected"))
  func answersAreThoseOfTheRelease(_ file: Upstream.File) throws {
    try expect(file, StoredModel.Choices(release: file.brainRelease))
  }

  /// With its stored statistics, it answers as Neuron does where `trainable` is false.
  @Test(arguments: Upstream.files("inference").filter { $0.release != "1.6-gan" })
  func storedStatistics(_ file: Upstream.File) throws {
    try expect(
      file, StoredModel.Choices(release: file.brainRelease, usesStoredStatistics: true))
  }

  /// The generator's answers were noted after it had been fed all samples while `trainable`, and
  /// each feed moves the averages, which stand in the file as they were before.
  @Test(arguments: Upstream.files("inference").filter { $0.release == "1.6-gan" })
  func statisticsThatHaveMoved(_ file: Upstream.File) throws {
    var (mean, variance) = (Float(1), Float(1))
    for sample in try file.numbers("inputs").map({ $0.map(Float.init) }) {
      let count = Float(sample.count)
      let own = sample.reduce(0, +) / count
      mean = 0.99 * mean + 0.01 * own
      variance =
        0.99 * variance + 0.01 * sample.reduce(0) { $0 + ($1 - own) * ($1 - own) } / count
    }
    let text = try String(contentsOf: URL(filePath: file.path("smodel")), encoding: .utf8)
    let moved = text.replacing(/"(movingMean|movingVariance)" ?: ?1\b/) { match in
      "\"\(match.1)\":\(match.1 == "movingMean" ? mean : variance)"
    }
    #expect(moved != text)
    let read = try model(
      moved, StoredModel.Choices(release: .release16, usesStoredStatistics: true))
    expectClose(
      try read.outputs(file.numbers("inputs")), try file.numbers("\(file.name).inference"),
      within: 2e-5)
  }

  /// What the files do not say is asked for; what they say is read without a question.
  @Test(arguments: Upstream.files("expected"))
  func releasesAreAskedFor(_ file: Upstream.File) throws {
    let decided = ["1.5.1/normhidden", "1.6/norm-softmax", "1.6/relu-softmax"]
    if file.release == "2.2.3" || decided.contains("\(file.release)/\(file.name)") {
      return try expect(file, StoredModel.Choices())
    }
    let failure = #expect(throws: Failure.self) {
      _ = try StoredModel(reading: file.path("smodel"))
    }
    let name = try #require(file.brainRelease).name
    #expect(failure?.code == .badData)
    #expect(failure?.message.contains(name) == true, "\(failure?.message ?? "")")
  }

  private func expect(_ file: Upstream.File, _ choices: StoredModel.Choices) throws {
    let model = try StoredModel(reading: file.path("smodel"), choices)
    let name = choices.usesStoredStatistics ? "inference" : "expected"
    guard file.release == "2.2.3" else {
      return expectClose(
        try model.outputs(file.numbers("inputs")), try file.numbers("\(file.name).\(name)"),
        within: 2e-5)
    }
    guard let images = Upstream.images else {
      print("the test images of MNIST are not here: \(file) is read, and not compared")
      return
    }
    let expected = try file.numbers("\(file.name).\(name)")
    let samples = (0..<expected.count).map { sample in
      images[16 + 784 * sample..<16 + 784 * (sample + 1)].map { Double(Float($0) / 255) }
    }
    expectClose(try model.outputs(samples), expected, within: 2e-5)
  }
}

enum Upstream {
  struct File: CustomTestStringConvertible, CustomStringConvertible {
    let release: String
    let name: String

    var description: String { "\(release)/\(name)" }
    var testDescription: String { description }
    /// That of a file of Neuron 1.
    var brainRelease: BrainRelease? {
      release == "1.6-gan" ? .release16 : BrainRelease(release)
    }

    func path(_ ending: String) -> String {
      "\(Upstream.folder ?? "")/\(release)/\(name).\(ending)"
    }

    /// The rows of a CSV file of the folder.
    func numbers(_ name: String) throws -> [[Double]] {
      let path = "\(Upstream.folder ?? "")/\(release)/\(name).csv"
      return try String(contentsOf: URL(filePath: path), encoding: .utf8).split(separator: "\n")
        .map { try $0.split(separator: ",").map { try #require(Double($0)) } }
    }
  }

  static let folder: String? = Examples.folder.map { "\($0)/upstream" }.flatMap {
    FileManager.default.fileExists(atPath: $0) ? $0 : nil
  }

  /// The files with answers of a kind.
  static func files(_ kind: String) -> [File] {
    guard let folder else { return [] }
    let names = FileManager.default.subpaths(atPath: folder) ?? []
    return names.sorted().compactMap { path in
      let parts = path.split(separator: "/").map(String.init)
      guard parts.count == 2, parts[1].hasSuffix(".\(kind).csv") else { return nil }
      return File(release: parts[0], name: String(parts[1].dropLast(kind.count + 5)))
    }
  }

  /// The test images of MNIST, which the files of 2.2.3 are asked about.
  static let images: Data? = {
    let root = URL(filePath: #filePath).appending(path: "../../..").standardized
    let paths = ["shared", "../shared"].map {
      root.appending(path: "\($0)/data/mnist/t10k-images-idx3-ubyte.gz").standardized.path()
    }
    guard let path = paths.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
      return nil
    }
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["gzip", "-dc", path]
    process.standardOutput = pipe
    guard (try? process.run()) != nil else { return nil }
    defer { process.waitUntilExit() }
    return try? pipe.fileHandleForReading.readToEnd()
  }()
}
