import Checkpoints
import Diagnostics
import Files
import Foundation
import Testing

extension CheckpointsTests {
  @Suite(.serialized) struct RunDirectoryTests {
    let place: TemporaryDirectory

    init() throws { place = try TemporaryDirectory() }

    private func start(_ name: String, _ start: RunDirectory.Start = .new) throws -> RunDirectory {
      try RunDirectory(place(name), start)
    }

    /// A run that began and ended.
    private func run(_ name: String, _ start: RunDirectory.Start = .new) throws {
      let run = try self.start(name, start)
      try writeAtomically("seed: 1\n", to: run.configurationFile)
      try save(1, in: run.checkpoints)
    }

    @Test func aRunIsNeverOverwritten() throws {
      try run("runs/a")
      let message = failure(.cannotCreate) { _ = try start("runs/a") }
      for choice in ["--resume", "--fresh", "--run DIR"] { #expect(message.contains(choice)) }
      let resumed = try start("runs/a", .resume)
      #expect(try resumed.checkpoints.steps() == [1])
      #expect(resumed.previousOwner == nil)
    }

    @Test func aFreshRunMovesTheOldOneAside() throws {
      try run("runs/a")
      try run("runs/a", .fresh)
      let third = try start("runs/a/", .fresh)
      #expect(third.movedTo == place("runs/a~2"))
      #expect(try third.checkpoints.steps().isEmpty)
      #expect(try names(in: place("runs")) == ["a", "a~1", "a~2"])
      #expect(
        try weights(place("runs/a~1/checkpoints/step-000000001.h5")) == numbers(1))
      let first = try start("runs/b", .fresh)
      #expect(first.movedTo == nil)
    }

    @Test func aFreshRunBehindALinkStaysOnItsDisk() throws {
      try run("disk/a")
      try shell("ln -s disk/a '\(place("a"))'")
      let fresh = try start("a", .fresh)
      #expect(fresh.movedTo == place("disk/a~1"))
      #expect(try names(in: place.path) == ["a", "disk"])
      #expect(try names(in: place("disk")) == ["a", "a~1"])
    }

    @Test func aSecondRunIsToldWhoHoldsTheLock() throws {
      let first = try start("a")
      for mode in [RunDirectory.Start.new, .resume, .fresh] {
        #expect(
          failure(.cannotCreate) { _ = try start("a", mode) }
            .contains("is locked by pid \(getpid()) on host "))
      }
      _ = consume first
      _ = try start("a")
    }

    @Test func theLockHoldsBetweenProcessesAndDiesWithThem() throws {
      try FileManager.default.createDirectory(
        atPath: place("a"), withIntermediateDirectories: true)
      let other = Process()
      other.executableURL = URL(fileURLWithPath: "/bin/sh")
      other.arguments = [
        "-c", "exec 9>> '\(place("a/.lock"))'; flock -n 9; echo ready; exec sleep 60",
      ]
      let pipe = Pipe()
      other.standardOutput = pipe
      try other.run()
      _ = pipe.fileHandleForReading.availableData
      try put("pid 4242 on host far\n".utf8, at: place("a/.lock.text"))
      try shell("cat '\(place("a/.lock.text"))' > '\(place("a/.lock"))'")
      #expect(
        failure(.cannotCreate) { _ = try start("a") }.contains("locked by pid 4242 on host far"))
      kill(other.processIdentifier, SIGKILL)
      other.waitUntilExit()
      let run = try start("a")
      #expect(run.previousOwner == "pid 4242 on host far")
    }

    @Test func placesThatCannotBeAreExplained() throws {
      try put([1], at: place("file"))
      try shell("ln -s nowhere '\(place("link"))'")
      #expect(failure(.cannotCreate) { _ = try start("file") }.contains("is a file"))
      #expect(failure(.cannotCreate) { _ = try start("file/a") }.contains("file': it is a file"))
      #expect(failure(.cannotCreate) { _ = try start("link") }.contains("does not exist"))
      #expect(
        failure(.cannotCreate) { _ = try start(String(repeating: "x", count: 300)) }
          .contains("File name too long"))
      try FileManager.default.createDirectory(
        atPath: place("a"), withIntermediateDirectories: true)
      try put([1], at: place("a/checkpoints"))
      #expect(failure(.cannotCreate) { _ = try start("a") }.contains("checkpoints': it is a file"))
    }

    @Test func whatDeadProcessesLeftIsRemoved() throws {
      try run("a")
      let dead = 4_194_301
      let stale = [
        "a/checkpoints/.step-000000002.h5.nn-dist-\(dead)",
        "a/checkpoints/.step-000000002.h5.sha256.nn-dist-\(getpid())",
        "a/.config.yaml.nn-dist-\(dead)",
      ]
      let others = [
        "a/checkpoints/.step-000000002.h5.nn-dist-1",
        "a/checkpoints/.step-000000002.h5.tmp-\(dead)",
        "a/checkpoints/.x.nn-dist-", "a/checkpoints/.x.nn-dist-1x",
        "a/checkpoints/x.nn-dist-\(dead)",
      ]
      for name in stale + others { try put([1], at: place(name)) }
      _ = try start("a", .resume)
      for name in stale { #expect(!FileManager.default.fileExists(atPath: place(name)), "\(name)") }
      for name in others { #expect(FileManager.default.fileExists(atPath: place(name)), "\(name)") }
    }
  }
}
