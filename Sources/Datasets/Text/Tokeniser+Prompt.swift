package import Diagnostics

/// Texts that a network is to continue.
extension Tokeniser {
  /// The token of symbols that are none; nil where all bytes are tokens.
  package var unknownToken: Int32? { unit.takesAnyBytes ? nil : Self.unknown }

  /// The token that a text without a prompt comes after: the end of a line, or a space.
  package var start: Int32 {
    let found = ["\n", " "].lazy.compactMap { tokens.firstIndex(of: Array($0.utf8)) }.first
    return Int32(found ?? min(1, size - 1))
  }

  /// The tokens of a text whose symbols must all be known; messages name its `source`.
  package func encode(prompt: [UInt8], source: String) throws(Failure) -> [Int32] {
    let tokens = try encode(prompt, source: source)
    guard let unknownToken, let place = tokens.firstIndex(of: unknownToken) else { return tokens }
    var (start, end) = (0, 0)
    for _ in 0...place {
      (start, end) = (end, unit.end(of: end, in: prompt.span, isEnd: true) ?? prompt.count)
    }
    let symbol = Array(prompt[start..<end])
    let other = symbol.first == 0x20 ? Array(symbol.dropFirst()) : [0x20] + symbol
    let hint =
      unit == .words && symbols.index(of: other) != nil
      ? " (\(quoted(String(decoding: other, as: UTF8.self))) is one)" : ""
    throw Failure(
      .badData,
      "\(source): \(quoted(String(decoding: symbol, as: UTF8.self))) at byte \(start), counted "
        + "from 0, is none of the \(size - 1) \(unit.rawValue) that the network knows\(hint)")
  }
}
