import Datasets
import Foundation

/// A file that the Python package `tokenizers` wrote.
func reference(_ name: String) throws -> Data {
  try Data(
    contentsOf: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../References/tokenisers/\(name)"))
}

/// The tokeniser of a text that comes in blocks of a size.
func learned(
  _ unit: TextUnit, _ text: some Sequence<UInt8>, size: Int? = nil, block: Int = 1 << 20
) throws -> Tokeniser {
  var learner = VocabularyLearner(unit)
  try inBlocks(Array(text), of: block) { try learner.read($0.span, isEnd: $1, of: "t.txt") }
  return learner.tokeniser(size: size)
}

/// The tokens of a text that comes in blocks of a size, and the number of unknown ones.
func encoded(
  _ text: [UInt8], by tokeniser: Tokeniser, block: Int
) throws -> (tokens: [Int32], unknown: Int) {
  var encoder = TextEncoder(tokeniser)
  var tokens: [Int32] = []
  try inBlocks(text, of: block) {
    try encoder.encode($0.span, isEnd: $1, of: "t.txt", into: &tokens)
  }
  return (tokens, encoder.unknownCount)
}

/// Calls `body` with blocks, each of which begins with what the last call left.
private func inBlocks(
  _ text: [UInt8], of size: Int, _ body: ([UInt8], Bool) throws -> Int
) throws {
  var rest: [UInt8] = []
  for start in stride(from: 0, through: text.count, by: size) {
    let end = min(text.count, start + size)
    rest += text[start..<end]
    rest.removeFirst(try body(rest, end == text.count))
    if end == text.count { break }
  }
  precondition(rest.isEmpty, "bytes are left at the end of the text")
}
