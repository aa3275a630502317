import Datasets
import Diagnostics
import Testing
import Training

/// A field that a network reads as lengths of sequences.
@Suite struct LengthsTests {
  private func data(_ lengths: Dataset.Elements) -> Dataset {
    Dataset(
      shape: [40], elements: .integers([Int32](repeating: 1, count: 40 * lengths.count)),
      targets: .none, namedFields: [NamedField("lengths", shape: [], lengths)])
  }

  private func failure(_ training: Dataset, _ test: Dataset? = nil) -> Failure? {
    let splits = Splits(training: training, test: test, validation: .none, seed: 1)
    do throws(Failure) {
      try splits.checkLengths(["lengths": 40])
      return nil
    } catch { return error }
  }

  @Test(arguments: [Int32(0), 41, -1, .max, .min])
  func theFirstThatIsNoLengthIsNamed(_ bad: Int32) {
    var lengths = (0..<3000).map { Int32(1 + $0 % 40) }
    #expect(failure(data(.integers(lengths))) == nil)
    lengths[2001] = bad
    lengths[2500] = 0
    let expected = Failure(
      .badData, "sample 2001 of 'lengths' is \(bad): expected 1 to 40 steps")
    #expect(failure(data(.integers(lengths))) == expected)
    // Of a part of the data it is the place in all of them.
    #expect(failure(data(.integers(lengths)).selecting([7, 2001])) == expected)
    #expect(failure(data(.integers([3])), data(.integers(lengths))) == expected)
  }

  @Test func bytesAreLengths() {
    #expect(failure(data(.bytes([1, 40]))) == nil)
    #expect(failure(data(.bytes([1, 0])))?.message.hasPrefix("sample 1 of 'lengths' is 0") == true)
    #expect(failure(data(.bytes([255])))?.message.hasPrefix("sample 0 of 'lengths' is 255") == true)
  }

  @Test func drawnLengthsAreRight() throws {
    let drawn = try #require(DrawnDataset.all.first { $0.name == "tags" })
    #expect(failure(drawn.datasets(training: 500, test: 1).training) == nil)
  }
}
