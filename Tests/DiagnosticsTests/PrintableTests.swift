import Diagnostics
import Testing

@Suite struct PrintableTests {
  @Test(arguments: [
    ("plain", "plain"), ("größer 数 🙂 👩‍👩‍👧", "größer 数 🙂 👩‍👩‍👧"), ("a\\b", "a\\b"),
    ("a\nb\r\tc\r\n", "a\\nb\\r\\tc\\r\\n"), ("\u{1b}[31mred", "\\u{1B}[31mred"),
    ("\0\u{7}\u{7f}", "\\0\\u{07}\\u{7F}"), ("\u{85}\u{9b}0m", "\\u{0085}\\u{009B}0m"),
    ("a\u{2028}b\u{2029}", "a\\u{2028}b\\u{2029}"),
    ("\u{202e}abc\u{202c}\u{2066}", "\\u{202E}abc\\u{202C}\\u{2066}"),
  ])
  func staysOnOneLine(_ text: String, _ shown: String) {
    #expect(text.printable == shown)
    #expect(shown.printable == shown)
  }

  @Test func aFailureIsOneLine() {
    let failure = Failure(.badData, "'a\nb\u{1b}[2J': no")
    #expect(failure.message == "'a\\nb\\u{1B}[2J': no")
    #expect("\(failure)" == failure.message)
  }

  @Test func quotesAreCut() {
    #expect(quoted("a\nb") == "'a\\nb'")
    #expect(
      quoted(String(repeating: "x", count: 61)) == "'\(String(repeating: "x", count: 60))...'")
  }
}
