/// A grey PNG file of 8 bits, written by the standard alone: its data are stored, not packed.
package func pngFile(width: Int, height: Int, _ pixels: [UInt8]) -> [UInt8] {
  precondition(pixels.count == width * height)
  let rows = (0..<height).flatMap { [0] + pixels[$0 * width..<($0 + 1) * width] }
  let count = UInt16(rows.count)
  let stored: [UInt8] =
    [0x78, 0x01, 1] + bytes(count.byteSwapped) + bytes((~count).byteSwapped) + rows
    + bytes(adler32(rows))
  return [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
    + chunk("IHDR", bytes(UInt32(width)) + bytes(UInt32(height)) + [8, 0, 0, 0, 0])
    + chunk("IDAT", stored) + chunk("IEND", [])
}

private func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
  let body = Array(name.utf8) + data
  return bytes(UInt32(data.count)) + body + bytes(crc32(body))
}

/// The most significant byte first.
private func bytes<Word: FixedWidthInteger>(_ word: Word) -> [UInt8] {
  (0..<Word.bitWidth / 8).reversed().map { UInt8(truncatingIfNeeded: word >> Word(8 * $0)) }
}

private func crc32(_ bytes: [UInt8]) -> UInt32 {
  ~bytes.reduce(~0) { sum, byte in
    (0..<8).reduce(sum ^ UInt32(byte)) { sum, _ in sum >> 1 ^ (sum & 1 == 1 ? 0xedb8_8320 : 0) }
  }
}

private func adler32(_ bytes: [UInt8]) -> UInt32 {
  let (low, high) = bytes.reduce((UInt32(1), UInt32(0))) { sums, byte in
    let low = (sums.0 + UInt32(byte)) % 65521
    return (low, (sums.1 + low) % 65521)
  }
  return high << 16 | low
}
