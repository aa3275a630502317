/// Floats on a cache line of their own.
final class Buffer {
  let pointer: UnsafeMutablePointer<Float>
  let count: Int

  init(_ count: Int) {
    self.count = count
    pointer = UnsafeMutableRawPointer.allocate(byteCount: max(1, count) * 4, alignment: 64)
      .bindMemory(to: Float.self, capacity: count)
    pointer.initialize(repeating: 0, count: count)
  }

  /// Numbers in -1 ..< 1 that depend on the seed alone.
  convenience init(random count: Int, seed: UInt64) {
    self.init(count)
    var state = seed
    for i in 0..<count {
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      pointer[i] = Float(Int32(truncatingIfNeeded: z >> 32)) * 0x1p-31
    }
  }

  deinit { pointer.deallocate() }

  var constant: UnsafePointer<Float> { UnsafePointer(pointer) }

  /// FNV-1a of the bits.
  var digest: UInt64 {
    (0..<count).reduce(0xcbf2_9ce4_8422_2325) {
      ($0 ^ UInt64(pointer[$1].bitPattern)) &* 0x100_0000_01b3
    }
  }

  func hasBits(of other: Buffer) -> Bool {
    count == other.count
      && (0..<count).allSatisfy { pointer[$0].bitPattern == other.pointer[$0].bitPattern }
  }
}
