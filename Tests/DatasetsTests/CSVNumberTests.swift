import Datasets
import TestSupport
import Testing

/// The numbers of tables, against those of the standard library.
@Suite struct CSVNumberTests {
  private func number(_ text: String) -> Double? {
    // What is behind the field does not count.
    let bytes = Array("\(text)12345678".utf8)
    return unsafe bytes.withUnsafeBufferPointer {
      unsafe CSVField(UnsafeBufferPointer(rebasing: $0.dropLast(8))).number()
    }
  }

  @Test(arguments: [
    ("true", 1.0),
    ("False", 0), ("YES", 1), ("no", 0), (" 1.5 ", 1.5), ("+7", 7), (".5", 0.5),
    ("5.", 5), ("-0.0", -0.0), ("1e5", 1e5), ("0x10", 16), ("1_000", nil), ("", nil), (".", nil),
    ("-", nil), ("1e", nil), ("e5", nil), ("1 2", nil), ("--1", nil), ("maybe", nil),
    ("0\u{0}5", nil),
    // Between two numbers, and beside this.
    ("9007199254740993", 9007199254740992), ("9007199254740993.000000001", 9007199254740994),
    ("1.7976931348623157e308", .greatestFiniteMagnitude), ("5e-324", .leastNonzeroMagnitude),
    ("1e400", .infinity),
  ])
  func singleNumbers(_ text: String, _ expected: Double?) {
    #expect(number(text)?.bitPattern == expected?.bitPattern)
  }

  @Test func everyTextIsTheNearestNumber() {
    var random = XorShift(seed: 8)
    var (known, faults) = (0, [String]())
    for form in 0..<200_000 {
      let text = random.decimal(form % 9)
      let (found, expected) = (number(text), Double(text))
      if found != nil { known += 1 }
      if found?.bitPattern != expected?.bitPattern, found?.isNaN != true || expected?.isNaN != true
      {
        faults.append(text)
      }
    }
    #expect(faults.isEmpty, "\(faults.prefix(10))")
    #expect(known > 150_000 && known < 200_000, "\(known)")
  }
}

extension XorShift {
  /// A number in one of nine forms, or what looks like one.
  fileprivate mutating func decimal(_ form: Int) -> String {
    let sign = pick(["", "", "", "-", "+"])
    switch form {
    case 0: return sign + digits(1...8) + "." + digits(0...20)
    case 1: return "\(Double(bitPattern: next()))"
    case 2: return "\(Float(bitPattern: UInt32(truncatingIfNeeded: next())))"
    case 3: return sign + "\(Double(next()) / Double(UInt64.max))"
    // As NumPy writes them by default.
    case 4:
      return sign + digits(1...1) + "." + digits(18...18) + pick(["e+", "e-", "e"]) + digits(2...2)
    case 5:
      return sign + digits(0...25) + pick(["", "."]) + digits(0...25)
        + pick(["", "e-", "E+"]) + digits(0...3)
    case 6:
      // In the middle of two numbers of 53 bits, or a little above.
      let middle = (UInt128(next() >> 11 | 1 << 52) * 2 + 1) << UInt128(integer(in: 0...9))
      return sign + "\(middle)" + pick(["", ".0", ".0000000000000000001", "e-3", "e3"])
    case 7:
      return String((0..<integer(in: 0...8)).map { _ in pick(Array("0123456789.+-eExXaintf_")) })
    default:
      return sign + "0." + String(repeating: "0", count: integer(in: 0...30)) + digits(1...20)
    }
  }

  private mutating func digits(_ counts: ClosedRange<Int>) -> String {
    String((0..<integer(in: counts)).map { _ in pick(Array("0123456789")) })
  }

  private mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[integer(in: 0...elements.count - 1)]
  }
}
