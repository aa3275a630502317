import Datasets
import TestSupport
import Testing

/// Dates that are translated.
extension SequencesTests {
  @Test func datesAreTranslatedAndDisjoint() throws {
    let splits = try load("dates", 2000, test: 400)
    func texts(_ data: Dataset) throws -> [(String, String)] {
      try data.pairs(of: Array(0..<Int32(data.count))[...]).map { pair in
        let (tokens, end) = (try #require(data.targetTokens), pair.labels.firstIndex(of: 12))
        // The labels before a step are what a decoder reads; nothing counts behind the end.
        #expect(end == pair.labels.startIndex + 10)
        return (
          String(decoding: try #require(data.tokens).decode(pair.text), as: UTF8.self),
          String(decoding: tokens.decode(pair.labels.dropLast()), as: UTF8.self)
        )
      }
    }
    let (training, test) = (try texts(splits.training), try texts(splits.test))
    #expect(Set(training.map(\.1)).isDisjoint(with: test.map(\.1)))
    let months = [
      "january", "february", "march", "april", "may", "june", "july", "august", "september",
      "october", "november", "december",
    ]
    for (source, target) in training + test {
      let parts = target.split(separator: "-").compactMap { Int($0) }
      let (year, month, day) = (parts[0], parts[1], parts[2])
      #expect(target.count == 10 && (1900..<2100).contains(year))
      #expect(source.contains("\(year)"), "\(source)")
      #expect(source.contains("\(day)"), "\(source)")
      #expect(
        source.lowercased().contains(months[month - 1].prefix(3)) || source.contains("\(month)"),
        "\(source) \(target)")
      #expect(!source.contains("\u{fffd}"))
    }
    // Endings of days, in words.
    let ordinals = Set(
      training.flatMap { $0.0.split { !$0.isLetter && !$0.isNumber } }
        .filter { $0.first?.isNumber == true && $0.last?.isLetter == true })
    #expect(ordinals.contains("1st") && ordinals.contains("22nd") && ordinals.contains("11th"))
    #expect(!ordinals.contains("11st") && !ordinals.contains("13rd"))
    #expect(ordinals.count == 31)
  }

  @Test func aDecoderReadsTheLabelsBefore() throws {
    let data = try load("dates", 50).training
    let (previous, labels) = (try integers(data, "previous"), try integers(data, "labels"))
    for sample in 0..<50 {
      let first = 11 * sample
      #expect(previous[first] == 12)
      #expect(Array(previous[first + 1..<first + 11]) == Array(labels[first..<first + 10]))
    }
    let (lengths, samples) = (try integers(data, "lengths"), try integers(data))
    for (sample, length) in lengths.enumerated() {
      let text = samples[30 * sample..<30 * sample + 30]
      #expect(text.prefix(length).allSatisfy { $0 > 0 })
      #expect(text.dropFirst(length).allSatisfy { $0 == 0 })
    }
    #expect(data.field("previous")?.entries == 13)
  }
}
