/// A number as people read it, alike under every locale: `0.48`, `-12.3`, `1.2e5`.
func figure(_ number: Float) -> String {
  guard number.isFinite else { return "×" }
  var (size, exponent) = (Double(number.magnitude), 0)
  let sign = number < 0 ? "-" : ""
  if size < 9.995 { return (size < 0.005 ? "" : sign) + fixed(size, 2) }
  if size < 99.95 { return sign + fixed(size, 1) }
  if size < 9999.5 { return sign + fixed(size, 0) }
  while size >= 9.95 { (size, exponent) = (size / 10, exponent + 1) }
  return "\(sign)\(fixed(size, 1))e\(exponent)"
}

/// A number from 0 to 10,000 with a number of decimals.
private func fixed(_ number: Double, _ decimals: Int) -> String {
  let unit = [1, 10, 100][decimals]
  let (whole, part) = Int((number * Double(unit)).rounded()).quotientAndRemainder(dividingBy: unit)
  if decimals == 0 { return "\(whole)" }
  let digits = "\(part)"
  return "\(whole)." + String(repeating: "0", count: decimals - digits.count) + digits
}
