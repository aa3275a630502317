import Diagnostics
import Foundation
import Graphs
import ModelFiles
import TestSupport
import Testing

/// Damaged and hostile files of both families: each is read, or refused in one line, in no time.
///
/// `NN_DIST_MUTATIONS` says how many; case `n` is the same in every run.
@Suite struct MutationTests {
  private static let count =
    ProcessInfo.processInfo.environment["NN_DIST_MUTATIONS"].flatMap(Int.init) ?? 400

  @Test func readersSurvive() throws {
    let folder = try TemporaryFolder()
    var texts = try Reference.names.map { try Data(contentsOf: URL(filePath: Reference.path($0))) }
    for (layers, sample) in RoundTripTests.networks + [(RoundTripTests.dense, Shape([4]))] {
      try RoundTripTests.model(layers, sample: sample).model.write(to: folder.path(of: "m.smodel"))
      texts.append(try folder.data(of: "m.smodel"))
    }
    let known = try Reference.names.map(Reference.choices)
    let mutator = try Mutator(texts.map { [UInt8]($0) })
    var (accepted, longest) = (0, Duration.zero)
    let clock = ProcessorClock()
    for number in 0..<Self.count {
      var random = XorShift(seed: UInt64(number) &* 0x9e37_79b9_7f4a_7c15 | 1)
      let (text, bytes) = mutator.text(&random)
      var choices = text < known.count ? known[text] : StoredModel.Choices()
      switch random.integer(in: 0...9) {
      case 0: choices.layout = WeightLayout.allCases.randomElement(using: &random)
      case 1: choices.release = BrainRelease.allCases.randomElement(using: &random)
      case 2: choices.usesStoredStatistics.toggle()
      default: break
      }
      let time = clock.measure {
        do throws(Failure) {
          let model = try StoredModel(bytes: bytes, path: "m.smodel", choices)
          _ = try ImportedLayers(model)
          _ = (model.outline, model.output, model.readers, model.parameterCount)
          accepted += 1
          if accepted % 8 == 0 { try model.write(to: folder.path(of: "m.smodel")) }
        } catch {
          #expect(
            !error.message.contains { $0.isNewline } && error.message.count < 600,
            "case \(number): \(error.message)")
          #expect([.badData, .usage, .notFinite].contains(error.code), "case \(number): \(error)")
        }
      }
      longest = max(longest, time)
      #expect(time < .seconds(1), "case \(number) takes \(time)")
    }
    print(
      "\(Self.count) mutated models: \(accepted) read, the longest in \(longest)"
    )
  }
}

/// Changes texts, byte by byte and value by value.
private struct Mutator {
  private let texts: [[UInt8]]
  /// Where each text has its values, lists and objects among them.
  private let values: [[Range<Int>]]

  private static let pool: [[UInt8]] = [
    "0", "-1", "1", "2", "3", "7", "4096", "1073741824", "2147483648", "9223372036854775807",
    "1e308", "-1e39", "1e-400", "0.5", "3.0", "null", "true", "false", "[]", "{}", "[[]]",
    "[[[]]]", "\"\"", "\"softmax\"", "\"reLu\"", "\"dense\"", "\"conv2d\"", "\"flatten\"",
    "\"maxPool\"", "\"resNet\"", "\"batchNormalize\"", "\"\\n\\u0000\"", "[0,1]", "[1e40]",
    "{\"rows\":0,\"columns\":0,\"depth\":0}", "{\"rows\":46340,\"columns\":46340,\"depth\":1}",
    "{\"rows\":1,\"columns\":2147483647,\"depth\":1}", "{\"valid\":\"valid\"}",
  ].map { Array($0.utf8) }

  init(_ texts: [[UInt8]]) throws {
    self.texts = texts
    values = texts.map(Self.values)
    try #require(values.allSatisfy { $0.count > 20 })
  }

  private static func values(of text: [UInt8]) -> [Range<Int>] {
    var found: [Range<Int>] = []
    var open: [Int] = []
    var place = 0
    while place < text.count {
      let start = place
      place += 1
      switch text[start] {
      case UInt8(ascii: "["), UInt8(ascii: "{"): open.append(start)
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        if let begin = open.popLast() { found.append(begin..<place) }
      case UInt8(ascii: "\""):
        while text[place] != UInt8(ascii: "\"") { place += text[place] == 92 ? 2 : 1 }
        place += 1
        found.append(start..<place)
      case let byte where "-0123456789tfn".utf8.contains(byte):
        while !",]}: \n".utf8.contains(text[place]) { place += 1 }
        found.append(start..<place)
      default: break
      }
    }
    return found
  }

  /// A changed text, and the number of the one that it was.
  func text(_ random: inout XorShift) -> (Int, [UInt8]) {
    let number = random.integer(in: 0...texts.count - 1)
    var text = texts[number]
    let places = values[number]
    for _ in 0..<random.integer(in: 0...2) {
      let range = places[random.integer(in: 0...places.count - 1)]
      // An earlier change may have moved it; what stands there then is changed.
      guard range.upperBound <= text.count else { continue }
      let value = text[range]
      switch random.integer(in: 0...5) {
      case 0: text.replaceSubrange(range, with: value.prefix(1))
      case 1: text.replaceSubrange(range, with: value + [UInt8(ascii: ",")] + value)
      case 2: text.replaceSubrange(range, with: [UInt8(ascii: "[")] + value + [UInt8(ascii: "]")])
      case 3:
        let other = random.integer(in: 0...texts.count - 1)
        let range2 = values[other][random.integer(in: 0...values[other].count - 1)]
        text.replaceSubrange(range, with: texts[other][range2])
      default:
        text.replaceSubrange(range, with: Self.pool[random.integer(in: 0...Self.pool.count - 1)])
      }
    }
    for _ in 0..<max(0, random.integer(in: -3...2)) where !text.isEmpty {
      let place = random.integer(in: 0...text.count - 1)
      switch random.integer(in: 0...4) {
      case 0: text[place] ^= 1 << UInt8(random.integer(in: 0...7))
      case 1: text[place] = UInt8(random.integer(in: 0...255))
      case 2: text.removeSubrange(place..<min(text.count, place + random.integer(in: 1...40)))
      case 3: text.insert(contentsOf: text[place..<min(text.count, place + 30)], at: place)
      default: text.removeSubrange(place...)
      }
    }
    return (number, text)
  }
}
