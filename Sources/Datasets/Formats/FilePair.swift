internal import Configuration
internal import Diagnostics

/// The file or array of samples, the one of their targets, and arrays of further fields.
struct FilePair {
  let samples: String
  /// Nil if there are none.
  let targets: String?
  /// Whether the targets are classes.
  let isLabelled: Bool
  /// The value of ignored labels, besides -1.
  let ignored: Int?
  /// The arrays of the fields.
  let fields: [(name: String, place: String)]

  var files: [String] { [samples] + (targets.map { [$0] } ?? []) }

  /// The targets, for messages.
  var noun: String { isLabelled ? "labels" : "targets" }

  static func record(_ name: String, hasFields: Bool = false) -> Record {
    Record(
      name,
      keys: [
        Key("samples", .text, help: "the samples"),
        Key(
          "labels", .text, default: .absent,
          help: "the class of each sample, or of each of its steps or pixels, counted from 0; -1 is"
            + " ignored"),
        Key(
          "targets", .text, default: .absent,
          help: "the real numbers to predict, where no labels are given; NaN is ignored"),
        Key(
          "ignore", .integer(in: 0...Int(Int32.max)), default: .absent,
          help: "a number in labels that is no class and counts nowhere, such as 255"),
      ] + (hasFields ? [fieldsKey] : []),
      help: "Samples with their targets.")
  }

  private static let fieldsKey = Key(
    "fields",
    .list(
      of: .record(
        Record(
          "field",
          keys: [
            Key("name", .text, help: "what the network calls it"),
            Key("array", .text, help: "the array in the file"),
          ], help: "A further array with a part for each sample.")), count: 1...16),
    default: .absent, help: "further arrays, each with a part for every sample")

  init(samples: String, labels: String) {
    self.init(samples: samples, targets: labels, isLabelled: true)
  }

  init(
    samples: String, targets: String?, isLabelled: Bool,
    fields: [(name: String, place: String)] = []
  ) {
    self.init(samples, targets, isLabelled: isLabelled, ignored: nil, fields: fields)
  }

  private init(
    _ samples: String, _ targets: String?, isLabelled: Bool, ignored: Int?,
    fields: [(name: String, place: String)]
  ) {
    self.samples = samples
    self.targets = targets
    self.isLabelled = isLabelled
    self.ignored = ignored
    self.fields = fields
  }

  /// Names as the settings have them.
  init(_ settings: Settings) throws(Failure) {
    let (labels, targets) = (settings.optionalText("labels"), settings.optionalText("targets"))
    guard labels == nil || targets == nil else {
      throw settings.failure(
        at: "labels",
        "expected either labels (classes) or targets (real numbers), found both")
    }
    let ignored = settings.optionalInteger("ignore")
    guard ignored == nil || labels != nil else {
      throw settings.failure(
        at: "ignore", "is a number in labels, and there are none: leave it out")
    }
    self.init(
      settings.text("samples"), labels ?? targets, isLabelled: labels != nil, ignored: ignored,
      fields: [])
  }

  /// Names of arrays in a file.
  init(arrays settings: Settings) throws(Failure) {
    let pair = try FilePair(settings)
    var fields: [(name: String, place: String)] = []
    for section in settings.optionalValue("fields")?.list.map(\.section) ?? [] {
      let (name, array) = (section.text("name"), section.text("array"))
      guard Field.isName(name) else {
        throw section.failure(
          at: "name",
          "'\(name)' cannot be the name of a field: expected letters, digits and _, at most 64, "
            + "and none of \(Field.reservedNames.joined(separator: ", "))")
      }
      if let other = fields.first(where: { $0.name == name }) {
        throw section.failure(
          at: "name",
          "there is a field '\(name)' already, the array '\(other.place)': expected another name")
      }
      if let other = fields.first(where: { $0.place == array }) {
        throw section.failure(
          at: "array",
          "'\(array)' is the field '\(other.name)' already, which layers can read several times"
        )
      }
      fields.append((name, array))
    }
    self.init(
      pair.samples, pair.targets, isLabelled: pair.isLabelled, ignored: pair.ignored,
      fields: fields)
  }

  /// Names of files in a folder.
  init(_ settings: Settings, _ folder: String) throws(Failure) {
    let pair = try FilePair(settings)
    let targets = try pair.targets.map { name throws(Failure) in try locate(name, in: folder) }
    self.init(
      try locate(pair.samples, in: folder), targets, isLabelled: pair.isLabelled,
      ignored: pair.ignored, fields: [])
  }

  /// The class of a number in a file: -1 if it is ignored; clamped to 32 bits, where it is refused
  /// later.
  func label(_ number: Int64) -> Int32 {
    number == ignored.map(Int64.init) ? -1 : Int32(clamping: number)
  }

  /// The shape of one sample's targets, given that in the file; nil if it has too many dimensions.
  func targetShape(_ inner: [Int], channelsFirst: Bool = false) -> [Int]? {
    guard inner.count <= 3 else { return nil }
    guard isLabelled else { return inner.isEmpty ? [1] : inner }
    if inner.reduce(1, *) == 1 { return [] }
    // A class has no channels, though there may be an axis for them.
    if inner.count == 3, channelsFirst, inner[0] == 1 { return Array(inner[1...]) }
    return inner.count == 3 && !channelsFirst && inner[2] == 1 ? Array(inner[..<2]) : inner
  }
}

/// The axis of the channels of images in an array.
enum ChannelAxis: String, CaseIterable, Sendable {
  case last, first
  /// Samples are not images.
  case none

  /// The shape of a sample, channels last.
  ///
  /// Images without channels get one, and a single number is
  /// a row of one, unless samples are not images.
  func sampleShape(_ inner: [Int]) -> [Int] {
    switch (inner.count, self) {
    case (_, .none): inner
    case (0, _): [1]
    case (2, _): inner + [1]
    case (3, .first): [inner[1], inner[2], inner[0]]
    default: inner
    }
  }
}
