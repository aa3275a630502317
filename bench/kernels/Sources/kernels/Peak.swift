/// The rate of multiply-adds on registers alone, in as many chains as there are registers for.
enum Peak {
  static let operations = 2 * 16 * 1000 * chains

  #if SMALL_TILES
    private static let chains = 6
    private typealias Sums = InlineArray<6, SIMD16<Float>>
  #else
    private static let chains = 12
    private typealias Sums = InlineArray<12, SIMD16<Float>>
  #endif

  @inline(never)
  static func multiplyAdds() -> Float {
    var sums = Sums { SIMD16(repeating: Float($0)) }
    let half = SIMD16<Float>(repeating: 0.5)
    for _ in 0..<1000 {
      for i in 0..<chains { sums[i].addProduct(sums[i], half) }
    }
    return (0..<chains).reduce(0) { $0 + sums[$1][$1] }
  }
}
