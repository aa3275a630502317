import Datasets
import Testing

@Suite struct DigitsTests {
  @Test func theBitsArePinned() {
    let (training, test) = DrawnDataset.digits.datasets(training: 200, test: 100)
    #expect(training.contentHash.description == "06c30d6d97f2fea3")
    #expect(test.contentHash.description == "b7be2eed74cafec0")
  }

  @Test func aSampleDoesNotDependOnTheCount() {
    let size = 28 * 28
    let many = Digits.draw(.training, count: 50, seed: 3)
    #expect(Digits.draw(.training, count: 20, seed: 3) == Array(many[..<(20 * size)]))
    #expect(Digits.draw(.training, count: 0, seed: 3).isEmpty)
  }

  @Test func splitsSeedsAndSamplesDiffer() {
    let size = 28 * 28
    let pictures = [
      Digits.draw(.training, count: 11, seed: 1), Digits.draw(.training, count: 11, seed: 2),
      Digits.draw(.test, count: 11, seed: 1),
    ].flatMap { [Array($0[..<size]), Array($0[(10 * size)...])] }
    #expect(Set(pictures).count == 6)
  }

  @Test(arguments: [10, 100, 1005])
  func classesAreBalancedAndInterleaved(_ count: Int) {
    let (training, _) = DrawnDataset.digits.datasets(training: count, test: 10)
    guard case .classes(let labels, let names, _) = training.targets else { return }
    #expect(names == ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"])
    #expect(labels == (0..<count).map { Int32($0 % 10) })
  }

  @Test func everyPictureHasInkAndPaper() {
    let size = 28 * 28
    let pixels = Digits.draw(.training, count: 300, seed: 0)
    for i in 0..<300 {
      let picture = pixels[(i * size)..<((i + 1) * size)]
      let bright = picture.count { $0 > 110 }
      #expect((8..<350).contains(bright), "sample \(i) has \(bright) bright pixels")
    }
  }

  @Test func bothSplitsShareTheTrainingNormalisation() {
    let (training, test) = DrawnDataset.digits.datasets(training: 100, test: 100)
    #expect(test.normalisation == training.normalisation)
    #expect((0.08...0.2).contains(training.normalisation.mean))
    #expect(training.shape == [28, 28, 1])
  }

  @Test func theBitsOfColoursArePinned() {
    let (training, test) = DrawnDataset.colourDigits.datasets(training: 200, test: 100)
    #expect(training.shape == [32, 32, 3] && test.shape == [32, 32, 3])
    #expect(training.contentHash.description == "0fff44979dabef4d")
    #expect(test.contentHash.description == "86e76b626bf64376")
  }

  /// The middle of the range of each channel lies between the paper and the ink of its digit.
  @Test func everyColourHasInkAndPaper() {
    let size = 32 * 32 * 3
    let pixels = Digits.draw(.training, count: 200, seed: 0, style: .colour)
    for i in 0..<200 {
      for channel in 0..<3 {
        let values = stride(from: i * size + channel, to: (i + 1) * size, by: 3)
          .map { Int(pixels[$0]) }.sorted()
        #expect(values[values.count - 9] - values[8] > 50, "sample \(i), channel \(channel)")
      }
    }
  }
}
