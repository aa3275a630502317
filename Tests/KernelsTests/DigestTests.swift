import Testing

import Kernels

@Suite struct DigestTests {
  private func digest(_ bytes: [UInt8]) -> Digest {
    unsafe bytes.withUnsafeBytes { unsafe Digest($0) }
  }

  private func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
  }

  /// Around whole words, and around eight of them.
  @Test(arguments: [1, 7, 8, 9, 63, 64, 65, 128, 200])
  func everyBitCounts(_ count: Int) {
    let whole = bytes(count)
    var seen: Set<String> = [digest(whole).description]
    for bit in 0..<8 * count {
      var changed = whole
      changed[bit / 8] ^= 1 << (bit % 8)
      seen.insert(digest(changed).description)
    }
    #expect(seen.count == 8 * count + 1)
  }

  @Test func orderAndLengthCount() {
    let whole = bytes(256)
    for distance in [8, 16, 64, 128] {
      var swapped = whole
      for i in 0..<8 { swapped.swapAt(i, i + distance) }
      #expect(digest(swapped) != digest(whole), "words \(distance) bytes apart")
    }
    let zeros = Set((0..<100).map { digest([UInt8](repeating: 0, count: $0)).description })
    #expect(zeros.count == 100)
  }

  /// Flips of a sign in pairs: what a sum of bits would miss.
  @Test func pairsOfFlipsDoNotCancel() {
    let whole = [Float](repeating: 1, count: 1024)
    let expected = unsafe whole.withUnsafeBytes { unsafe Digest($0) }
    for (first, second) in [(0, 1), (1, 17), (3, 35), (500, 516), (0, 1023)] {
      var changed = whole
      changed[first] = -1
      changed[second] = -1
      let digest = unsafe changed.withUnsafeBytes { unsafe Digest($0) }
      #expect(digest != expected)
    }
  }

  @Test func addressesDoNotCount() {
    let whole = bytes(300)
    for shift in 1..<9 {
      let shifted = [UInt8](repeating: 0, count: shift) + whole
      let digest = unsafe shifted.withUnsafeBytes { unsafe Digest(.init(rebasing: $0[shift...])) }
      #expect(digest == self.digest(whole))
    }
  }

  /// It is written to files, so it may not change.
  @Test func valuesStay() {
    #expect(digest([]).description == "e3aabcbe89f886b7")
    #expect(digest(bytes(77)).description == "ea8c4bd350f90158")
  }
}
