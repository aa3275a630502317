internal import Diagnostics

/// The encoded bytes of a message between this process and one that reads a file for it.
struct Packet {
  private(set) var bytes: [UInt8]
  private var place = 0

  /// Thrown when a message cannot be decoded, which happens only if the other process is corrupt.
  struct Malformed: Error {}

  init(_ bytes: [UInt8] = []) { self.bytes = bytes }

  init(_ value: some Message) {
    bytes = []
    value.write(to: &self)
  }

  var bytesLeft: Int { bytes.count - place }

  mutating func add(_ number: UInt64) {
    unsafe withUnsafeBytes(of: number.littleEndian) { unsafe bytes.append(contentsOf: $0) }
  }

  mutating func add(_ text: String) {
    add(UInt64(text.utf8.count))
    bytes.append(contentsOf: text.utf8)
  }

  /// Appends the bytes of another message that are not decoded yet.
  mutating func add(contentsOf rest: Packet) { bytes += rest.bytes[rest.place...] }

  mutating func nextNumber() throws(Malformed) -> UInt64 {
    try next(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  mutating func nextText() throws(Malformed) -> String {
    String(decoding: try next(nextCount()), as: UTF8.self)
  }

  /// Decodes the number of elements that follow, each of at least one byte.
  mutating func nextCount() throws(Malformed) -> Int {
    guard let count = Int(exactly: try nextNumber()), count <= bytesLeft else { throw Malformed() }
    return count
  }

  private mutating func next(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
    guard count <= bytesLeft else { throw Malformed() }
    place += count
    return bytes[place - count..<place]
  }
}

/// A value that can be encoded in a message.
protocol Message {
  func write(to packet: inout Packet)
  init(from packet: inout Packet) throws(Packet.Malformed)
}

extension Int: Message {
  func write(to packet: inout Packet) { packet.add(UInt64(bitPattern: Int64(self))) }
  init(from packet: inout Packet) throws(Packet.Malformed) {
    self = Int(Int64(bitPattern: try packet.nextNumber()))
  }
}

extension Bool: Message {
  func write(to packet: inout Packet) { (self ? 1 : 0).write(to: &packet) }
  init(from packet: inout Packet) throws(Packet.Malformed) { self = try Int(from: &packet) != 0 }
}

extension Double: Message {
  func write(to packet: inout Packet) { packet.add(bitPattern) }
  init(from packet: inout Packet) throws(Packet.Malformed) {
    self = Double(bitPattern: try packet.nextNumber())
  }
}

extension String: Message {
  func write(to packet: inout Packet) { packet.add(self) }
  init(from packet: inout Packet) throws(Packet.Malformed) { self = try packet.nextText() }
}

extension Array: Message where Element: Message {
  func write(to packet: inout Packet) {
    count.write(to: &packet)
    for element in self { element.write(to: &packet) }
  }

  init(from packet: inout Packet) throws(Packet.Malformed) {
    self = []
    for _ in 0..<(try packet.nextCount()) { append(try Element(from: &packet)) }
  }
}

extension Optional: Message where Wrapped: Message {
  func write(to packet: inout Packet) {
    (self != nil).write(to: &packet)
    self?.write(to: &packet)
  }

  init(from packet: inout Packet) throws(Packet.Malformed) {
    self = try Bool(from: &packet) ? try Wrapped(from: &packet) : nil
  }
}

extension RawRepresentable where RawValue: Message, Self: Message {
  func write(to packet: inout Packet) { rawValue.write(to: &packet) }
  init(from packet: inout Packet) throws(Packet.Malformed) {
    guard let value = Self(rawValue: try RawValue(from: &packet)) else {
      throw Packet.Malformed()
    }
    self = value
  }
}

extension ElementType: Message {}
extension HDF5RowReader.Numbers: Message {}
extension Request.Kind: Message {}

extension HDF5Attribute: Message {
  func write(to packet: inout Packet) {
    switch self {
    case .integer(let value):
      0.write(to: &packet)
      Int(value).write(to: &packet)
    case .number(let value):
      1.write(to: &packet)
      value.write(to: &packet)
    case .numbers(let values):
      2.write(to: &packet)
      values.write(to: &packet)
    case .text(let value):
      3.write(to: &packet)
      value.write(to: &packet)
    }
  }

  init(from packet: inout Packet) throws(Packet.Malformed) {
    switch try Int(from: &packet) {
    case 0: self = .integer(Int64(try Int(from: &packet)))
    case 1: self = .number(try Double(from: &packet))
    case 2: self = .numbers(try [Double](from: &packet))
    case 3: self = .text(try String(from: &packet))
    default: throw Packet.Malformed()
    }
  }
}

extension DatasetInfo: Message {
  func write(to packet: inout Packet) {
    shape.write(to: &packet)
    elementType.write(to: &packet)
  }

  init(from packet: inout Packet) throws(Packet.Malformed) {
    shape = try [Int](from: &packet)
    elementType = try ElementType(from: &packet)
    guard let count = elementCount(shape) else { throw Packet.Malformed() }
    self.count = count
  }
}

extension HDF5Member: Message {
  func write(to packet: inout Packet) {
    name.write(to: &packet)
    isGroup.write(to: &packet)
  }

  init(from packet: inout Packet) throws(Packet.Malformed) {
    name = try String(from: &packet)
    isGroup = try Bool(from: &packet)
  }
}

extension HDF5Entry: Message {
  func write(to packet: inout Packet) {
    path.write(to: &packet)
    switch content {
    case .group: 0.write(to: &packet)
    case .dataset(let type, let shape):
      1.write(to: &packet)
      type.write(to: &packet)
      shape.write(to: &packet)
    case .link: 2.write(to: &packet)
    case .other: 3.write(to: &packet)
    }
  }

  init(from packet: inout Packet) throws(Packet.Malformed) {
    path = try String(from: &packet)
    switch try Int(from: &packet) {
    case 0: content = .group
    case 1:
      content = .dataset(
        type: try String(from: &packet), shape: try [Int](from: &packet))
    case 2: content = .link
    case 3: content = .other
    default: throw Packet.Malformed()
    }
  }
}

extension NamedAttribute: Message {
  func write(to packet: inout Packet) {
    name.write(to: &packet)
    value.write(to: &packet)
  }

  init(from packet: inout Packet) throws(Packet.Malformed) {
    name = try String(from: &packet)
    value = try HDF5Attribute(from: &packet)
  }
}
