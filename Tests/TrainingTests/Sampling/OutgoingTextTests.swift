import TestSupport
import Testing

import Training

@Suite struct OutgoingTextTests {
  private func pieces(_ tokens: [[UInt8]], stop: String? = nil) -> [String] {
    var text = OutgoingText(stop: stop)
    var pieces: [String] = []
    for token in tokens where !text.hasEnded { pieces.append(text.add(token)) }
    return pieces + [text.finish()]
  }

  /// However a text is cut into tokens, its characters stay whole.
  @Test func charactersStayWhole() {
    var random = XorShift(seed: 3)
    let good = Array("aé→𝄞\u{301}z\n".utf8)
    for _ in 0..<500 {
      var bytes = (0..<random.integer(in: 0...20)).flatMap { _ in
        random.integer(in: 0...2) == 0 ? [UInt8.random(in: 0...255, using: &random)] : good
      }
      let whole = String(decoding: bytes, as: UTF8.self)
      var tokens: [[UInt8]] = []
      while !bytes.isEmpty {
        let count = random.integer(in: 1...min(3, bytes.count))
        tokens.append(Array(bytes.prefix(count)))
        bytes.removeFirst(count)
      }
      #expect(Array(pieces(tokens).joined().utf8) == Array(whole.utf8))
    }
    #expect(pieces([[0xe2], [0x86], [0x92], [0x61]]) == ["", "", "→", "a", ""])
  }

  /// A stop string is found across the borders of tokens, and nothing of it is written.
  @Test func stopStrings() {
    func written(_ tokens: [String], _ stop: String) -> String {
      pieces(tokens.map { Array($0.utf8) }, stop: stop).joined()
    }
    #expect(written(["one", "tw", "o", "three"], "two") == "one")
    #expect(written(["aaab", "c"], "aab") == "a")
    #expect(written(["a", "a", "a", "b", "c"], "aab") == "a")
    #expect(written(["never", "mind"], "x") == "nevermind")
    #expect(written(["ends with sto"], "stop") == "ends with sto")
    #expect(written(["x→", "y"], "→y") == "x")
    // What may become the stop string waits.
    #expect(
      pieces(["an", "s", "t", "e"].map { Array($0.utf8) }, stop: "sto") == [
        "an", "", "", "ste", "",
      ])
  }

  /// The result is that of searching the whole text.
  @Test func randomStops() {
    var random = XorShift(seed: 8)
    func letters(_ count: Int) -> String {
      String((0..<count).map { _ in random.integer(in: 0...1) == 0 ? "a" : "b" })
    }
    for _ in 0..<500 {
      let (text, stop) = (letters(random.integer(in: 0...30)), letters(random.integer(in: 1...5)))
      let expected = text.firstRange(of: stop).map { String(text[..<$0.lowerBound]) } ?? text
      var tokens: [[UInt8]] = []
      var rest = Array(text.utf8)[...]
      while !rest.isEmpty {
        let count = random.integer(in: 1...4)
        tokens.append(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
      }
      #expect(pieces(tokens, stop: stop).joined() == expected)
    }
  }
}
