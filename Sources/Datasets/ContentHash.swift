/// A 64-bit hash of a dataset's content, the same on any machine; not a cryptographic one.
///
/// A word w turns the state h into p ^ p >> 32 for p = (h ^ w) times an odd constant: FNV-1a on
/// words, with the high half folded down since a product carries only upwards. Bytes are read as
/// little-endian words, the last one padded with zeros, after their number. Cached samples are
/// represented by the checksums of their blocks.
package struct ContentHash: Hashable, Sendable, CustomStringConvertible {
  package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  /// Sixteen hexadecimal digits.
  package var description: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  init(
    shape: [Int], elements: Dataset.Elements, targets: Dataset.Targets, weights: [Float]? = nil,
    _ namedFields: [NamedField] = []
  ) {
    add(elements, shape: shape)
    unsafe targets.withBytes { unsafe add(bytes: $0) }
    switch targets {
    case .classes(_, let names, let shape):
      for name in names { unsafe Array(name.utf8).withUnsafeBytes { unsafe add(bytes: $0) } }
      if !shape.isEmpty { add(numbers: shape.map(Int64.init)) }
    case .values(_, let shape):
      if shape.count == 1 {
        add(word: UInt64(shape[0]))
      } else {
        add(numbers: shape.map(Int64.init))
      }
    case .next(let samples, _, let names):
      for name in names { unsafe Array(name.utf8).withUnsafeBytes { unsafe add(bytes: $0) } }
      add(numbers: [Int64(samples.sampleSize)])
    case .none: break
    }
    if let weights { unsafe weights.withUnsafeBytes { unsafe add(bytes: $0) } }
    for named in namedFields {
      unsafe Array(named.field.name.utf8).withUnsafeBytes { unsafe add(bytes: $0) }
      add(named.elements, shape: named.field.shape)
    }
  }

  private mutating func add(_ elements: Dataset.Elements, shape: [Int]) {
    add(numbers: shape.map(Int64.init))
    // Integers are as wide as real numbers.
    add(word: UInt64(elements.number.size) | (elements.number == .int32 ? 1 << 8 : 0))
    switch elements {
    case .bytes(let values): unsafe values.withUnsafeBytes { unsafe add(bytes: $0) }
    case .integers(let values): unsafe values.withUnsafeBytes { unsafe add(bytes: $0) }
    case .floats(let values): unsafe values.withUnsafeBytes { unsafe add(bytes: $0) }
    case .cached(let samples): add(numbers: samples.checksums.map { Int64(bitPattern: $0) })
    }
  }

  init(bytes: UnsafeRawBufferPointer) { unsafe add(bytes: bytes) }

  init(of numbers: [Int64]) { add(numbers: numbers) }

  init(of text: String) {
    unsafe Array(text.utf8).withUnsafeBytes { unsafe add(bytes: $0) }
  }

  init(of whole: ContentHash, selection: some Collection<Int32>) {
    add(word: whole.value)
    add(word: UInt64(selection.count))
    for sample in selection { add(word: UInt64(sample)) }
  }

  init(of parts: [ContentHash]) {
    self.init(of: parts.map { Int64(bitPattern: $0.value) })
  }

  private mutating func add(word: UInt64) {
    let product = (value ^ word) &* 0x9e37_79b9_7f4a_7c15
    value = product ^ product >> 32
  }

  private mutating func add(numbers: [Int64]) {
    add(word: UInt64(numbers.count))
    for number in numbers { add(word: UInt64(bitPattern: number)) }
  }

  private mutating func add(bytes: UnsafeRawBufferPointer) {
    add(word: UInt64(bytes.count))
    let whole = bytes.count & ~7
    for offset in stride(from: 0, to: whole, by: 8) {
      let word = unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      add(word: UInt64(littleEndian: word))
    }
    var last: UInt64 = 0
    for i in whole..<bytes.count { last |= unsafe UInt64(bytes[i]) << UInt64(8 * (i - whole)) }
    if whole < bytes.count { add(word: last) }
  }
}
