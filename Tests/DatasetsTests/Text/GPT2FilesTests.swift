import Configuration
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

  // MARK: Hostile files

  /// A vocabulary that is mostly valid.
  private struct Vocabulary {
    var tokens: [(name: String, number: String)]
    var merges: [String]

    /// Changes an entry: most changes leave a vocabulary that can be read.
    mutating func change(_ draw: inout XorShift) {
      let token = draw.integer(in: 0...tokens.count - 1)
      let merge = draw.integer(in: 0...merges.count - 1)
      switch draw.integer(in: 0...13) {
      case 0, 1:
        let other = draw.integer(in: 0...tokens.count - 1)
        (tokens[token].number, tokens[other].number) = (tokens[other].number, tokens[token].number)
      case 2, 3: merges.swapAt(merge, draw.integer(in: 0...merges.count - 1))
      case 4: merges.remove(at: merge)
      case 5: merges.shuffle(using: &draw)
      case 6: tokens.append(("<|\(merges.count)|>", "\(tokens.count)"))
      case 7, 8:
        // Another way to make a token: the merges are then out of order.
        let name = tokens[draw.integer(in: 256...tokens.count - 1)].name.map(String.init)
        guard name.count > 1 else { return }
        let cut = draw.integer(in: 1...name.count - 1)
        let pair = [name[..<cut], name[cut...]].map { $0.joined() }.joined(separator: " ")
        if !merges.contains(pair) { merges.insert(pair, at: merge) }
      case 9: tokens.removeLast()
      case 10: merges.append(merges[merge])
      case 11:
        tokens[token].number = ["99999999999999999999", "-1", "4294967296", "1e3"][merge % 4]
      case 12: tokens[token].name = ["", tokens[merge].name, "\u{fffd}", "a b"][token % 4]
      default: merges[merge] = ["", "a", "a b c", "\u{120} \u{fffd}"][token % 4]
      }
    }

    /// The two files.
    var files: (vocabulary: String, merges: String) {
      let members = tokens.map { name, number in
        "\"\(name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\":\(number)"
      }
      return ("{\(members.joined(separator: ","))}", merges.map { "\($0)\n" }.joined())
    }

    /// The coding of a checkpoint.
    var coding: String {
      func list(_ texts: [String]) -> String {
        "[\(texts.map { doubleQuoted($0) }.joined(separator: ", "))]"
      }
      let names = tokens.sorted { Int($0.number) ?? -1 < Int($1.number) ?? -1 }.map(\.name)
      return """
        shape: [4]
        number: int32
        normalisation: {scale: 1, mean: 0, deviation: 1}
        answer_shape: [4]
        tokens: {unit: bpe, vocabulary: \(list(names)), merges: \(list(merges))}

        """
    }

    /// The tokens of a word of letters: the first merge that fits is applied until none fits.
    func tokens(of word: [UInt8]) -> [String] {
      var names = word.map { String(UnicodeScalar($0)) }
      let pairs = merges.map { $0.split(separator: " ").map(String.init) }
      func place(of pair: [String]) -> Int? {
        names.indices.dropLast().first { names[$0] == pair[0] && names[$0 + 1] == pair[1] }
      }
      while let found = pairs.lazy.compactMap({ pair in place(of: pair).map { (pair, $0) } }).first
      {
        names.replaceSubrange(found.1...found.1 + 1, with: [found.0.joined()])
      }
      return names
    }
  }

  /// What is accepted gives back all bytes, and merges in the order of the file.
  @Test(arguments: [false, true])
  func changedVocabulariesAreReadOrRefused(inCheckpoint: Bool) throws {
    let letters = Array("aaabbcde".utf8)
    var draw = XorShift(seed: inCheckpoint ? 3 : 4)
    func word(_ count: Int) -> [UInt8] {
      (0..<count).map { _ in letters[draw.integer(in: 0...letters.count - 1)] }
    }
    var text: [UInt8] = []
    for _ in 0..<60 { text += word(draw.integer(in: 1...12)) + [0x20] }
    let tokeniser = try learned(.bpe, text, size: 300)
    let whole = Vocabulary(
      tokens: tokeniser.names.enumerated().map { ($1, "\($0)") },
      merges: try #require(tokeniser.gpt2Files).merges.split(separator: "\n").dropFirst()
        .map(String.init))
    let bytes: [UInt8] = Array(0...255) + [0x20] + text
    var tally = MutationTally()
    for number in 0..<5000 {
      var changed = whole
      for _ in 0..<draw.integer(in: 1...3) { changed.change(&draw) }
      let long = word(40)
      tally.add(number, statuses: [65]) {
        do {
          let files = changed.files
          let found =
            inCheckpoint
            ? try #require(try SampleCoding(text: changed.coding, source: "c.h5").tokens)
            : try read(Array(files.vocabulary.utf8), Array(files.merges.utf8))
          #expect(try found.decode(found.encode(bytes)) == bytes)
          let names = found.names
          #expect(try found.encode(long).map { names[Int($0)] } == changed.tokens(of: long))
          return nil
        } catch let failure as Failure { return (failure.code.rawValue, failure.message) } catch {
          return (-1, "\(error)")
        }
      }
    }
    print("changed vocabularies: \(tally)")
    #expect(tally.faults.isEmpty, "\(tally.faults.prefix(5))")
    #expect(tally.accepted > 1500)
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
