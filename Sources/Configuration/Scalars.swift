/// The integer that plain decimal digits name; nil for `1e3`, `1_000`, `0o10`, `010`, overflow.
func decimal(_ text: String) -> Int? {
  let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
  guard !digits.isEmpty, digits.allSatisfy({ 48...57 ~= $0 }),
    digits.first != UInt8(ascii: "0") || digits.count == 1
  else { return nil }
  return Int(text)
}

/// The finite number that a decimal fraction names, with or without exponent; no -0.
func fraction(_ text: String) -> Double? {
  let allowed = text.utf8.allSatisfy { "0123456789+-.eE".utf8.contains($0) }
  guard allowed, let number = Double(text), number.isFinite else { return nil }
  return number == 0 ? 0 : number
}

/// The shortest text that names exactly this number: `0.001`, `1e-8`, `3`.
package func shortest(_ number: Double) -> String {
  let text = number.description
  if text.hasSuffix(".0") { return String(text.dropLast(2)) }
  let parts = text.split(separator: "e")
  guard parts.count == 2, let exponent = Int(parts[1]) else { return text }
  return "\(parts[0].hasSuffix(".0") ? parts[0].dropLast(2) : parts[0])e\(exponent)"
}
