internal import Diagnostics

/// The bytes of a PNG file, and what its header says.
struct PNGPicture {
  let bytes: [UInt8]
  let width: Int
  let height: Int
  let channels: Int

  private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  init(_ bytes: [UInt8]) throws(Failure) {
    // The header is the first part of every such file: after 8 bytes of length and name come
    // width, height, bits, and the type of colours.
    guard bytes.count >= 26, bytes.starts(with: Self.signature),
      let channels = [0: 1, 2: 3, 3: 3, 4: 2, 6: 4][bytes[25]]
    else {
      throw Failure(
        .badData, "expected the bytes of a PNG file, found \(bytes.count) others: not recorded")
    }
    func number(at place: Int) -> Int { bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
    self.bytes = bytes
    (width, height) = (number(at: 16), number(at: 20))
    self.channels = channels
  }
}
