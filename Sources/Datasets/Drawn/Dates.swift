internal import Randomness

/// Dates as people write them, to be translated: "the 3rd of May, 1987" to "1987-05-03".
///
/// Samples are characters, 0 behind the end; the field `lengths` has their number. The label of each
/// step is the next character of the translation, and at last the end. The field `previous` has the
/// label before: a decoder reads it. The same date is never in both splits.
enum Dates {
  private static let name = "dates"
  /// No text is longer.
  static let steps = 30
  /// The characters of a translation and its end.
  static let targetSteps = 11

  private static let days: [Int] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  private static let months = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
  ]
  private static let weekdays = [
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
  ]
  private static let years = 1900..<2100
  /// One day in so many belongs to the test set.
  private static let testShare = 8

  static let tokeniser = Tokeniser(.characters, symbols: symbols(of: letters))
  static let targetTokeniser = Tokeniser(.characters, symbols: symbols(of: "0123456789-"))

  private static let letters =
    (months + weekdays).joined() + months.joined().lowercased() + "0123456789 ,./-'theofsndr"

  private static func symbols(of text: String) -> [[UInt8]] {
    Set(text.utf8).sorted().map { [$0] }
  }

  private static func isLeap(_ year: Int) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  /// A day as people write it, and as it is translated.
  static func drawn(
    _ split: DrawnDataset.Split, sample: Int
  ) -> (source: String, target: String) {
    let stream = RandomStream(drawing: name, split, sample: sample)
    var index = 0
    func draw(below limit: Int) -> Int {
      index += 1
      return stream.integer(below: limit, at: index - 1)
    }
    var (year, month, day) = (0, 0, 0)
    repeat {
      year = years.lowerBound + draw(below: years.count)
      month = draw(below: 12)
      day = 1 + draw(below: days[month] + (month == 1 && isLeap(year) ? 1 : 0))
    } while Self.split(ofDay: day, month, year) != split
    func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let target = "\(year)-\(padded(month + 1))-\(padded(day))"
    let (long, short) = (months[month], String(months[month].prefix(3)))
    let weekday = weekdays[draw(below: 7)].prefix(3)
    let source =
      switch draw(below: 10) {
      case 0: "\(ordinal(day)) of \(long) \(year)"
      case 1: "the \(ordinal(day)) of \(long), \(year)"
      case 2: "\(long) \(day), \(year)"
      case 3: "\(day) \(short) \(year)"
      case 4: "\(short.lowercased()) \(ordinal(day)) \(year)"
      case 5: "\(weekday), \(day) \(long) \(year)"
      case 6: "\(day).\(month + 1).\(year)"
      case 7: "\(month + 1)/\(day)/\(year)"
      case 8: "\(year) \(long.lowercased()) \(day)"
      default: "\(weekday) \(short) \(padded(day)), \(year)"
      }
    return (source, target)
  }

  private static func split(ofDay day: Int, _ month: Int, _ year: Int) -> DrawnDataset.Split {
    let choice = RandomStream(drawing: name, .test, sample: (year * 12 + month) * 31 + day, part: 1)
    return choice.integer(below: testShare, at: 0) == 0 ? .test : .training
  }

  private static func ordinal(_ day: Int) -> String {
    let isTeen = (11...13).contains(day)
    return "\(day)" + (isTeen ? "th" : ["th", "st", "nd", "rd"][day % 10 < 4 ? day % 10 : 0])
  }

  fileprivate static func dataset(_ split: DrawnDataset.Split, count: Int) -> Dataset {
    var pairs = TokenPairs(
      tokeniser, targetTokeniser, steps: steps, targetSteps: targetSteps)
    for sample in 0..<count {
      let (source, target) = drawn(split, sample: sample)
      pairs.append(tokeniser.known(source), targetTokeniser.known(target))
    }
    return pairs.dataset
  }
}

extension Tokeniser {
  /// The tokens of a text that has no other characters.
  fileprivate func known(_ text: String) -> [Int32] {
    text.utf8.map { Int32((symbols.index(of: [$0]) ?? -1) + 1) }
  }
}

extension DrawnDataset {
  static let dates = DrawnDataset(
    "dates", defaultSizes: (20_000, 2000), shape: [Dates.steps], .int32,
    .classes(Dates.targetTokeniser.size + 1, shape: [Dates.targetSteps]),
    fields: [
      Field(TokenPairs.lengths, [], .int32, .named),
      Field(
        TokenPairs.previous, [Dates.targetSteps], .int32, .named,
        entries: Dates.targetTokeniser.size + 1),
    ], tokens: Dates.tokeniser.size, isTranslation: true
  ) { split, count, _ in Dates.dataset(split, count: count) }
}
