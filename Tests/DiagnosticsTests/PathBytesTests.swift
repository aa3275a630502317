import Diagnostics
import TestSupport
import Testing

@Suite struct PathBytesTests {
  private func bytes(_ text: String) -> [UInt8] {
    text.cPath.dropLast().map { UInt8(bitPattern: $0) }
  }

  @Test(
    arguments: [
      [], Array("runs/größe/数".utf8), [0xff], [0x61, 0xe9, 0x2f, 0x62], [0xc3], [0xc3, 0x28],
      [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xf4, 0x90, 0x80, 0x80], [0xf0, 0x9f, 0x99],
      // The character that stands for a byte, written out by somebody.
      Array("\u{10feff}".utf8), Array("a\u{10fe80}b".utf8) + [0x80],
    ] as [[UInt8]])
  func everyByteComesBack(_ path: [UInt8]) {
    #expect(bytes(String(path: path)) == path)
  }

  @Test func randomBytesComeBack() {
    var random = XorShift(seed: 3)
    for _ in 0..<2000 {
      let path = (0..<random.integer(in: 0...24)).map { _ in
        UInt8(truncatingIfNeeded: random.next() >> 20) | (random.next() & 4096 == 0 ? 0x80 : 1)
      }
      #expect(bytes(String(path: path)) == path)
    }
  }

  @Test func aPathInUTF8IsItself() {
    #expect(String(path: "runs/größe 🙂".utf8) == "runs/größe 🙂")
    #expect("".cPath == [0])
  }

  @Test func messagesShowTheByte() {
    #expect(String(path: [0x61, 0xff, 0xc3, 0x28]).printable == "a\\xff\\xc3(")
  }
}
