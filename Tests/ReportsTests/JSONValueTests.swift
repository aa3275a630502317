import Foundation
import Reports
import TestSupport
import Testing

@Suite struct JSONValueTests {
  init() { useSubnormals() }

  @Test func isOneLineWithKeysInOrder() {
    let value = JSONValue.object([
      ("z", .integer(-3)), ("a", .array([.number(0.1), .boolean(true), .null, .string("x")])),
      ("empty", .object([])), ("none", .array([])),
    ])
    #expect(
      value.description
        == #"{"z": -3, "a": [0.1, true, null, "x"], "empty": {}, "none": []}"#)
  }

  @Test(arguments: [
    ("plain", #""plain""#), (#"say "a\b""#, #""say \"a\\b\"""#),
    ("a\nb\r\tc", #""a\nb\r\tc""#), ("\u{0}\u{1f}\u{8}", #""\u0000\u001f\u0008""#),
    ("größer 数 🙂", #""größer 数 🙂""#), ("\r\n", #""\r\n""#),
    ("\u{7f}\u{9b}\u{2028}\u{202e}", #""\u007f\u009b\u2028\u202e""#),
    // A byte of a path that is not UTF-8: the last two digits are its own.
    ("a\u{10feff}", #""a\udbff\udeff""#),
  ])
  func escapes(string: String, text: String) throws {
    #expect(JSONValue.string(string).description == text)
    #expect(try read(.string(string)) as? String == string)
  }

  @Test(arguments: [
    0, -0.0, 0.1, 1, -1.5, 1e16, 1e300, .leastNonzeroMagnitude, .leastNormalMagnitude, .pi,
    .greatestFiniteMagnitude, 123_456_789.123456789,
  ])
  func numbersReadBackAsTheSameBits(number: Double) {
    #expect(Double(JSONValue.number(number).description)?.bitPattern == number.bitPattern)
  }

  @Test func randomNumbersReadBackAsTheSameNumbers() throws {
    var state: UInt64 = 7
    let numbers = (0..<2000).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(bitPattern: state)
    }.filter(\.isFinite)
    let text = JSONValue.array(numbers.map { .number($0) }).description
    #expect(try JSONDecoder().decode([Double].self, from: Data(text.utf8)) == numbers)
  }

  @Test func whatIsNoNumberIsNull() {
    let values = [Double.nan, .infinity, -.infinity].map { JSONValue.number($0) }
    #expect(JSONValue.array(values + [.number(nil)]).description == "[null, null, null, null]")
  }

  @Test func integersKeepEveryDigit() {
    #expect(JSONValue.integer(.max).description == "9223372036854775807")
    #expect(JSONValue.integer(.min).description == "-9223372036854775808")
  }

  private func read(_ value: JSONValue) throws -> Any {
    try JSONSerialization.jsonObject(with: Data(value.description.utf8), options: .fragmentsAllowed)
  }
}
