import Datasets
import Diagnostics
import Testing

/// Texts that a network is to continue.
@Suite struct PromptTests {
  private func message(_ unit: TextUnit, _ text: String, of training: String) throws -> String {
    let tokeniser = try learned(unit, training.utf8)
    let error = #expect(throws: Failure.self) {
      try tokeniser.encode(prompt: Array(text.utf8), source: "--prompt")
    }
    #expect(error?.code == .badData)
    return error?.message ?? ""
  }

  @Test func unknownSymbolsAreNamed() throws {
    #expect(
      try message(.characters, "caté↑", of: "the cat é")
        == "--prompt: '↑' at byte 5, counted from 0, is none of the 7 characters that the network knows"
    )
    #expect(
      try message(.words, "the cat", of: "a the cat")
        == "--prompt: 'the' at byte 0, counted from 0, is none of the 3 words that the network knows "
        + "(' the' is one)")
    #expect(try message(.words, "a dog", of: "a the cat").hasPrefix("--prompt: ' dog' at byte 1,"))
  }

  @Test func knownSymbolsAreEncoded() throws {
    for unit in TextUnit.allCases {
      let tokeniser = try learned(unit, "the cat\n sat".utf8)
      for text in ["", "the cat", "the"] {
        #expect(
          try tokeniser.encode(prompt: Array(text.utf8), source: "--prompt")
            == tokeniser.encode(Array(text.utf8)))
      }
      #expect(tokeniser.decode([tokeniser.start]) == Array("\n".utf8))
    }
    #expect(try learned(.words, "the cat".utf8).start == 1)
    #expect(try learned(.bytes, [0xff]).encode(prompt: [0xff], source: "") == [255])
  }
}
