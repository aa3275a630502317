internal import Diagnostics

/// A file in the format of MNIST: two zero bytes, the number type, the number of dimensions, the
/// dimensions as big-endian words, then the numbers.
final class IDXFile {
  let stream: ByteStream
  let shape: [Int]
  let type: Element
  /// The bytes of all numbers.
  private let byteCount: Int
  private var taken = 0
  private var raw: [UInt8] = []

  /// The number types by their codes; all are big-endian.
  enum Element: UInt8 {
    case ubyte = 0x08
    case byte = 0x09
    case short = 0x0b
    case int = 0x0c
    case float = 0x0d
    case double = 0x0e

    var size: Int {
      switch self {
      case .ubyte, .byte: 1
      case .short: 2
      case .int, .float: 4
      case .double: 8
      }
    }

    var isInteger: Bool { self != .float && self != .double }
  }

  init(_ path: String) throws(Failure) {
    stream = try ByteStream(path)
    let head = try Self.head(of: stream, 4, of: 4)
    guard head[0] == 0, head[1] == 0, let type = Element(rawValue: head[2]), head[3] > 0 else {
      let found = head.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
      let isReversed = head[2] == 0 && head[3] == 0 && Element(rawValue: head[1]) != nil
      throw stream.damaged(
        "expected an IDX file, which begins with 0000, a type from 08 to 0e and the number of "
          + "dimensions, found \(found)" + (isReversed ? ": the bytes are in reversed order" : ""))
    }
    let rank = Int(head[3])
    let words = try Self.head(of: stream, 4 * rank, of: 4 + 4 * rank)
    let shape = (0..<rank).map { place in
      words[4 * place..<4 * place + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    guard let byteCount = product(shape + [type.size]),
      byteCount <= stream.sizeLimit, shape.dropFirst().allSatisfy({ $0 > 0 })
    else {
      throw stream.damaged(
        "its head declares \(shape.text) numbers of \(type.size) bytes, more than "
          + "\(stream.fileSize.asBytes) can hold or none")
    }
    let expected = 4 + 4 * rank + byteCount
    guard stream.isCompressed || stream.fileSize == expected else {
      throw stream.damaged(
        "expected \(expected.grouped) bytes for \(shape.text) numbers, "
          + "found \(stream.fileSize.grouped)")
    }
    self.shape = shape
    self.type = type
    self.byteCount = byteCount
  }

  private static func head(
    of stream: ByteStream, _ count: Int, of needed: Int
  ) throws(Failure) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let found = try unsafe bytes.withUnsafeMutableBufferPointer { bytes throws(Failure) in
      try unsafe stream.read(UnsafeMutableRawBufferPointer(bytes))
    }
    guard found == count else {
      throw stream.damaged(
        "needs \(needed) bytes of head, the file has \(needed - count + found)")
    }
    return bytes
  }

  /// Reads bytes as they are.
  func read(_ target: UnsafeMutableRawBufferPointer) throws(Failure) {
    let count = try unsafe stream.read(target)
    taken += count
    guard count == target.count else {
      throw stream.damaged(
        "ends after \(taken.grouped) of \(byteCount.grouped) bytes of numbers")
    }
  }

  /// Reads numbers of any type; `index` counts from 0 in what is read.
  func read(_ count: Int, each body: (_ index: Int, _ number: Double) -> Void) throws(Failure) {
    let size = type.size
    if raw.count < count * size { raw = [UInt8](repeating: 0, count: count * size) }
    try unsafe raw.withUnsafeMutableBufferPointer { raw throws(Failure) in
      let bytes = unsafe UnsafeMutableRawBufferPointer(
        UnsafeMutableBufferPointer(rebasing: raw[..<(count * size)]))
      try unsafe read(bytes)
      for i in 0..<count { unsafe body(i, number(UnsafeRawBufferPointer(bytes), at: i * size)) }
    }
  }

  private func number(_ bytes: UnsafeRawBufferPointer, at place: Int) -> Double {
    func word<Word: FixedWidthInteger>(_: Word.Type) -> Word {
      Word(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: place, as: Word.self))
    }
    return switch type {
    case .ubyte: unsafe Double(bytes[place])
    case .byte: Double(word(Int8.self))
    case .short: Double(word(Int16.self))
    case .int: Double(word(Int32.self))
    case .float: Double(Float(bitPattern: word(UInt32.self)))
    case .double: Double(bitPattern: word(UInt64.self))
    }
  }

  /// Checks that the file ends here.
  func finish() throws(Failure) {
    var byte: [UInt8] = [0]
    let extra = try unsafe byte.withUnsafeMutableBufferPointer { byte throws(Failure) in
      try unsafe stream.read(UnsafeMutableRawBufferPointer(byte))
    }
    guard extra == 0 else {
      throw stream.damaged("holds more than the \(byteCount.grouped) bytes that its head declares")
    }
  }
}

/// The product of sizes; nil if it exceeds an `Int`.
func product(_ sizes: [Int]) -> Int? {
  var product = 1
  for size in sizes {
    let (next, overflow) = product.multipliedReportingOverflow(by: size)
    if overflow || size < 0 { return nil }
    product = next
  }
  return product
}

extension [Int] {
  /// `28x28x1`.
  var text: String { map(String.init).joined(separator: "x") }
}
