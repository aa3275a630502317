/// A text that is written while it is made: in whole characters, and up to a stop string.
///
/// Bytes that are not UTF-8 become U+FFFD.
package struct OutgoingText {
  private let stop: [UInt8]
  private var pending: [UInt8] = []
  /// Whether the stop string was found.
  package private(set) var hasEnded = false

  package init(stop: String?) { self.stop = Array((stop ?? "").utf8) }

  /// Adds the bytes of a token, and returns what can be written.
  package mutating func add(_ bytes: [UInt8]) -> String {
    pending += bytes
    if let place = stopPlace {
      hasEnded = true
      pending.removeSubrange(place...)
      return finish()
    }
    return take(pending.count - max(startedStop, startedCharacter))
  }

  /// Returns what is left.
  package mutating func finish() -> String { take(pending.count) }

  private mutating func take(_ count: Int) -> String {
    let text = String(decoding: pending[..<count], as: UTF8.self)
    pending.removeFirst(count)
    return text
  }

  private var stopPlace: Int? {
    guard !stop.isEmpty, pending.count >= stop.count else { return nil }
    return (0...pending.count - stop.count).first { pending[$0...].starts(with: stop) }
  }

  /// The number of bytes at the end that may become the stop string.
  private var startedStop: Int {
    guard !stop.isEmpty else { return 0 }
    return (0..<min(stop.count, pending.count + 1)).last {
      pending.suffix($0).elementsEqual(stop.prefix($0))
    } ?? 0
  }

  /// The number of bytes at the end that begin a character.
  private var startedCharacter: Int {
    for count in 1...3 where count <= pending.count {
      let byte = pending[pending.count - count]
      if byte & 0xc0 == 0x80 { continue }
      let length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
      return length > count ? count : 0
    }
    return 0
  }
}
