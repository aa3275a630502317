import Checkpoints
import Diagnostics
import Foundation
import Testing

extension CheckpointsTests {
  @Suite(.serialized) struct DamageTests {
    let place: TemporaryDirectory
    let directory: CheckpointDirectory

    init() throws {
      place = try TemporaryDirectory()
      directory = CheckpointDirectory(place.path)
      for step in 1...3 { try save(step, in: directory) }
    }

    private func refusal(_ code: ExitCode = .badData) throws -> String {
      let latest = try #require(try directory.latest())
      return failure(code) { _ = try Checkpoint(opening: latest) }
    }

    @Test func aShortFileIsRefusedWithBothSizes() throws {
      let path = directory.file(ofStep: 3)
      let whole = try bytes(of: path)
      for size in [whole.count - 1, whole.count / 2, 60] {
        try put(whole[..<size], at: path)
        let message = try refusal()
        #expect(message.contains("is incomplete: \(size) of \(whole.count) bytes"))
        #expect(message.contains("resume with --resume=\(directory.file(ofStep: 2))"))
      }
      try put([], at: path)
      #expect(try refusal().contains("is damaged"))
    }

    @Test func everyFlippedBitIsRefused() throws {
      for path in [directory.file(ofStep: 3), directory.file(ofStep: 3) + ".sha256"] {
        let whole = try bytes(of: path)
        for offset in stride(from: 0, to: whole.count, by: max(1, whole.count / 150)) {
          var damaged = whole
          damaged[offset] ^= 1 << (offset % 8)
          // A line break that is lost at the very end changes nothing.
          if path.hasSuffix("sha256"), offset == whole.count - 1 { continue }
          try put(damaged, at: path)
          #expect(throws: Failure.self) { _ = try Checkpoint(opening: directory.file(ofStep: 3)) }
        }
        try put(whole, at: path)
      }
      #expect(try weights(directory.file(ofStep: 3)) == numbers(3))
    }

    @Test func aMissingPartIsNamed() throws {
      try FileManager.default.removeItem(atPath: directory.file(ofStep: 3) + ".sha256")
      #expect(try refusal().contains("step-000000003.h5.sha256' is missing; valid: "))
      let path = directory.file(ofStep: 2)
      try FileManager.default.removeItem(atPath: path)
      #expect(
        failure(.noInput) { _ = try Checkpoint(opening: path) }.contains("only its .sha256"))
      #expect(try directory.steps() == [1, 3])
      #expect(
        failure(.noInput) { _ = try Checkpoint(opening: place("none.h5")) }.hasSuffix("not exist"))
    }

    @Test func swappedPartsAreRefused() throws {
      try shell("cd '\(place.path)' && cp step-000000003.h5 step-000000002.h5")
      #expect(failure(.badData) { _ = try weights(directory.file(ofStep: 2)) }.contains("SHA-256"))
      try shell("cd '\(place.path)' && cp step-000000002.h5.sha256 step-000000003.h5.sha256")
      #expect(try refusal().contains("has no line"))
    }

    @Test func whenAllAreDamagedNoneIsOffered() throws {
      for step in 1...3 { try put([1], at: directory.file(ofStep: step)) }
      #expect(try refusal().hasSuffix("no other checkpoint beside it is valid"))
    }

    @Test func aCopyOutsideTheRunIsRead() throws {
      let other = try TemporaryDirectory()
      try shell("cp '\(place.path)'/step-000000002.* '\(other.path)'")
      #expect(try weights(other("step-000000002.h5")) == numbers(2))
      #expect(try ResolvedCheckpoint(other.path, .newest).path == other("step-000000002.h5"))
      #expect(
        failure(.noInput) { _ = try ResolvedCheckpoint("/dev", .newest).path }
          == "'/dev' contains no checkpoint")
    }
  }
}
