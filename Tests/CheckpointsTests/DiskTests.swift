import Checkpoints
import Diagnostics
import Foundation
import Testing

/// A small file system of its own in memory, where this user may mount one.
private final class SmallDisk {
  let path: String

  init(bytes: Int) throws {
    path = NSTemporaryDirectory() + "checkpoints-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let options = "size=\(bytes)"
    try #require(
      try shell("mount -t tmpfs -o \(options) tmpfs '\(path)' 2> /dev/null") == 0)
  }

  deinit { _ = try? shell("umount -l '\(path)' && rmdir '\(path)'") }
}

private let canMount = (try? SmallDisk(bytes: 65536)) != nil

extension CheckpointsTests {
  @Suite(.serialized, .enabled(if: canMount)) struct DiskTests {
    /// The disk has room for one more page each time, until the checkpoint fits.
    @Test func aFullDiskLeavesTheOldCheckpoint() throws {
      let disk = try SmallDisk(bytes: 1 << 18)
      let directory = CheckpointDirectory(disk.path)
      try save(1, in: directory)
      let before = try names(in: disk.path)
      var refusals = 0
      for pages in 0..<40 {
        try shell("cat /dev/zero > '\(disk.path)/filler' 2> /dev/null")
        try shell("truncate -s -\(pages * 4096) '\(disk.path)/filler'")
        do { try save(2, in: directory) } catch let failure as Failure {
          #expect(failure.code == .inputOutput)
          #expect(failure.message.contains("no space left"), "\(failure)")
          refusals += 1
        }
        try FileManager.default.removeItem(atPath: disk.path + "/filler")
        #expect(try weights(directory.file(ofStep: 1)) == numbers(1))
        if try directory.steps().count == 2 { break }
        #expect(try names(in: disk.path) == before)
      }
      #expect(refusals > 4 && refusals < 39)
      #expect(try weights(directory.file(ofStep: 2)) == numbers(2))
    }

    @Test func aDiskThatCannotBeWrittenIsRefusedAtTheStart() throws {
      let disk = try SmallDisk(bytes: 1 << 18)
      do {
        let run = try RunDirectory(disk.path + "/a", .new)
        try save(1, in: run.checkpoints)
      }
      try shell("mount -o remount,ro '\(disk.path)'")
      for name in ["a", "b"] {
        #expect(
          failure(.cannotCreate) { _ = try RunDirectory("\(disk.path)/\(name)", .resume) }
            .contains("Read-only file system"))
      }
      #expect(
        try weights(try ResolvedCheckpoint(disk.path + "/a", .newest).path) == numbers(1))
    }
  }
}
