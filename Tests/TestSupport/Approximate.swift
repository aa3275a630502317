/// Whether two numbers agree: |a - b| <= absolute + relative * max(|a|, |b|).
package func isClose(
  _ a: Double, _ b: Double, relative: Double = 1e-9, absolute: Double = 0
) -> Bool {
  if a == b { return true }
  return abs(a - b) <= absolute + relative * max(abs(a), abs(b))
}
