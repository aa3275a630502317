import Datasets
import Diagnostics
import Foundation
import TestSupport
import Testing

/// Vocabularies and merges in GPT-2's form.
@Suite struct GPT2FilesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(_ vocabulary: [UInt8], _ merges: [UInt8]) throws -> Tokeniser {
    let paths = ["vocab.json", "merges.txt"].map { folder.path(of: $0) }
    try Data(vocabulary).write(to: URL(fileURLWithPath: paths[0]))
    try Data(merges).write(to: URL(fileURLWithPath: paths[1]))
    return try Tokeniser(vocabulary: paths[0], merges: paths[1])
  }

  @Test func filesOfTokenizersAreRead() throws {
    let tokeniser = try read(Array(reference("vocab.json")), Array(reference("merges.txt")))
    #expect(try tokeniser == learned(.bpe, reference("text.txt"), size: 1000))
  }

  /// Tokens in any order, a special one among them, white space and escapes as JSON has them.
  @Test func numbersAreThoseOfTheFile() throws {
    let files = try #require(try learned(.bpe, "aab aab".utf8, size: 258).gpt2Files)
    let plain = try read(Array(files.vocabulary.utf8), Array(files.merges.utf8))
    #expect(try plain.encode(Array("aab".utf8)) == [257])
    let numbers = try JSONDecoder().decode([String: Int].self, from: Data(files.vocabulary.utf8))
    let members = try numbers.sorted { $0.value > $1.value }.map { name, number in
      // The encoder escapes quotes, backslashes and slashes.
      let text = String(decoding: try JSONEncoder().encode(name), as: UTF8.self)
      let escaped = ["a": "\"\\u0061\"", "Ġ": "\"\\u0120\""]
      return "\(escaped[name] ?? text) :\t\(number + 1)"
    }
    let special = "\"<|end of text \\ud83d\\ude00|>\""
    let text = "{ \(special): 0 ,\r\n\(members.joined(separator: " , "))}\n"
    let other = try read(Array(text.utf8), Array(files.merges.dropFirst(14).utf8))
    #expect(try other.encode(Array("aab".utf8)) == [258])
    #expect(other.tokens.first == Array("<|end of text 😀|>".utf8))
    #expect(Array(other.tokens.dropFirst()) == plain.tokens)
  }

  private static let vocabulary =
    (try? learned(.bpe, "aab".utf8, size: 257).gpt2Files)?.vocabulary ?? ""

  @Test(arguments: [
    ("", "#version: 0.2\n", "expected '{' at byte 0, found the end of the file"),
    ("{\"a\":0}", "", "expected 256 to 16,777,216 tokens, found 1"),
    ("{\"a\":-1}", "", "expected the number of a token at byte 5, found '-'"),
    ("{\"a\":0,}", "", "expected '\"' at byte 7, found '}'"),
    ("{\"a\":0} x", "", "expected the end of the file at byte 8"),
    ("{\"\\ud800x\":0}", "", "a pair of surrogates"),
    ("{\"\\u00g0\":0}", "", "an escape sequence"),
    (vocabulary + "x", "", "expected the end of the file"),
    (vocabulary.replacingOccurrences(of: ":256}", with: ":255}"), "", "that of another token too"),
    (vocabulary.replacingOccurrences(of: ":256}", with: ":257}"), "", "not among 0 to 256"),
    (vocabulary.replacingOccurrences(of: "\"aa\"", with: "\"a\""), "", "there twice"),
    (vocabulary.replacingOccurrences(of: "\"a\"", with: "\"ab\""), "", "the byte 97"),
    (vocabulary, "#version: 0.2\na b\n", "merges.txt:2:1: 'ab' is no token"),
    (vocabulary, "a a\na  a\n", "merges.txt:2:1: expected two tokens"),
    (vocabulary, "a a\n\na a\n", "merges.txt:2:1: expected two tokens"),
    (vocabulary, "a a\r\n", "merges.txt:1:1: 'a\\r' is no token"),
    (vocabulary, "a a\na a\n", "merges.txt:2:1: 'a a' is merged twice"),
  ])
  func otherFilesAreRefused(vocabulary: String, merges: String, message: String) throws {
    let failure = #expect(throws: Failure.self) {
      try read(Array(vocabulary.utf8), Array(merges.utf8))
    }
    #expect(failure?.code == .badData)
    #expect(failure?.message.contains(message) == true, "\(failure?.message ?? "")")
  }

  @Test func damagedFilesAreReadOrRefused() throws {
    let learnedFrom = try reference("text.txt").prefix(2000)
    let files = try #require(try learned(.bpe, learnedFrom, size: 290).gpt2Files)
    let text = Array(try reference("other.txt").prefix(300))
    var mutator = Mutator(seed: 12)
    var tally = MutationTally()
    for number in 0..<10_000 {
      var (vocabulary, merges) = (Array(files.vocabulary.utf8), Array(files.merges.utf8))
      if number % 2 == 0 {
        vocabulary = mutator.text(files.vocabulary)
      } else {
        merges = mutator.text(files.merges)
      }
      tally.add(number, statuses: [65]) {
        do {
          let tokeniser = try read(vocabulary, merges)
          #expect(try tokeniser.decode(tokeniser.encode(text)) == text)
          return nil
        } catch let failure as Failure { return (failure.code.rawValue, failure.message) } catch {
          return (-1, "\(error)")
        }
      }
    }
    print("vocabularies and merges: \(tally)")
    #expect(tally.faults.isEmpty, "\(tally.faults.prefix(5))")
  }
}
