import Configuration
import Diagnostics
import TestSupport
import Testing

@Suite struct YAMLParserTests {
  @Test(arguments: [
    ("", "1:1: the file is empty: expected settings (key: value)"),
    ("# only\n# comments\n", "1:1: the file is empty"),
    ("- 1", "1:1: expected settings (key: value) at the top, found a list"),
    ("word", "1:1: expected settings (key: value) at the top, found 'word'"),
    ("a: 1\n---\nb: 1", "2:1: a second document"), ("a: 1\n...\n---\nb: 1", "a second document"),
    ("name: x\nseed: 1\nname: 2", "3:1: key 'name' is already set on line 1"),
    ("{a: 1, a: 2}", "1:8: key 'a' is already set on line 1"),
    ("a: &x 3", "1:4: anchors ('&x') are not allowed"), ("a: &x [3]", "1:4: anchors ('&x')"),
    ("a: *x", "1:4: aliases ('*x') are not allowed"),
    ("<<: {a: 1}", "1:1: merge keys ('<<') are not allowed"),
    ("a: !!binary x", "1:4: tags ('!!binary') are not allowed"),
    ("a: !ruby/object {}", "1:4: tags ('!ruby/object')"), ("a: ! x", "1:4: tags ('!')"),
    ("a:\n\tb: 2", "2:1: a tab cannot indent: use spaces"),
    ("? [a]\n: 1", "1:3: a key must be a word"), ("{'': 1}", "1:2: a key must be a word"),
    ("a: b: c", "1:5: not YAML: mapping values are not allowed in this context"),
    ("a: [1, 2", "not YAML: did not find expected ',' or ']' while parsing a flow sequence"),
    ("a: \u{7}", "1:4: not plain UTF-8 text: control characters are not allowed"),
    ("äö: x\0", "1:6: a NUL byte: the file must be UTF-8 text"),
  ])
  func refuses(_ text: String, _ message: String) {
    let failure = failure(text)
    #expect(failure?.code == .badConfiguration)
    #expect(failure?.message.contains(message) == true, "\(failure?.message ?? "no failure")")
    #expect(failure?.message.hasPrefix("conv.yaml:") == true)
  }

  @Test(arguments: ["[", "{", "- ", "? ", "a: [", "[{"])
  func stopsAtDeepNesting(_ piece: String) {
    let clock = ProcessorClock()
    let time = clock.measure {
      let failure = failure("x: " + String(repeating: piece, count: 100_000))
      #expect(failure?.code == .badConfiguration)
    }
    #expect(time < .milliseconds(500))
  }

  @Test func allowsThirtyTwoLevelsButNotMore() {
    func nested(_ levels: Int) -> String {
      "x: " + String(repeating: "[", count: levels) + String(repeating: "]", count: levels)
    }
    #expect(failure(nested(31))?.message.contains("unknown key 'x'") == true)
    #expect(
      failure(nested(32))?.message == "conv.yaml:1:35: nested deeper than 32 levels")
  }

  @Test func countsTheLevelsOfShortFormsWrittenOut() throws {
    func nested(_ levels: Int) -> String {
      "data: {dataset: x}\nmodel: " + String(repeating: "[residual: ", count: levels) + "[relu]"
        + String(repeating: "]", count: levels)
    }
    let deepest = try Settings(text: nested(9), schema: Samples.top)
    let text = deepest.yaml(includingAll: true)
    #expect(try Settings(text: text, schema: Samples.top) == deepest)
    #expect(failure(nested(10))?.message.contains("nested deeper than 32 levels") == true)
  }

  @Test func acceptsByteOrderMarkAndCarriageReturns() throws {
    let text = "\u{FEFF}" + Samples.text.split(separator: "\n").joined(separator: "\r\n")
    let settings = try Settings(text: text, schema: Samples.top)
    #expect(try settings == Settings(text: Samples.text, schema: Samples.top))
    #expect(settings.location(of: "name").column == 7)
  }

  @Test func mutationsOfATextNeverTrap() throws {
    var dice = Dice(state: 7)
    let alphabet = Array("[]{}:,-#&*!|>'\"%@` \n\t\r\0\u{FF}aé0.".utf8)
    for _ in 0..<3000 {
      var text = Array(Samples.text.utf8)
      for _ in 0..<Int.random(in: 1...4, using: &dice) {
        let place = Int.random(in: 0..<text.count, using: &dice)
        switch Int.random(in: 0..<3, using: &dice) {
        case 0: text[place] = alphabet[Int.random(in: 0..<alphabet.count, using: &dice)]
        case 1: text.insert(alphabet[Int.random(in: 0..<alphabet.count, using: &dice)], at: place)
        default: text.remove(at: place)
        }
      }
      let failure = failure(String(decoding: text, as: UTF8.self))
      #expect(failure?.message.contains("\n") != true)
    }
  }
}
