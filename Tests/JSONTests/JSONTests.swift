import Diagnostics
import Foundation
import JSON
import TestSupport
import Testing

/// The syntax of texts from somebody unknown.
@Suite struct JSONTests {
  private func parse(_ text: String) throws(Failure) -> Field {
    try Field(JSONText(Array(text.utf8), path: "m.smodel"))
  }

  private func failure(
    _ text: String, sourceLocation: Testing.SourceLocation = #_sourceLocation
  ) -> String {
    let failure = #expect(throws: Failure.self, sourceLocation: sourceLocation) {
      _ = try parse(text)
    }
    #expect(failure?.code == .badData, sourceLocation: sourceLocation)
    return failure?.message ?? ""
  }

  @Test func values() throws {
    let root = try parse(
      " {\"a\" : [1, -2.5e+1 ,3],\n\"b\":{\"c\":\"x\\u00e9\\ud83d\\ude00\\n\\\"é\"},\"d\":true,\"e\":null,\"f\":3.0}\t\r"
    )
    #expect(try root.required("a").floats(3, "") == [1, -25, 3])
    #expect(try root.required("b").required("c").text() == "xé😀\n\"é")
    #expect(try root.required("d").boolean() && root.optional("e") == nil)
    #expect(try root.required("f").integer(in: 0...9) == 3)
    #expect(try root.optional("none") == nil && root.has("a") && !root.has("e"))
  }

  @Test func nestedNumbers() throws {
    let root = try parse(
      "{\"a\":[[[1,2],[3,4]],[[5,6],[7e0,-8]]],\"b\":[],\"c\":[[1],[2,3]],\"d\":[1,[2]]}")
    #expect(try root.required("a").shape(rank: 3) == [2, 2, 2])
    #expect(try root.required("a").floats(8, "") == [1, 2, 3, 4, 5, 6, 7, -8])
    #expect(try root.required("b").shape(rank: 2) == [0, 0])
    for (key, rank) in [("c", 2), ("d", 1), ("d", 2), ("a", 2)] {
      #expect(throws: Failure.self) { try root.required(key).shape(rank: rank) }
    }
  }

  @Test(arguments: [
    ("", "byte 0: expected a value, found the end of the file"),
    ("{", "byte 1: expected a key in quotes"),
    ("{\"a\":1,}", "byte 7: expected a key in quotes, found '}'"),
    ("[1,]", "byte 3: expected a value, found ']'"),
    ("{\"a\":1}x", "byte 7: expected the end of the file after the last brace, found 'x'"),
    ("{\"a\":01}", "byte 5: expected a number as JSON writes it"),
    ("{\"a\":-}", "byte 5: expected a number"),
    ("{\"a\":1.}", "byte 5: expected a number"),
    ("{\"a\":.5}", "byte 5: expected a value, found '.'"),
    ("{\"a\":1e}", "byte 5: expected a number"), ("{\"a\":+1}", "byte 5: expected a value"),
    ("{\"a\":NaN}", "byte 5: expected a value, found 'N'"),
    ("{\"a\":Infinity}", "byte 5: expected a value"),
    ("{\"a\":nul}", "byte 5: expected a value"), ("{\"a\" 1}", "byte 5: expected ':', found '1'"),
    ("{\"a\":1 \"b\":2}", "byte 7: expected ',' or '}', found '\"'"),
    ("{\"a\":1,\"b\":2,\"a\":3}", "byte 13: the key 'a' stands twice in one object"),
    ("{\"a\":\"x}", "byte 5: the text has no end"),
    ("{\"a\":\"\\x\"}", "byte 6: an escape that JSON does not have"),
    ("{\"a\":\"\\ud800\"}", "byte 6: half a character"),
    ("{\"a\":\"\\ud800\\u0041\"}", "byte 6: half a character"),
    ("{\"a\":\"\\udc00\"}", "byte 6: half a character"),
    ("{\"a\":\"\\u12g4\"}", "byte 6: expected four digits"),
    ("{\"a\":\"\u{1}\"}", "byte 6: a control character in a text"),
    ("'", "byte 0: expected a value, found '''"),
    ("{\"a\":[1,2", "byte 9: expected ',' or ']', found the end of the file"),
  ])
  func syntax(_ text: String, _ message: String) {
    let said = failure(text)
    #expect(said.hasPrefix("'m.smodel', \(message)"), "\(said)")
  }

  @Test func limits() {
    let deep = { (count: Int) in
      String(repeating: "[", count: count) + String(repeating: "]", count: count)
    }
    #expect(throws: Never.self) { _ = try parse(deep(96)) }
    for count in [97, 513, 100_000] {
      #expect(failure(deep(count)).hasSuffix("expected at most 96 lists in each other"))
      #expect(failure(String(repeating: "{\"a\":", count: count)).hasSuffix("in each other"))
    }
    let key = String(repeating: "k", count: 10_000_000)
    #expect(failure("{\"\(key)\":1}").hasSuffix("byte 1: expected a text of at most 256 bytes"))
    let layers = "[" + String(repeating: "{},", count: 1_000_000) + "{}]"
    #expect(failure(layers).hasSuffix("expected at most 400,000 values"))
    #expect(
      failure("{\"a\":\"\(String(decoding: [0xff, 0x41] as [UInt8], as: UTF8.self))\"}\u{0}")
        .contains("byte"))
    let bytes = Array("{\"a\":\"".utf8) + [0xff] + Array("\"}".utf8)
    let failure = #expect(throws: Failure.self) { _ = try Field(JSONText(bytes, path: "m")) }
    #expect(failure?.message == "'m', byte 5: the text is not UTF-8")
  }

  /// A list of things of several kinds is nothing to this program, and no reason to refuse a file.
  @Test func mixtures() throws {
    let root = try parse("{\"a\":[1,\"x\",[2,[\"y\"]]],\"b\":[[1],{}],\"c\":[\"x\",1]}")
    for key in ["a", "b", "c"] {
      #expect(throws: Failure.self) { _ = try root.required(key).elements("layers", 0...9) }
      #expect(throws: Failure.self) { _ = try root.required(key).floats(1, "") }
    }
    // Nested ones are read once, not once for each list around them.
    let deep = String(repeating: "[1,", count: 90) + "\"x\"" + String(repeating: "]", count: 90)
    #expect(throws: Never.self) { _ = try parse(deep) }
  }
}

/// Numbers are those that the standard library reads.
@Suite struct DecimalNumberTests {
  init() { useSubnormals() }

  private func read(_ text: String) -> Float {
    var place = 0
    let bytes = Array(text.utf8)
    #expect(DecimalNumber.end(in: bytes, from: 0) == bytes.count, "\(text)")
    let number = DecimalNumber.float(in: bytes, from: &place)
    #expect(place == bytes.count)
    return number
  }

  private func expectRight(_ text: String) {
    let (found, right) = (read(text), Float(text) ?? .nan)
    #expect(found.bitPattern == right.bitPattern, "\(text): \(found), not \(right)")
  }

  @Test(
    arguments: [
      "0", "-0", "0.0", "-0.0e5", "1", "0.1", "-0.1", "1e-08", "1E5", "1e+5", "16777217",
      "16777219",
      "16777217.0000000001", "33554434", "0.0099999997764825821", "3.4028235e38", "3.4028236e38",
      "3.5e38", "1e39", "1e400", "1e-45", "7e-46", "1.4e-45", "7.0064923216240854e-46",
      "7.0064923216240853e-46", "1e-50", "1e-400", "1.17549435e-38", "1.1754942e-38",
      "1.17549429e-38",
      "0.000000000000000000000000000000000000011754944", "123456789012345678901234567890",
      "9999999999999999999", "10000000000000000000", "0.30000001192092895507812500001",
      "1.00000005960464477539062500", "1.00000005960464477539062501", "1.000000059604644775390624",
      "00000.1", "1e00005", "1e-99999999999999999999",
    ].filter { !$0.hasPrefix("00") })
  func chosen(_ text: String) { expectRight(text) }

  @Test func shortest() {
    var random = XorShift(seed: 5)
    for _ in 0..<20_000 {
      let number = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      guard number.isFinite else { continue }
      #expect(read(number.description).bitPattern == number.bitPattern)
      // As older releases wrote them: the digits of a double.
      #expect(read(Double(number).description).bitPattern == number.bitPattern)
    }
  }

  /// Decimals beside the middle of two floats, where a double alone cannot tell.
  @Test func halves() {
    var random = XorShift(seed: 6)
    for _ in 0..<3_000 {
      let number = Float(bitPattern: UInt32(random.integer(in: 0x0100_0000...0x7e00_0000)))
      let half = (Double(number) + Double(number.nextUp)) / 2
      let digits = String(format: "%.40e", half)
      expectRight(digits)
      for length in [16, 17, 18, 19, 20] { expectRight(String(format: "%.\(length)e", half)) }
      expectRight(half.nextUp.description)
      expectRight(half.nextDown.description)
    }
  }
}
