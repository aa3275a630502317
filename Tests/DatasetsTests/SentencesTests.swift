import Datasets
import Foundation
import Testing

/// Sentences that are drawn, parsed by a grammar of the test's own.
@Suite struct SentencesTests {
  private static let nouns: [String: Int] = [
    "cat": 0, "bird": 0, "child": 0, "fox": 0, "king": 0,
    "cats": 1, "birds": 1, "children": 1, "foxes": 1, "kings": 1,
  ]
  private static let transitive: [String: Int] = [
    "sees": 0, "likes": 0, "follows": 0, "hears": 0, "see": 1, "like": 1, "follow": 1, "hear": 1,
  ]
  private static let intransitive: [String: Int] = [
    "sleeps": 0, "sings": 0, "runs": 0, "sleep": 1, "sing": 1, "run": 1,
  ]

  private struct Parser {
    var words: ArraySlice<Substring>
    var clauses = 0

    mutating func next() -> String { words.popFirst().map(String.init) ?? "" }

    /// The number of a noun with its clause; nil if it is none.
    mutating func noun() -> Int? {
      let article = next()
      if ["small", "old", "red", "happy"].contains(words.first) { _ = next() }
      guard let number = nouns[next()],
        article == "the" || (number == 0 ? ["a", "every"] : ["many", "two"]).contains(article)
      else { return nil }
      guard words.first == "that" else { return number }
      clauses += 1
      _ = next()
      return verb() == number ? number : nil
    }

    mutating func verb() -> Int? {
      let word = next()
      if let number = transitive[word] { return noun() == nil ? nil : number }
      return intransitive[word]
    }
  }

  @Test func verbsAgreeWithTheirSubjects() throws {
    let data = try DataConfigurationTests().decode(
      "data: {dataset: sentences, train_samples: 300, test_samples: 1, steps: 300, batch: 1}"
    ).load(seed: 1).training
    let tokeniser = try #require(data.tokens)
    let field = try #require(data.field("samples"))
    var numbers = [Int32](repeating: 0, count: data.count * 300)
    try unsafe numbers.withUnsafeMutableBytes {
      try unsafe data.copy(field, of: Array(0..<Int32(data.count))[...], into: $0)
    }
    #expect(!numbers.contains(Tokeniser.unknown))
    var (sentences, clauses) = (0, 0)
    for sample in 0..<data.count {
      let text = String(
        decoding: tokeniser.decode(numbers[sample * 300..<(sample + 1) * 300]), as: UTF8.self)
      for sentence in text.components(separatedBy: ". ").dropLast() {
        var parser = Parser(words: sentence.split(separator: " ")[...])
        let subject = parser.noun()
        #expect(subject != nil && parser.verb() == subject, "\(sentence)")
        #expect(parser.words.isEmpty, "\(sentence)")
        sentences += 1
        clauses += parser.clauses
      }
    }
    // A quarter of the subjects has a clause, and some objects have one.
    #expect(sentences > 1000 && clauses * 4 > sentences)
  }
}
