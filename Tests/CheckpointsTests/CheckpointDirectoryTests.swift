import Checkpoints
import Diagnostics
import Foundation
import Testing

extension CheckpointsTests {
  @Suite(.serialized) struct CheckpointDirectoryTests {
    let place: TemporaryDirectory
    let directory: CheckpointDirectory

    init() throws {
      place = try TemporaryDirectory()
      directory = CheckpointDirectory(place.path)
    }

    @Test func theNewestAndTheBestStay() throws {
      for step in [10, 20, 30, 40, 50] {
        try save(step, in: directory, keep: 2, best: step < 20 ? nil : 20)
      }
      #expect(try directory.steps() == [20, 40, 50])
      #expect(try directory.best() == directory.file(ofStep: 20))
      try save(60, in: directory, keep: 1, best: 60)
      #expect(try directory.steps() == [60])
      #expect(
        try names(in: place.path) == ["best", "step-000000060.h5", "step-000000060.h5.sha256"])
    }

    @Test func whatAStepBackWritesStays() throws {
      for step in [10, 20, 30] { try save(step, in: directory) }
      try save(11, in: directory, keep: 1)
      #expect(try directory.steps() == [11, 30])
    }

    @Test func othersFilesStay() throws {
      let others = [
        "step-1.h5", "step-000000002.h5.bak", "step-0000000003.h5", "step--00000001.h5", "mine.h5",
        "step-000000004.hdf5",
      ]
      for name in others { try put([1], at: place(name)) }
      for step in 5...8 { try save(step, in: directory, keep: 1) }
      #expect(try directory.steps() == [8])
      #expect(Set(others).isSubset(of: try names(in: place.path)))
    }

    @Test func theLatestIsThatOfTheHighestStep() throws {
      #expect(try directory.latest() == nil)
      #expect(try CheckpointDirectory(place("none")).latest() == nil)
      try save(1_234_567_890, in: directory)
      try save(999_999_999, in: directory)
      #expect(try directory.latest() == place("step-1234567890.h5"))
    }

    @Test func aMarkOfWhatIsGoneIsNone() throws {
      try save(1, in: directory, best: 1)
      try put("step-000000009.h5\n".utf8, at: place("best"))
      #expect(try directory.best() == nil)
      try put("../../etc/passwd\n".utf8, at: place("best"))
      #expect(try directory.best() == nil)
    }

    /// The mark is lost in between, as by a kill; what the next checkpoint knows of the best
    /// counts.
    @Test func rotationSparesTheBestWithoutItsMark() throws {
      try save(1, in: directory, keep: 1, best: 1)
      try save(2, in: directory, keep: 1, best: 2)
      try put("step-000000001.h5\n".utf8, at: place("best"))
      try save(3, in: directory, keep: 1, best: 2)
      #expect(try directory.steps() == [2, 3])
      #expect(try directory.best() == directory.file(ofStep: 2))
    }

    @Test func whatAKillLeftIsSettled() throws {
      for step in 1...4 { try save(step, in: directory, keep: 9, best: 2) }
      try FileManager.default.removeItem(atPath: place("best"))
      for name in ["step-000000005.h5.sha256", "step-5.h5.sha256", "mine.sha256"] {
        try put([1], at: place(name))
      }
      try directory.removeOrphans()
      try directory.rotate(best: 2, keeping: 1, sparing: 4)
      #expect(
        try names(in: place.path) == [
          "best", "mine.sha256", "step-000000002.h5", "step-000000002.h5.sha256",
          "step-000000004.h5", "step-000000004.h5.sha256", "step-5.h5.sha256",
        ])
      #expect(try directory.best() == directory.file(ofStep: 2))
    }

    @Test func theBestOrTheNewestIsFound() throws {
      for step in 1...3 { try save(step, in: directory) }
      let newest = try ResolvedCheckpoint(place.path, .best)
      #expect(newest.path == directory.file(ofStep: 3) && newest.note == nil)
      try save(4, in: directory, best: 2)
      let best = try ResolvedCheckpoint(place.path, .best)
      #expect(best.path == directory.file(ofStep: 2))
      #expect(
        best.note?.contains("--last uses the newest, '\(place("step-000000004.h5"))'") == true)
      let last = try ResolvedCheckpoint(place.path, .newest)
      #expect(last.path == directory.file(ofStep: 4) && last.note == nil)
    }

    /// Rotation may come between finding and opening, and between the data and their digest.
    @Test func aRemovedCheckpointIsFollowedByTheNewer() throws {
      try save(1, in: directory, keep: 1)
      var step = 1
      let read = try ResolvedCheckpoint.reading(place.path, .newest) { found throws(Failure) in
        if step < 4 {
          step += 1
          do { try save(step, in: directory, keep: 1) } catch { Issue.record("\(error)") }
        }
        return try Checkpoint(opening: found.path).step
      }
      #expect(read == 4)
      let path = directory.file(ofStep: 4)
      #expect(
        failure(.noInput) {
          try ResolvedCheckpoint.reading(path, .newest) { found throws(Failure) in
            try? FileManager.default.removeItem(atPath: path)
            _ = try Checkpoint(opening: found.path)
          }
        }.contains("does not exist"))
    }

    @Test func aLostDirectoryIsAWriteError() throws {
      try FileManager.default.removeItem(atPath: place.path)
      let message = failure(.inputOutput) { try save(1, in: directory) }
      #expect(message.contains("No such file or directory"))
    }
  }
}
