import Testing

@testable import Datasets

@Suite struct TokensTests {
  @Test func labelsAreTheNextTokens() {
    let (training, test) = DrawnDataset.tokens.datasets(training: 300, test: 300)
    guard case .integers(let tokens) = training.elements,
      case .classes(let labels, let names, let shape) = training.targets
    else {
      Issue.record("expected tokens and classes")
      return
    }
    #expect(training.shape == [64] && shape == [64] && names.count == 65)
    var successors: [Int32: Set<Int32>] = [:]
    for place in tokens.indices {
      if place % 64 < 63 { #expect(labels[place] == tokens[place + 1]) }
      successors[tokens[place], default: []].insert(labels[place])
    }
    #expect(successors.count == 65 && successors.values.allSatisfy { $0.count == 4 })
    #expect(successors.values.joined().allSatisfy { (0..<65).contains($0) })
    #expect(training.contentHash != test.contentHash)
    #expect(
      DrawnDataset.tokens.datasets(training: 300, test: 1).training.contentHash
        == training.contentHash)
  }
}
