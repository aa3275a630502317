import Foundation

/// Reads files of events for tests, by a decoder of its own; damage ends the file.
struct EventReader {
  struct Value: Equatable {
    var tag = ""
    var number: Float?
    /// The other contents, by their field.
    var contents: [Int: [UInt8]] = [:]
  }

  struct Event: Equatable {
    var time = 0.0
    var step = 0
    var version: String?
    var values: [Value] = []
  }

  private(set) var events: [Event] = []
  /// Bytes behind the last whole record.
  private(set) var rest = 0

  init(_ data: Data) {
    var bytes = [UInt8](data)[...]
    while bytes.count >= 16 {
      let length = Self.number(bytes.prefix(8))
      let header = bytes.prefix(8)
      guard Self.masked(header) == Self.number(bytes.dropFirst(8).prefix(4)),
        length + 16 <= bytes.count
      else { break }
      let contents = bytes.dropFirst(12).prefix(length)
      guard Self.masked(contents) == Self.number(bytes.dropFirst(12 + length).prefix(4)) else {
        break
      }
      events.append(Self.event(contents))
      bytes = bytes.dropFirst(16 + length)
    }
    rest = bytes.count
  }

  /// Every number of a tag, with its step.
  func points(_ tag: String) -> [(step: Int, value: Float)] {
    events.flatMap { event in
      event.values.compactMap { value in
        value.tag == tag ? value.number.map { (event.step, $0) } : nil
      }
    }
  }

  private static func event(_ bytes: ArraySlice<UInt8>) -> Event {
    var event = Event()
    for (field, kind, content) in fields(bytes) {
      switch (field, kind) {
      case (1, 1): event.time = Double(bitPattern: UInt64(number(content)))
      case (2, 0): event.step = number(content)
      case (3, 2): event.version = String(decoding: content, as: UTF8.self)
      case (5, 2): event.values += fields(content).filter { $0.0 == 1 }.map { value($0.2) }
      default: break
      }
    }
    return event
  }

  private static func value(_ bytes: ArraySlice<UInt8>) -> Value {
    var value = Value()
    for (field, kind, content) in fields(bytes) {
      switch (field, kind) {
      case (1, 2): value.tag = String(decoding: content, as: UTF8.self)
      case (2, 5): value.number = Float(bitPattern: UInt32(number(content)))
      default: value.contents[field] = Array(content)
      }
    }
    return value
  }

  /// Field, wire type and bytes; integers are given as eight bytes.
  static func fields(_ bytes: ArraySlice<UInt8>) -> [(Int, Int, ArraySlice<UInt8>)] {
    var (bytes, fields) = (bytes, [(Int, Int, ArraySlice<UInt8>)]())
    func integer() -> Int {
      var (value, shift) = (0, 0)
      while let byte = bytes.popFirst() {
        value |= Int(byte & 127) << shift
        shift += 7
        if byte < 128 { break }
      }
      return value
    }
    while !bytes.isEmpty {
      let key = integer()
      let content: ArraySlice<UInt8>
      switch key & 7 {
      case 0: content = (0..<8).map { [value = integer()] in UInt8(value >> (8 * $0) & 255) }[...]
      case 1: content = bytes.prefix(8)
      case 5: content = bytes.prefix(4)
      default:
        let count = integer()
        content = bytes.prefix(count)
      }
      if key & 7 != 0 { bytes = bytes.dropFirst(content.count) }
      fields.append((key >> 3, key & 7, content))
    }
    return fields
  }

  static func number(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// Bit by bit.
  private static func masked(_ bytes: ArraySlice<UInt8>) -> Int {
    var sum = UInt32.max
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0x82F6_3B78 : sum >> 1 }
    }
    sum = ~sum
    return Int((sum >> 15 | sum << 17) &+ 0xA282_EAD8)
  }
}
