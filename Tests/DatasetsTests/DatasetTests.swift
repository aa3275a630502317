import Datasets
import Diagnostics
import Testing

@Suite struct DatasetTests {
  let bytes = Dataset(
    shape: [2, 1, 1], elements: .bytes([0, 1, 10, 11, 20, 21, 30, 31]),
    targets: .classes([3, 2, 1, 0], names: ["a", "b", "c", "d"]))
  let floats = Dataset(
    shape: [2], elements: .floats([0, 0.5, 1, 1.5, 2, 2.5]),
    targets: .classes([0, 1, 0], names: ["no", "yes"]))

  func samples(_ set: Dataset, _ indices: [Int32]) throws -> [UInt8] { try set.bytes(of: indices) }

  func labels(_ set: Dataset, _ indices: [Int32]) -> [Int32] {
    unsafe [Int32](unsafeUninitializedCapacity: indices.count) { buffer, used in
      used = indices.count
      unsafe set.copy(
        targets: indices[...],
        into: UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[..<used])))
    }
  }

  @Test func copiesSamplesInTheOrderAsked() throws {
    #expect(bytes.count == 4)
    #expect(bytes.sampleBytes == 2)
    #expect(try samples(bytes, [3, 0, 3]) == [30, 31, 0, 1, 30, 31])
    #expect(labels(bytes, [3, 0, 3]) == [0, 3, 0])
    #expect(try samples(bytes, []).isEmpty)
  }

  @Test func copiesFloats() throws {
    #expect(floats.sampleBytes == 8)
    let expected: [Float] = [2, 2.5, 0, 0.5]
    let bytes = unsafe expected.withUnsafeBytes { unsafe Array($0) }
    #expect(try samples(floats, [2, 0]) == bytes)
    #expect(labels(floats, [1]) == [1])
  }

  /// As a reader finds them that takes a header for longer than it is.
  @Test func imagesThatBeginLate() throws {
    let late = try bytes.shifted(by: 1)
    #expect(late.count == 3 && late.shape == bytes.shape)
    #expect(try samples(late, [0, 1, 2]) == [1, 10, 11, 20, 21, 30])
    #expect(labels(late, [0, 1, 2]) == [3, 2, 1])
    #expect(late.normalisation == bytes.normalisation)
    let some = try bytes.selecting([2, 0, 3]).shifted(by: 1)
    #expect(try samples(some, [0, 1]) == [21, 0, 1, 30] && labels(some, [0, 1]) == [1, 3])
    for (set, count) in [(bytes, 2), (bytes, 0), (floats, 1)] {
      #expect(throws: Failure.self) { try set.shifted(by: count) }
    }
  }

  @Test func aSelectionCountsItsOwnSamples() throws {
    let some = bytes.selecting([2, 0, 3])
    #expect(some.count == 3)
    #expect(try samples(some, [0, 2]) == [20, 21, 30, 31])
    #expect(labels(some, [0, 1, 2]) == [1, 3, 0])
    let fewer = some.selecting([2, 1])
    #expect(try samples(fewer, [0, 1]) == [30, 31, 0, 1])
    #expect(fewer.normalisation == bytes.normalisation)
  }

  @Test func normalisationIsMeasuredOverTheSet() {
    let pixels = Dataset(
      shape: [1], elements: .bytes([0, 255, 0, 255]), targets: .classes([0, 0, 0, 0], names: ["a"]))
    #expect(pixels.normalisation == Normalisation(scale: 1 / 255, mean: 0.5, deviation: 0.5))
    #expect(floats.normalisation.mean == 1.25)
    #expect((floats.normalisation.deviation - 0.853912564).magnitude < 1e-6)
    let flat = Dataset(
      shape: [1], elements: .floats([2, 2]), targets: .classes([0, 0], names: ["a"]))
    #expect(flat.normalisation == Normalisation(scale: 1, mean: 2, deviation: 1))
  }

  @Test func theHashSeesEveryChange() {
    func hash(
      _ values: [UInt8], _ labels: [Int32] = [0, 1], shape: [Int] = [3],
      names: [String] = ["a", "b"]
    ) -> ContentHash {
      Dataset(shape: shape, elements: .bytes(values), targets: .classes(labels, names: names))
        .contentHash
    }
    let base = hash([1, 2, 3, 4, 5, 6])
    #expect(base == hash([1, 2, 3, 4, 5, 6]))
    let others = [
      hash([1, 2, 3, 4, 5, 7]), hash([2, 1, 3, 4, 5, 6]), hash([1, 2, 3, 4, 5, 6], [1, 0]),
      hash([1, 2, 3, 4, 5, 6], shape: [1, 3]), hash([1, 2, 3, 4, 5, 6], names: ["a", "c"]),
      hash([129, 2, 3, 4, 5, 6]), bytes.contentHash, bytes.selecting([0, 1]).contentHash,
      bytes.selecting([1, 0]).contentHash,
    ]
    #expect(Set(others + [base]).count == others.count + 1)
    #expect(base.description.count == 16)
  }

  @Test func theHashIsTheDocumentedOne() {
    // From Python integers.
    #expect(bytes.contentHash.description == "9041cc4ed089c338")
    #expect(bytes.selecting([2, 0, 3]).contentHash.description == "5239705f99dd1584")
  }

  @Test func theHashOfManyBytesSeesEachBit() {
    let values = [UInt8](repeating: 0, count: 24)
    var hashes: Set<ContentHash> = []
    for bit in 0..<192 {
      var changed = values
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      hashes.insert(
        Dataset(shape: [24], elements: .bytes(changed), targets: .classes([0], names: ["a"]))
          .contentHash)
    }
    #expect(hashes.count == 192)
  }
}
