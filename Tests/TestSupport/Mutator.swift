import Foundation

/// Damages texts and files, in a way that a seed repeats.
package struct Mutator {
  private var random: XorShift

  package init(seed: UInt64) { random = XorShift(seed: seed) }

  /// How many mutations of each kind a test makes: `NN_DIST_MUTATIONS`, or a few.
  package static let count =
    ProcessInfo.processInfo.environment["NN_DIST_MUTATIONS"].flatMap { Int($0) } ?? 300

  /// The bytes with one to four changes.
  package mutating func bytes(_ original: [UInt8]) -> [UInt8] {
    var bytes = original
    for _ in 0..<random.integer(in: 1...4) { change(&bytes) }
    return bytes
  }

  /// The text with one to four changes of its bytes or its words.
  package mutating func text(_ original: String) -> [UInt8] {
    var bytes = Array(original.utf8)
    for _ in 0..<random.integer(in: 1...4) {
      if random.integer(in: 0...1) == 0 { change(&bytes) } else { changeWord(&bytes) }
    }
    return bytes
  }

  /// One of some elements.
  package mutating func pick<Element>(_ elements: [Element]) -> Element {
    elements[random.integer(in: 0...elements.count - 1)]
  }

  private mutating func change(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else { return bytes = [UInt8(truncatingIfNeeded: random.next())] }
    let place = random.integer(in: 0...bytes.count - 1)
    let range = place..<min(bytes.count, place + random.integer(in: 1...16))
    switch random.integer(in: 0...7) {
    case 0: bytes[place] ^= 1 << random.integer(in: 0...7)
    case 1: bytes[place] = pick([0, 1, 9, 10, 13, 27, 34, 39, 44, 58, 0x7f, 0x80, 0xfe, 0xff])
    case 2: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
    case 3: bytes.removeSubrange(range)
    case 4: bytes.insert(contentsOf: bytes[range], at: random.integer(in: 0...bytes.count))
    case 5: bytes.removeSubrange(place...)
    case 6:
      // A size or a number in four bytes.
      let word: UInt32 = pick([0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 0x0100_0000, 65_536])
      for (i, place) in range.prefix(4).enumerated() {
        bytes[place] = UInt8(truncatingIfNeeded: word >> UInt32(24 - 8 * i))
      }
    default:
      for place in range { bytes[place] = UInt8(truncatingIfNeeded: random.next() >> 8) }
    }
  }

  private static let words = [
    "-1", "0", "1e300", "1099511627776", "99999999999999999999", "9223372036854775807", "nan",
    "-inf", "null", "~", "true", "''", "\"\\x1b[31m\"", "[]", "{}", "[[[[", "}", "&a", "*a", "!!x",
    "<<", "- - -", "---", "\u{202e}x", "\u{10feff}", "é", "\t", "\n  ", ": ", ", ", "\r\n",
    "1 epoch",
    "0x10", "1_000",
  ].map { Array($0.utf8) }

  /// Puts another word in the place of one, a word of the text or one that is often trouble.
  private mutating func changeWord(_ bytes: inout [UInt8]) {
    let separators = Set(" \n,:[]{}\t;".utf8)
    var ranges: [Range<Int>] = []
    var start = 0
    for place in 0...bytes.count where place == bytes.count || separators.contains(bytes[place]) {
      if start < place { ranges.append(start..<place) }
      start = place + 1
    }
    guard !ranges.isEmpty else { return change(&bytes) }
    let word =
      random.integer(in: 0...2) == 0 ? Array(bytes[pick(ranges)]) : pick(Self.words)
    bytes.replaceSubrange(pick(ranges), with: word)
  }
}

/// How a reader came through mutated inputs.
package struct MutationTally: CustomStringConvertible {
  package private(set) var accepted = 0
  private var refused: [Int32: Int] = [:]
  private var slowest = Duration.zero
  /// What should not have happened, with the number of the mutation.
  package private(set) var faults: [String] = []

  package init() {}

  /// Notes what a reader made of an input: nil, or its message and status.
  package mutating func add(
    _ number: Int, statuses: [Int32], _ body: () -> (status: Int32, message: String)?
  ) {
    var failure: (status: Int32, message: String)?
    let time = ProcessorClock().measure { failure = body() }
    slowest = max(slowest, time)
    if time > .seconds(1) { faults.append("\(number) took \(time)") }
    guard let (status, message) = failure else { return accepted += 1 }
    refused[status, default: 0] += 1
    if !statuses.contains(status) { faults.append("\(number): status \(status): \(message)") }
    let isLine = message.unicodeScalars.allSatisfy {
      $0.properties.generalCategory != .control && !$0.properties.isBidiControl
        && ![0x2028, 0x2029].contains($0.value)
    }
    if message.isEmpty || !isLine {
      faults.append("\(number): no line: \(message.debugDescription)")
    }
  }

  package var description: String {
    let parts = refused.sorted { $0.key < $1.key }.map { "\($0.value) with \($0.key)" }
    return "\(accepted) accepted, refused \(parts.joined(separator: ", ")); slowest \(slowest)"
  }
}
