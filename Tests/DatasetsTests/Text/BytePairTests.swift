import Datasets
import Files
import Foundation
import TestSupport
import Testing

/// Byte pairs against those of the Python package `tokenizers`.
@Suite struct BytePairTests {
  private struct Encoded: Decodable {
    let parts: [Int]
    let text: [Int32]
    let other: [Int32]
  }

  private struct Case: Decodable {
    let text: String
    let size: Int
    let merges: [String]
    let ids: [Int32]
  }

  @Test func filesAreThoseOfTokenizers() throws {
    let files = try learned(.bpe, reference("text.txt"), size: 1000).gpt2Files
    #expect(try files?.vocabulary == String(decoding: reference("vocab.json"), as: UTF8.self))
    #expect(try files?.merges == String(decoding: reference("merges.txt"), as: UTF8.self))
  }

  @Test func tokensAreThoseOfTokenizers() throws {
    let tokeniser = try learned(.bpe, reference("text.txt"), size: 1000)
    let expected = try JSONDecoder().decode(Encoded.self, from: reference("encoded.json"))
    #expect(try tokeniser.encode(Array(reference("text.txt"))) == expected.text)
    #expect(try tokeniser.encode(Array(reference("other.txt"))) == expected.other)
  }

  @Test func wordsAreThoseOfTokenizers() throws {
    let text = Array(try reference("text.txt"))
    let tokeniser = try learned(.words, text)
    let expected = try JSONDecoder().decode(Encoded.self, from: reference("encoded.json"))
    #expect(try tokeniser.encode(text).map { tokeniser.tokens[Int($0)].count } == expected.parts)
  }

  /// Many pairs are equally frequent, and letters come in runs.
  @Test func equallyFrequentPairsAreMergedInTheSameOrder() throws {
    for (number, known) in try JSONDecoder().decode([Case].self, from: reference("ties.json"))
      .enumerated()
    {
      let text = Array(known.text.utf8)
      let tokeniser = try learned(.bpe, text, size: known.size)
      let merges = tokeniser.gpt2Files?.merges.split(separator: "\n").dropFirst().map(String.init)
      #expect(merges == known.merges, "case \(number)")
      #expect(try tokeniser.encode(text) == known.ids, "case \(number)")
    }
  }

  /// Counts that are kept up to date are those of counting again.
  @Test func mergesAreThoseOfCountingAgain() throws {
    var random = XorShift(seed: 8)
    for _ in 0..<60 {
      let letters = Array("abcd    \n".utf8).prefix(random.integer(in: 1...9))
      let text = (0..<random.integer(in: 1...400)).map { _ in
        letters[random.integer(in: 0...letters.count - 1)]
      }
      let tokeniser = try learned(.bpe, text, size: 290)
      #expect(Array(tokeniser.tokens.dropFirst(256)) == Self.countedAgain(text, count: 34))
    }
  }

  /// The bytes of merged tokens.
  private static func countedAgain(_ text: [UInt8], count: Int) -> [[UInt8]] {
    var words: [[[UInt8]]] = []
    for line in text.split(separator: 0x0a, omittingEmptySubsequences: false).enumerated() {
      // Only letters and spaces: a word is letters with the space before them, or spaces.
      let isLast = line.offset == text.count(where: { $0 == 0x0a })
      var rest = line.element + (isLast ? [] : [0x0a])
      while let first = rest.first {
        let isSpace = { (byte: UInt8) in byte < 0x61 }
        var length = 1
        if !isSpace(first) || first == 0x20 && rest.dropFirst().first.map(isSpace) == false {
          length += rest.dropFirst().prefix { !isSpace($0) }.count
        } else {
          length = rest.prefix(while: isSpace).count
          if length > 1, length < rest.count { length -= 1 }
        }
        words.append(rest.prefix(length).map { [$0] })
        rest = rest.dropFirst(length)
      }
    }
    // GPT-2's order of tokens, as far as it matters here: letters, then the line feed, the space.
    var tokens: [[UInt8]] = Array("abcd\n ".utf8).map { [$0] }
    let start = tokens.count
    while tokens.count < start + count {
      var counts: [[Int]: Int] = [:]
      for word in words {
        let numbers = word.compactMap { tokens.firstIndex(of: $0) }
        for pair in zip(numbers, numbers.dropFirst()) { counts[[pair.0, pair.1], default: 0] += 1 }
      }
      let best = counts.max { a, b in
        a.value != b.value ? a.value < b.value : b.key.lexicographicallyPrecedes(a.key)
      }
      guard let pair = best?.key else { break }
      let (left, right) = (tokens[pair[0]], tokens[pair[1]])
      tokens.append(left + right)
      words = words.map { word in
        var merged: [[UInt8]] = []
        var place = 0
        while place < word.count {
          let isPair = place + 1 < word.count && word[place] == left && word[place + 1] == right
          merged.append(isPair ? left + right : word[place])
          place += isPair ? 2 : 1
        }
        return merged
      }
    }
    return Array(tokens.dropFirst(start))
  }

  private static let shakespeare = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../../../shared/data/text/tinyshakespeare.txt")

  /// The SHA-256 of `merges.txt`, and the number of tokens of the text.
  @Test(
    .data(
      "Tiny Shakespeare",
      areHere: FileManager.default.fileExists(atPath: shakespeare.standardized.path)),
    arguments: [
      (512, "fbf74e50404b1db65bb3c20bf9f883e91e84aff1cabcac39f7dc966315018f19", 575_345),
      (4096, "ed1397f899c0cfadb3f98ee7c15d931238ac237ac67ce706687a5f398f941a19", 344_092),
      (16_384, "d9fde33f840b71a08872b11c0ca81aef017ff5cfb602ee120b9d820038fdeddd", 302_978),
    ])
  func shakespeareIsMergedAsByTokenizers(size: Int, digest: String, count: Int) throws {
    let text = Array(try Data(contentsOf: Self.shakespeare.standardized))
    let tokeniser = try learned(.bpe, text, size: size)
    #expect(try SHA256.of(#require(tokeniser.gpt2Files).merges) == digest)
    let tokens = try tokeniser.encode(text)
    #expect(tokens.count == count)
    #expect(tokeniser.decode(tokens) == text)
  }
}
