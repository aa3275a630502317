extension RandomStream {
  /// Fills memory with `uniform(at: first)`, `uniform(at: first + 1)` and so on, bit for bit.
  ///
  /// Whole blocks go through one loop of vector code, what is left at either end one by one.
  package func fill(uniform buffer: UnsafeMutableBufferPointer<Float>, from first: Int = 0) {
    guard let base = buffer.baseAddress else { return }
    let head = min(buffer.count, -first & 3)
    let blocks = (buffer.count - head) / 4
    let start = UInt32((first + head) / 4)
    precondition(Int(start) + blocks <= 1 << 32, "a stream has 2^34 elements")

    for i in 0..<head { unsafe base[i] = uniform(at: first + i) }
    let body = unsafe base + head
    for i in 0..<blocks {
      let words = block(start &+ UInt32(truncatingIfNeeded: i))
      unsafe body[4 * i] = Self.uniform(words.0)
      unsafe body[4 * i + 1] = Self.uniform(words.1)
      unsafe body[4 * i + 2] = Self.uniform(words.2)
      unsafe body[4 * i + 3] = Self.uniform(words.3)
    }
    for i in (head + 4 * blocks)..<buffer.count { unsafe base[i] = uniform(at: first + i) }
  }

  /// Fills memory with `normal(at: first)`, `normal(at: first + 1)` and so on, bit for bit.
  package func fill(normal buffer: UnsafeMutableBufferPointer<Float>, from first: Int = 0) {
    guard let base = buffer.baseAddress, buffer.count > 0 else { return }
    let head = first & 1
    let pairs = (buffer.count - head) / 2
    let body = unsafe base + head
    unsafe fill(uniform: .init(start: body, count: 2 * pairs), from: first + head)
    for i in 0..<pairs {
      let pair = unsafe Self.normalPair(body[2 * i], body[2 * i + 1])
      unsafe body[2 * i] = pair.0
      unsafe body[2 * i + 1] = pair.1
    }
    if head == 1 { unsafe base[0] = normal(at: first) }
    let end = head + 2 * pairs
    if end < buffer.count { unsafe base[end] = normal(at: first + end) }
  }
}
