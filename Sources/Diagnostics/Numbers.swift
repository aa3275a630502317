#if canImport(Glibc)
  internal import Glibc
#else
  internal import Musl
#endif

extension Double {
  /// Returns the number with a fixed number of decimals: `0.98765.formatted(3)` is `0.988`.
  package func formatted(_ decimals: Int) -> String {
    isNaN ? "nan" : printf("%.*f", Int32(decimals), self)
  }

  /// Returns the number with this many significant digits, as `%g` formats it.
  package func formatted(digits: Int) -> String {
    isNaN ? "nan" : printf("%.*g", Int32(digits), self)
  }
}

extension Int {
  /// The number with thousands separators: `1234567.grouped` is `1,234,567`.
  package var grouped: String {
    let digits = String(magnitude)
    var text = self < 0 ? "-" : ""
    for (i, digit) in digits.enumerated() {
      if i > 0, (digits.count - i) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return text
  }

  /// The number as a size in B, kB, MB, GB or TB: `2.4 MB`.
  package var asBytes: String {
    let units = ["B", "kB", "MB", "GB", "TB"]
    var value = Double(self)
    var unit = 0
    while value >= 999.5, unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    return unit == 0 ? "\(self) B" : "\(value.formatted(value < 10 ? 1 : 0)) \(units[unit])"
  }
}

private func printf(_ format: String, _ arguments: any CVarArg...) -> String {
  unsafe withVaList(arguments) { list in
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 400) { buffer in
      let count = unsafe vsnprintf(buffer.baseAddress, buffer.count, format, list)
      let written = unsafe buffer.prefix(Int(max(0, min(count, 399))))
      return unsafe String(decoding: written.lazy.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
  }
}

extension [Double] {
  /// The median.
  ///
  /// The array must not be empty.
  package var median: Double {
    let order = sorted()
    return (order[(count - 1) / 2] + order[count / 2]) / 2
  }
}
