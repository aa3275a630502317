/// A decimal number: its digits as an integer, and the power of ten that it is multiplied by.
struct DecimalNumber {
  private var digits: UInt64 = 0
  private var power = 0
  private let isNegative: Bool

  /// The most decimal digits that 64 bits always hold.
  private static let digitLimit = 19

  /// Nil unless the bytes are a sign, digits with a point, and a power of few digits; of the digits
  /// at most 19 count.
  ///
  /// Behind the bytes are eight more that can be read.
  @inline(__always)
  init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let start = bytes.baseAddress, let first = unsafe bytes.first else { return nil }
    let end = unsafe start + bytes.count
    var place = unsafe start
    isNegative = first == UInt8(ascii: "-")
    if isNegative || first == UInt8(ascii: "+") { unsafe place += 1 }
    let whole = unsafe place
    unsafe Self.read(&digits, from: &place, to: end)
    var count = unsafe place - whole
    if unsafe place < end && place.pointee == UInt8(ascii: ".") {
      unsafe place += 1
      let fraction = unsafe place
      unsafe Self.read(&digits, from: &place, to: end)
      power = unsafe fraction - place
      count -= power
    }
    guard count > 0 else { return nil }
    if count > Self.digitLimit {
      // Zeros in front do not count.
      var zeros = unsafe whole
      while unsafe zeros < place && zeros.pointee <= UInt8(ascii: "0") {
        if unsafe zeros.pointee == UInt8(ascii: "0") { count -= 1 }
        unsafe zeros += 1
      }
      guard count <= Self.digitLimit else { return nil }
    }
    if unsafe place < end {
      guard unsafe place.pointee | 0x20 == UInt8(ascii: "e"),
        let exponent = unsafe Self.exponent(from: place + 1, to: end)
      else { return nil }
      power += exponent
    }
  }

  /// Reads digits behind others.
  @inline(__always)
  private static func read(
    _ number: inout UInt64, from place: inout UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>
  ) {
    while true {
      let word = unsafe UInt64(
        littleEndian: UnsafeRawPointer(place).loadUnaligned(as: UInt64.self))
      // Digits become 0 to 9; a carry goes out of no digit, so the first other byte is found.
      let digits = word ^ 0x3030_3030_3030_3030
      let others = ((digits &+ 0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080
      let count = unsafe min(others.trailingZeroBitCount >> 3, end - place)
      guard count > 0 else { return }
      // Zeros in front of them make eight.
      number =
        number &* tens[count] &+ joined(digits &<< UInt64(truncatingIfNeeded: 64 - 8 * count))
      unsafe place += count
      if count < 8 { return }
    }
  }

  /// The number of eight digits, a byte each.
  @inline(__always)
  private static func joined(_ digits: UInt64) -> UInt64 {
    // Digits, then pairs and fours of them, are joined side by side.
    let pairs = (digits &* (10 << 8 + 1)) >> 8 & 0x00ff_00ff_00ff_00ff
    let fours = (pairs &* (100 << 16 + 1)) >> 16 & 0x0000_ffff_0000_ffff
    return (fours &* (10_000 << 32 + 1)) >> 32
  }

  private static let tens: [UInt64] = [
    1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000,
  ]

  @inline(never)
  private static func exponent(
    from start: UnsafePointer<UInt8>, to end: UnsafePointer<UInt8>
  ) -> Int? {
    var place = unsafe start
    guard unsafe place < end else { return nil }
    let isNegative = unsafe place.pointee == UInt8(ascii: "-")
    if unsafe isNegative || place.pointee == UInt8(ascii: "+") { unsafe place += 1 }
    guard unsafe place < end && end - place <= 4 else { return nil }
    var exponent = 0
    while unsafe place < end {
      let digit = unsafe place.pointee &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      exponent = exponent * 10 + Int(digit)
      unsafe place += 1
    }
    return isNegative ? -exponent : exponent
  }

  /// The nearest number, of two the even one; nil where 128 bits do not hold what decides.
  @inline(__always)
  var nearest: Double? {
    guard let magnitude else { return nil }
    return isNegative ? -magnitude : magnitude
  }

  @inline(__always)
  private var magnitude: Double? {
    if digits == 0 { return 0 }
    // One rounding: integers up to 2^53 and these powers are exact (Clinger, 1990).
    if digits <= 1 << 53, abs(power) < Self.powersOfTen.count {
      let scale = Self.powersOfTen[abs(power)]
      return power < 0 ? Double(digits) / scale : Double(digits) * scale
    }
    guard abs(power) < Self.powersOfFive.count else { return nil }
    let five = Self.powersOfFive[abs(power)]
    return power < 0 ? quotient(by: five) : product(with: five)
  }

  /// The digits times a power of five, all of whose bits are there, then times that of two.
  @inline(never)
  private func product(with five: UInt64) -> Double {
    let (high, low) = digits.multipliedFullWidth(by: five)
    guard high > 0 else { return Double(low) * Self.powerOfTwo(power) }
    let shift = high.leadingZeroBitCount
    let top = high << shift | low >> (64 - shift)
    let rest: UInt64 = low << shift == 0 ? 0 : 1
    return Double(top | rest) * Self.powerOfTwo(64 - shift + power)
  }

  /// The quotient to at least 63 bits, the last of which says whether there is a rest.
  @inline(never)
  private func quotient(by five: UInt64) -> Double {
    let (shift, fiveShift) = (digits.leadingZeroBitCount, five.leadingZeroBitCount)
    let number = digits << shift
    let (quotient, rest) = (five << fiveShift).dividingFullWidth((number >> 1, number << 63))
    return Double(quotient | (rest == 0 ? 0 : 1))
      * Self.powerOfTwo(fiveShift - shift - 63 + power)
  }

  /// A normal number; the products with it are normal too, so they are exact.
  private static func powerOfTwo(_ power: Int) -> Double {
    Double(bitPattern: UInt64(1023 + power) << 52)
  }

  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// Those that 64 bits hold.
  private static let powersOfFive: [UInt64] = [
    1, 5, 25, 125, 625, 3_125, 15_625, 78_125, 390_625, 1_953_125, 9_765_625, 48_828_125,
    244_140_625, 1_220_703_125, 6_103_515_625, 30_517_578_125, 152_587_890_625, 762_939_453_125,
    3_814_697_265_625, 19_073_486_328_125, 95_367_431_640_625, 476_837_158_203_125,
    2_384_185_791_015_625, 11_920_928_955_078_125, 59_604_644_775_390_625, 298_023_223_876_953_125,
    1_490_116_119_384_765_625, 7_450_580_596_923_828_125,
  ]
}
