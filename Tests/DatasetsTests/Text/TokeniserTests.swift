import Configuration
import Datasets
import Diagnostics
import Foundation
import TestSupport
import Testing

@Suite struct TokeniserTests {
  private static let text = "no no, Zoë: 'tis no good – 7 €\n\n😀 e\u{301}t no\r\n"

  @Test(arguments: TextUnit.allCases)
  func aTextIsReadBack(unit: TextUnit) throws {
    let text = try Array(reference("text.txt")) + Array(Self.text.utf8)
    let tokeniser = try learned(unit, text, size: unit == .bpe ? 400 : nil)
    let tokens = try tokeniser.encode(text)
    #expect(tokens.allSatisfy { 0..<Int32(tokeniser.size) ~= $0 })
    #expect(tokeniser.decode(tokens) == text)
    #expect(unit == .bytes || tokens.count < text.count)
  }

  @Test(arguments: [TextUnit.bytes, .bpe])
  func anyBytesAreReadBack(unit: TextUnit) throws {
    let tokeniser = try learned(unit, reference("text.txt"), size: 600)
    var random = XorShift(seed: 3)
    // The second bytes are those that UTF-8 has much of, in any order.
    let kinds: [[UInt8]] = [
      Array(0...255), [0x20, 0x27, 0x73, 0xc3, 0xa9, 0xe2, 0x80, 0xf0, 0x9f],
    ]
    for number in 0..<200 {
      let bytes = (0..<random.integer(in: 0...300)).map { _ in
        kinds[number % 2][random.integer(in: 0...kinds[number % 2].count - 1)]
      }
      #expect(try tokeniser.decode(tokeniser.encode(bytes)) == bytes)
    }
    let run = [UInt8](repeating: 0x61, count: 200_000)
    #expect(try tokeniser.decode(tokeniser.encode(run)) == run)
  }

  /// A text is the same in blocks of any size, wherever they cut words and characters.
  @Test(arguments: TextUnit.allCases)
  func blocksDoNotMatter(unit: TextUnit) throws {
    let other = String(decoding: try reference("other.txt"), as: UTF8.self)
    let text = Array(Self.text.utf8) + Array(String(other.prefix(1500)).utf8)
    let tokeniser = try learned(unit, text, size: unit == .bpe ? 300 : nil)
    let tokens = try tokeniser.encode(text)
    for size in [1, 2, 3, 7, 64, 1000] {
      #expect(try learned(unit, text, size: unit == .bpe ? 300 : nil, block: size) == tokeniser)
      #expect(try encoded(text, by: tokeniser, block: size).tokens == tokens, "blocks of \(size)")
    }
  }

  @Test func charactersAreScalarsInTheirOrder() throws {
    let tokeniser = try learned(.characters, "b\u{301}ab😀\u{e9}".utf8)
    #expect(
      tokeniser.tokens
        == ["\u{fffd}", "a", "b", "\u{e9}", "\u{301}", "😀"].map { Array($0.utf8) })
    #expect(try tokeniser.encode(Array("ab\u{301}".utf8)) == [1, 2, 4])
  }

  @Test func wordsHaveTheSpaceBeforeThem() throws {
    let tokeniser = try learned(.words, "to be or not to be\n\nto".utf8)
    // The first word, and the last one, have no space; words are numbered by frequency.
    #expect(
      tokeniser.tokens.map { String(decoding: $0, as: UTF8.self) }
        == ["\u{fffd}", "\n", " be", "to", " not", " or", " to"])
  }

  @Test func theMostFrequentSymbolsAreKept() throws {
    // c 3, a 2, b 2, d 1: of the equal ones the smaller is kept.
    let tokeniser = try learned(.characters, "cccbbaad".utf8, size: 3)
    #expect(tokeniser.size == 3)
    let (tokens, unknown) = try encoded(Array("abcdé".utf8), by: tokeniser, block: 100)
    #expect(tokens == [1, 0, 2, 0, 0])
    #expect(unknown == 3)
    #expect(tokeniser.decode(tokens) == Array("a\u{fffd}c\u{fffd}\u{fffd}".utf8))
  }

  @Test(arguments: [TextUnit.characters, .words])
  func otherBytesAreRefusedWithTheirPlace(unit: TextUnit) throws {
    let good = Array("abé ".utf8)
    let tokeniser = try learned(unit, good)
    let bad: [([UInt8], Int)] = [
      ([0xff], 0), ([0x80], 0), ([0xc3], 0), ([0xc3, 0x28], 0), ([0xe2, 0x82], 0),
      ([0xed, 0xa0, 0x80], 0), ([0xc0, 0xaf], 0), ([0xe0, 0x80, 0x80], 0),
      ([0xf0, 0x80, 0x80, 0x80], 0), ([0xf4, 0x90, 0x80, 0x80], 0), ([0x61, 0xf8], 1),
    ]
    for (bytes, place) in bad {
      for (before, after) in [(0, 0), (1, 0), (1, 1), (300, 1)] {
        let copies = { Array(repeatElement(good, count: $0).joined()) }
        let text = copies(before) + bytes + copies(after)
        let message = "byte \((before * good.count + place).grouped) (0x"
        for block in [1, 5, 1 << 20] {
          for isLearning in [true, false] {
            let failure = #expect(throws: Failure.self) {
              if isLearning {
                _ = try learned(unit, text, block: block)
              } else {
                _ = try encoded(text, by: tokeniser, block: block)
              }
            }
            #expect(failure?.code == .badData)
            #expect(
              failure?.message.contains(message) == true, "\(bytes): \(failure?.message ?? "")")
          }
        }
      }
    }
  }

  private func section(_ text: String) throws -> Settings {
    try Settings(
      text: "tokens: \(text)", source: "t.yaml",
      schema: Record("test", keys: [Key("tokens", .record(Tokeniser.record), help: "")], help: "")
    ).section("tokens")
  }

  @Test(arguments: TextUnit.allCases)
  func theSectionReadsBackAsTheSame(unit: TextUnit) throws {
    let odd = Array("\"\\\u{0}\u{ffff} x".utf8)
    for (text, size) in [(try Array(reference("text.txt")), 500), (odd, 257), ([], 256)] {
      let tokeniser = try learned(unit, text, size: size)
      let read = try Tokeniser(section(tokeniser.text))
      #expect(read == tokeniser)
      #expect(try read.encode(Array(Self.text.utf8)) == tokeniser.encode(Array(Self.text.utf8)))
    }
  }

  @Test(arguments: [
    ("{unit: characters, vocabulary: [ab]}", "each of them once"),
    ("{unit: words, vocabulary: [ab, ab]}", "each of them once"),
    ("{unit: bpe}", "the byte 0"),
    ("{unit: bpe, vocabulary: [a, a]}", "there twice"),
    ("{unit: bpe, merges: [a]}", "expected two tokens"),
  ])
  func otherSectionsAreRefused(section: String, message: String) throws {
    let failure = #expect(throws: Failure.self) { try Tokeniser(self.section(section)) }
    #expect(failure?.message.contains(message) == true, "\(failure?.message ?? "")")
  }
}
