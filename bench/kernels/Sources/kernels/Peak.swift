/// The rate of multiply-adds on registers alone: eight chains of sixteen lanes fill both units of
/// a processor with 512-bit registers, and as many registers as AVX2 has.
let multiplyAddOperations = 2 * 16 * chains * rounds

private let (chains, rounds) = (8, 1000)

@inline(never)
func multiplyAdds() -> Float {
  var sums = InlineArray<8, SIMD16<Float>> { SIMD16(repeating: Float($0)) }
  let half = SIMD16<Float>(repeating: 0.5)
  for _ in 0..<rounds {
    for i in 0..<8 { sums[i].addProduct(sums[i], half) }
  }
  return (0..<8).reduce(0) { $0 + sums[$1][$1] }
}
