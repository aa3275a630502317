import Datasets
import Testing

@Suite struct DigitsTests {
  @Test func theBitsArePinned() {
    let (training, test) = Digits.datasets(training: 200, test: 100)
    #expect(training.contentHash.description == "06c30d6d97f2fea3")
    #expect(test.contentHash.description == "b7be2eed74cafec0")
  }

  @Test func aSampleDoesNotDependOnTheCount() {
    let size = Digits.side * Digits.side
    let many = Digits.draw(.training, count: 50, seed: 3)
    #expect(Digits.draw(.training, count: 20, seed: 3) == Array(many[..<(20 * size)]))
    #expect(Digits.draw(.training, count: 0, seed: 3).isEmpty)
  }

  @Test func splitsSeedsAndSamplesDiffer() {
    let size = Digits.side * Digits.side
    let pictures = [
      Digits.draw(.training, count: 11, seed: 1), Digits.draw(.training, count: 11, seed: 2),
      Digits.draw(.test, count: 11, seed: 1),
    ].flatMap { [Array($0[..<size]), Array($0[(10 * size)...])] }
    #expect(Set(pictures).count == 6)
  }

  @Test(arguments: [10, 100, 1005])
  func classesAreBalancedAndInterleaved(_ count: Int) {
    let (training, _) = Digits.datasets(training: count, test: 10)
    guard case .classes(let labels, let names) = training.targets else { return }
    #expect(names == ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"])
    #expect(labels == (0..<count).map { Int32($0 % 10) })
  }

  @Test func everyPictureHasInkAndPaper() {
    let size = Digits.side * Digits.side
    let pixels = Digits.draw(.training, count: 300, seed: 0)
    for i in 0..<300 {
      let picture = pixels[(i * size)..<((i + 1) * size)]
      let bright = picture.count { $0 > 110 }
      #expect((8..<350).contains(bright), "sample \(i) has \(bright) bright pixels")
    }
  }

  @Test func bothSplitsShareTheTrainingNormalisation() {
    let (training, test) = Digits.datasets(training: 100, test: 100)
    #expect(test.normalisation == training.normalisation)
    #expect((0.08...0.2).contains(training.normalisation.mean))
    #expect(training.shape == [28, 28, 1])
  }
}
