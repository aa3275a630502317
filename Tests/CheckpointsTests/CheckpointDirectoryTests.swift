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
        try save(step, in: directory, keep: 2, isBest: step == 20)
      }
      #expect(try directory.steps() == [20, 40, 50])
      #expect(try directory.best() == directory.file(ofStep: 20))
      try save(60, in: directory, keep: 1, isBest: true)
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
      try save(1, in: directory, isBest: true)
      try put("step-000000009.h5\n".utf8, at: place("best"))
      #expect(try directory.best() == nil)
      try put("../../etc/passwd\n".utf8, at: place("best"))
      #expect(try directory.best() == nil)
    }

    @Test func aLostDirectoryIsAWriteError() throws {
      try FileManager.default.removeItem(atPath: place.path)
      let message = failure(.inputOutput) { try save(1, in: directory) }
      #expect(message.contains("No such file or directory"))
    }
  }
}
