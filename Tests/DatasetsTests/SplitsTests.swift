import Datasets
import Testing

@Suite struct SplitsTests {
  let training = Dataset(
    shape: [1], elements: .bytes((0..<100).map { UInt8($0) }),
    targets: .classes((0..<100).map { Int32($0) }, names: (0..<100).map { "\($0)" }))
  let test = Dataset(
    shape: [1], elements: .bytes([200, 201]), targets: .classes([0, 1], names: ["0", "1"]))

  func splits(_ validation: Splits.Validation, seed: UInt64 = 1) -> Splits {
    Splits(training: training, test: test, validation: validation, seed: seed)
  }

  func labels(_ set: Dataset) -> [Int32] {
    unsafe [Int32](unsafeUninitializedCapacity: set.count) { buffer, used in
      used = set.count
      let all = Array(0..<Int32(set.count))
      unsafe set.copy(
        targets: all[...],
        into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<used])))
    }
  }

  @Test func wholeSets() {
    #expect(splits(.test).training.count == 100)
    #expect(splits(.test).validation?.contentHash == test.contentHash)
    #expect(splits(.none).validation == nil)
    #expect(splits(.none).contentHash != splits(.test).contentHash)
  }

  @Test(arguments: [(0.1, 10), (0.5, 50), (0.001, 1), (0.999, 99), (0.015, 2)])
  func aShareIsHeldOut(_ share: Double, _ held: Int) throws {
    let parts = splits(.share(share))
    let validation = try #require(parts.validation)
    #expect(validation.count == held)
    #expect((labels(parts.training) + labels(validation)).sorted() == Array(0..<100))
  }

  /// Streams go on to the end, so that is what is held out.
  @Test func theEndIsHeldOutOfStreams() throws {
    let parts = Splits(
      training: training, test: test, validation: .share(0.1), hasStreams: true, seed: 1)
    #expect(labels(parts.training) == Array(0..<90))
    #expect(labels(try #require(parts.validation)) == Array(90..<100))
  }

  @Test func theSeedChooses() {
    let hashes = [splits(.share(0.1)), splits(.share(0.1), seed: 2), splits(.share(0.2))]
      .map(\.contentHash)
    #expect(Set(hashes).count == 3)
    #expect(splits(.share(0.1)).contentHash == hashes[0])
  }
}
