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

    /// A process that was forked while the lock was taken shares it, as a duplicate of its
    /// descriptor.
    @Test func theLockEndsWithItsOwner() throws {
      let first = try start("a")
      let lock = try #require(
        (0..<1024).first { descriptor in
          let link = "/proc/self/fd/\(descriptor)"
          let target = try? FileManager.default.destinationOfSymbolicLink(atPath: link)
          return target?.hasSuffix("\(place.path)/a/.lock") == true
        })
      let shared = dup(Int32(lock))
      defer { close(shared) }
      _ = consume first
      _ = try start("a", .resume)
    }

    /// The directory goes elsewhere, and another run takes its name.
    @Test func aRunThatWasMovedWritesNoMore() throws {
      let run = try start("a")
      try save(1, in: run.checkpoints)
      let checkpoints = run.checkpoints
      try FileManager.default.moveItem(atPath: place("a"), toPath: place("moved"))
      let other = try start("a")
      let before = try names(in: place("a/checkpoints"))
      for step in [1, 2] {
        #expect(
          failure(.inputOutput) { try save(step, in: checkpoints, best: 1) }
            .contains("'\(place("a"))' was moved or replaced"))
      }
      #expect(
        failure(.inputOutput) { try checkpoints.rotate(best: 1, keeping: 1, sparing: 1) }
          .contains("moved"))
      #expect(try names(in: place("a/checkpoints")) == before)
      try save(1, in: other.checkpoints)
      #expect(try CheckpointDirectory(place("moved/checkpoints")).steps() == [1])
      #expect(other.movedTo == nil)
      _ = consume run
    }

    // MARK: Links

    @Test(arguments: [
      ".lock", "config.yaml", "metrics.jsonl", "layers.jsonl", "run.jsonl", "report.json",
      "report.html", "checkpoints/best",
    ])
    func linksInsideAreRefused(_ name: String) throws {
      try FileManager.default.createDirectory(
        atPath: place("a/checkpoints"), withIntermediateDirectories: true)
      try put("precious\n".utf8, at: place("target"))
      try shell("ln -s '\(place("target"))' '\(place("a/\(name)"))'")
      for mode in [RunDirectory.Start.new, .resume, .fresh] {
        #expect(
          failure(.cannotCreate) { _ = try start("a", mode) }
            .contains("cannot write '\(place("a/\(name)"))': it is a symbolic link"))
        #expect(
          failure(.cannotCreate) { try RunDirectory.rehearse(place("a"), mode) }
            .contains("symbolic link"))
      }
      #expect(try bytes(of: place("target")) == Array("precious\n".utf8))
    }

    /// A checkpoint of another run must not pass for one of this run.
    @Test(arguments: ["", ".sha256"]) func linkedCheckpointsAreRefused(_ ending: String) throws {
      for name in ["a", "b"] { try save(1, in: try start(name).checkpoints) }
      let directory = CheckpointDirectory(place("a/checkpoints"))
      #expect(try directory.latest() == directory.file(ofStep: 1))
      let other = CheckpointDirectory(place("b/checkpoints")).file(ofStep: 1) + ending
      try shell("ln -sf '\(other)' '\(directory.file(ofStep: 1))\(ending)'")
      #expect(
        failure(.badData) { _ = try directory.latest() }
          .contains("step-000000001.h5\(ending)' is a symbolic link"))
    }

    @Test func linkedFoldersAreRefusedAndLinkedRunsAreNot() throws {
      for name in ["real", "a"] {
        try FileManager.default.createDirectory(
          atPath: place(name), withIntermediateDirectories: true)
      }
      try shell("ln -s '\(place("real"))' '\(place("a/checkpoints"))'")
      #expect(
        failure(.cannotCreate) { _ = try start("a") }
          .contains("a/checkpoints': it is a symbolic link, expected a folder"))
      #expect(try names(in: place("real")).isEmpty)
      try shell("ln -s '\(place("real"))' '\(place("b"))'")
      let run = try start("b")
      try save(1, in: run.checkpoints)
      #expect(try CheckpointDirectory(place("real/checkpoints")).steps() == [1])
    }

    @Test func pipesInsideAreRefused() throws {
      try FileManager.default.createDirectory(
        atPath: place("a"), withIntermediateDirectories: true)
      for name in [".lock", "metrics.jsonl"] {
        try shell("mkfifo '\(place("a/\(name)"))'")
        #expect(failure(.cannotCreate) { _ = try start("a") }.contains("it is a named pipe"))
        try FileManager.default.removeItem(atPath: place("a/\(name)"))
      }
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
