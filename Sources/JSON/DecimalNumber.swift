/// Numbers as JSON writes them.
package enum DecimalNumber {
  /// The end of the number that begins at a place; nil if there is none.
  package static func end(in bytes: [UInt8], from start: Int) -> Int? {
    var place = start
    if place < bytes.count, bytes[place] == UInt8(ascii: "-") { place += 1 }
    let isZero = place < bytes.count && bytes[place] == UInt8(ascii: "0")
    let whole = skipDigits(bytes, &place)
    guard whole == 1 || whole > 1 && !isZero else { return nil }
    if place < bytes.count, bytes[place] == UInt8(ascii: ".") {
      place += 1
      if skipDigits(bytes, &place) == 0 { return nil }
    }
    if place < bytes.count, bytes[place] | 0x20 == UInt8(ascii: "e") {
      place += 1
      if place < bytes.count,
        bytes[place] == UInt8(ascii: "-") || bytes[place] == UInt8(ascii: "+")
      {
        place += 1
      }
      if skipDigits(bytes, &place) == 0 { return nil }
    }
    return place
  }

  /// Skips digits, and returns their number.
  private static func skipDigits(_ bytes: [UInt8], _ place: inout Int) -> Int {
    let first = place
    while place < bytes.count, isDigit(bytes[place]) { place += 1 }
    return place - first
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  /// The float nearest to the number at a place, which moves to its end.
  ///
  /// The result is that of `Float(String)`: infinite above the greatest float, 0 below half of the
  /// least. There must be a number.
  package static func float(in bytes: [UInt8], from place: inout Int) -> Float {
    let start = place
    let isNegative = bytes[place] == UInt8(ascii: "-")
    if isNegative { place += 1 }
    var digits: UInt64 = 0
    // Digits after leading zeros: at most 19 fit.
    var (significant, decimals) = (0, 0)
    var isFraction = false
    while place < bytes.count {
      let byte = bytes[place]
      if isDigit(byte) {
        digits = digits &* 10 &+ UInt64(byte &- 0x30)
        if digits != 0 || significant > 0 { significant += 1 }
        if isFraction { decimals += 1 }
      } else if byte == UInt8(ascii: "."), !isFraction {
        isFraction = true
      } else {
        break
      }
      place += 1
    }
    var exponent = 0
    if place < bytes.count, bytes[place] | 0x20 == UInt8(ascii: "e") {
      place += 1
      let sign = bytes[place] == UInt8(ascii: "-") ? -1 : 1
      if !isDigit(bytes[place]) { place += 1 }
      while place < bytes.count, isDigit(bytes[place]) {
        exponent = min(100_000, 10 * exponent + Int(bytes[place] &- 0x30))
        place += 1
      }
      exponent *= sign
    }
    let number =
      significant <= 19 ? nearest(digits, exponent: exponent - decimals) : nil
    if let number { return isNegative ? -number : number }
    return Float(String(decoding: bytes[start..<place], as: UTF8.self)) ?? .nan
  }

  /// The float nearest to digits · 10^exponent, if doubles can tell which it is.
  private static func nearest(_ digits: UInt64, exponent: Int) -> Float? {
    if digits == 0 { return 0 }
    guard abs(exponent) < powers.count else { return nil }
    let power = powers[abs(exponent)]
    let number = exponent < 0 ? Double(digits) / power : Double(digits) * power
    // After up to three roundings, either float may be nearer close to the middle of two.
    let rest = Int(number.bitPattern & (1 << 29 - 1))
    guard number > 1.2e-38, number < 3.4e38, abs(rest - 1 << 28) > 8 else { return nil }
    return Float(number)
  }

  /// Powers of ten, the first 22 exact, the others rounded.
  private static let powers: [Double] = (0...60).map { Double("1e\($0)") ?? .nan }
}
