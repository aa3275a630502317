/// The checksum of records: CRC-32 by the polynomial of Castagnoli.
enum CRC32C {
  /// Row k holds the checksums of one byte that k zeros follow.
  private static let table: [UInt32] = {
    var table = [UInt32](repeating: 0, count: 8 * 256)
    for byte in 0..<256 {
      table[byte] = (0..<8).reduce(UInt32(byte)) { sum, _ in
        sum >> 1 ^ (sum & 1 == 0 ? 0 : 0x82F6_3B78)
      }
    }
    for place in 256..<table.count {
      let before = table[place - 256]
      table[place] = before >> 8 ^ table[Int(before & 255)]
    }
    return table
  }()

  /// As it stands in files: turned and moved, since the checksum of data that hold their own
  /// checksum tells nothing.
  static func masked(_ bytes: Span<UInt8>) -> UInt32 {
    let sum = checksum(bytes)
    return (sum >> 15 | sum << 17) &+ 0xA282_EAD8
  }

  /// Takes eight bytes at a time, one from each row of the table.
  static func checksum(_ bytes: Span<UInt8>) -> UInt32 {
    let table = table.span
    var sum: UInt32 = 0xFFFF_FFFF
    var place = 0
    while place + 8 <= bytes.count {
      var next: UInt32 = 0
      for row in 0..<8 {
        var byte = bytes[place + row]
        if row < 4 { byte ^= UInt8(truncatingIfNeeded: sum >> (8 * UInt32(row))) }
        next ^= table[256 * (7 - row) + Int(byte)]
      }
      sum = next
      place += 8
    }
    while place < bytes.count {
      sum = sum >> 8 ^ table[Int(UInt8(truncatingIfNeeded: sum) ^ bytes[place])]
      place += 1
    }
    return ~sum
  }
}
