import Datasets
import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

/// Downloads from a server on this machine.
@Suite(
  .enabled(
    if: FileManager.default.isExecutableFile(atPath: "/usr/bin/curl"),
    "no curl: nothing is downloaded")
) struct FetchingTests {
  private let files: DataFolder
  private let images = Data((0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
  private let labels = Data("0123456789".utf8)

  init() throws { files = try DataFolder() }

  private func digest(_ data: Data) throws -> String {
    try data.write(to: URL(fileURLWithPath: files.path("x")))
    return try SHA256.of(file: files.path("x"))
  }

  private func describe(mirrors: [String], archive: Data? = nil) throws {
    let archive = try archive.map { "archive: {name: all.tar.gz, sha256: \(try digest($0))}" } ?? ""
    try files.put(
      """
      about: small
      source: {idx: {training: {samples: images, labels: labels}}}
      mirrors: [\(mirrors.joined(separator: ", "))]
      files:
        - {name: images, sha256: \(try digest(images))}
        - {name: labels, sha256: \(try digest(labels))}
      \(archive)
      """, at: "Datasets/small.yaml")
  }

  private func fetch() throws -> [String] {
    var lines: [String] = []
    try StoredDataset(named: "small", in: files.places).fetch { lines.append($0) }
    return lines
  }

  private var names: [String] { files.folder.names(in: "data/small") }

  @Test func filesComeOnce() throws {
    let server = try FileServer(["images": .whole(images), "labels": .whole(labels)])
    try describe(mirrors: [server.address])
    #expect(
      try fetch() == ["fetching \(server.address)/images", "fetching \(server.address)/labels"])
    #expect(names == ["images", "labels"])
    #expect(try files.folder.data(of: "data/small/images") == images)
    #expect(try fetch().allSatisfy { $0.hasSuffix("is there") })
    // A file that is not what it should be is replaced.
    try files.put("other", at: "data/small/labels")
    #expect(try fetch().last == "fetching \(server.address)/labels")
    #expect(try files.folder.data(of: "data/small/labels") == labels)
  }

  @Test func theNextMirrorHelps() throws {
    let empty = try FileServer([:])
    let wrong = try FileServer(["images": .whole(labels), "labels": .whole(images)])
    let right = try FileServer(["images": .whole(images), "labels": .whole(labels)])
    try describe(mirrors: [empty.address, wrong.address + "/", right.address])
    #expect(try fetch().count == 6)
    #expect(names == ["images", "labels"])
  }

  @Test func aPartOfAFileNeverCounts() throws {
    let server = try FileServer(["images": .whole(images), "labels": .cut(labels, after: 4)])
    try describe(mirrors: [server.address])
    let failure = #expect(throws: Failure.self) { _ = try fetch() }
    #expect(failure?.code == .noInput)
    #expect(
      failure?.message.contains("cannot fetch 'labels' of small: \(server.address)/labels") == true)
    #expect(failure?.message.contains("\n") == false)
    #expect(names == ["images"])
  }

  @Test func whatIsNotTheFileIsRefused() throws {
    let server = try FileServer(["images": .whole(labels)])
    try describe(mirrors: [server.address])
    let failure = #expect(throws: Failure.self) { _ = try fetch() }
    #expect(failure?.code == .badData)
    #expect(failure?.message.contains("SHA-256 84d89877") == true)
    #expect(names.isEmpty)
  }

  @Test func archivesAreUnpacked() throws {
    try files.put([UInt8](images), at: "packed/folder/images")
    try files.put([UInt8](labels), at: "packed/folder/labels")
    let tar = try ChildProcess(
      ["tar", "-c", "-z", "-f", files.path("all.tar.gz"), "-C", files.path("packed"), "folder"],
      in: "/", environment: ProcessInfo.processInfo.environment
    ).wait()
    #expect(tar.status == 0, "\(tar.errors)")
    let archive = try files.folder.data(of: "all.tar.gz")
    let server = try FileServer(["all.tar.gz": .whole(archive)])
    try describe(mirrors: [server.address], archive: archive)
    #expect(try fetch() == ["fetching \(server.address)/all.tar.gz"])
    #expect(names == ["images", "labels"])
    #expect(try files.folder.data(of: "data/small/images") == images)
  }

  @Test func descriptorsWithoutMirrors() throws {
    try files.put("about: small\nsource: mnist\n", at: "Datasets/small.yaml")
    let failure = #expect(throws: Failure.self) { _ = try fetch() }
    #expect(failure?.code == .usage)
    try files.put(
      "about: small\nsource: mnist\nfiles: [{name: ../x, sha256: a}]\n", at: "Datasets/small.yaml")
    #expect(throws: Failure.self) { _ = try fetch() }
  }

  /// The descriptors of the repository can be read, and say what they should of MNIST.
  @Test func shippedDescriptors() throws {
    let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../..").standardizedFileURL.path
    let places = DataPaths(
      environment: { $0 == "NN_DIST_DATASETS" ? "\(repository)/Datasets" : nil }, program: nil)
    #expect(places.datasets == ["cifar10", "mnist"])
    for name in places.datasets { _ = try StoredDataset(named: name, in: places) }
  }
}
