package import Configuration
package import Diagnostics

/// A coding as YAML, in caches and checkpoints.
extension SampleCoding {
  package static let record = Record(
    "coding",
    keys: [
      Key(
        "shape", .list(of: .integer(in: 1...1 << 31), count: 0...8),
        help: "of a sample, channels last"),
      Key("number", .choice(Dataset.Number.self), help: "the type of their numbers"),
      Key("normalisation", .record(scales), help: "what a network does with the numbers first"),
      Key(
        "classes", .list(of: .text, count: 1...1 << 24), default: .absent,
        help: "names, in the order of outputs"),
      Key(
        "values", .integer(in: 1...1 << 31), default: .absent,
        help: "the number of real targets of a sample"),
      Key(
        "answer_shape", .list(of: .integer(in: 1...1 << 31), count: 0...3), default: .absent,
        help: "of one sample's targets: left out, a class, or a row of values"),
      Key("answers", .choice(["none"]), default: .absent, help: "samples have no targets"),
      Key(
        "fields", .list(of: .record(field), count: 1...1000), default: .absent,
        help: "the arrays besides samples and targets"),
      Key("separator", .choice(CSVSeparator.self), default: .absent, help: "between fields"),
      Key(
        "columns", .list(of: .record(CSVColumns.Feature.record), count: 1...1 << 24),
        default: .absent,
        help: "the columns that are features, in their order"),
      Key("label", .text, default: .absent, help: "the column of classes"),
      Key("translation", .text, default: .absent, help: "the column of translations of texts"),
      Key(
        "targets", .list(of: .text, count: 1...1000), default: .absent,
        help: "the columns of values, or their names"),
      Key(
        "target_scales", .list(of: .record(targetScale), count: 1...1 << 24), default: .absent,
        help: "what a loss standardises each value by"),
      Key(
        "tokens", .record(Tokeniser.record), default: .absent,
        help: "how a text becomes samples; its tokens are the classes if there are no others"),
      Key(
        "masked", .number(in: .above(0, below: 1)), default: .absent,
        help: "the share of a text's tokens that are hidden and to be predicted"),
      Key(
        "threshold", .number(in: .from(0, to: 1)), default: .absent,
        help: "the probability of the second of two classes above which it is chosen"),
      Key(
        "target_tokens", .record(Tokeniser.record), default: .absent,
        help: "how a text becomes targets; its tokens, and the end behind them, are the classes"),
      Key(
        "drops", .list(of: .text), default: .absent,
        help: "the columns without which a record to learn from or to be tested with is left out"),
      Key("weight", .text, default: .absent, help: "the column of the samples' weights"),
      Key(
        "window", .record(SeriesWindow.record), default: .absent,
        help: "of a table in time order, whose samples are windows"),
    ] + SeriesWindow.columnKeys,
    help: "How data become samples.")

  private static let scales = Record(
    "normalisation",
    keys: [
      Key("scale", .number(in: .any), help: "what a number is multiplied with first"),
      Key("mean", .number(in: .any), help: "what is then subtracted"),
      Key("deviation", .number(in: .above(0)), help: "what it is then divided by"),
    ], help: "(x scale - mean) / deviation")

  private static let targetScale = Record(
    "target_scale",
    keys: [
      Key("mean", .number(in: .any), help: "what is subtracted"),
      Key("deviation", .number(in: .above(0)), help: "what it is divided by"),
    ], help: "(y - mean) / deviation")

  private static let field = Record(
    "field",
    keys: [
      Key("name", .text, help: "what a network calls it"),
      Key(
        "shape", .list(of: .integer(in: 1...1 << 31), count: 0...3),
        help: "of the part that belongs to a sample"),
      Key("number", .choice(Dataset.Number.self), help: "what it consists of"),
      Key(
        "entries", .integer(in: 1...1 << 24), default: .absent,
        help: "the rows of the table that its numbers name"),
    ], help: "A further array.")

  /// No training file, whose words are limited, leads to a longer text.
  private static let sizeLimit = 1 << 28

  package var text: String {
    var lines = [
      "shape: \(shape)", "number: \(number.rawValue)",
      "normalisation: {scale: \(shortest(Double(normalisation.scale))), "
        + "mean: \(shortest(Double(normalisation.mean))), "
        + "deviation: \(shortest(Double(normalisation.deviation)))}",
    ]
    switch targets {
    case .classes(let names, let shape):
      if targetTokens == nil, names != tokens?.names { lines.append("classes: \(flowList(names))") }
      if !shape.isEmpty { lines.append("answer_shape: \(shape)") }
    case .values(let shape):
      lines.append("values: \(shape.reduce(1, *))")
      if shape.count != 1 { lines.append("answer_shape: \(shape)") }
    case .none: lines.append("answers: none")
    }
    if !fields.isEmpty {
      lines.append("fields:")
      lines += fields.map {
        "  - {name: \($0.name), shape: \($0.shape), number: \($0.number.rawValue)"
          + ($0.entries.map { ", entries: \($0)" } ?? "") + "}"
      }
    }
    if let columns {
      lines += ["separator: \(columns.separator.rawValue)", "columns:"]
      lines += columns.features.map { "  - {\($0.text)}" }
      switch columns.target {
      case .label(let name): lines.append("label: \(doubleQuoted(name))")
      case .targets(let names): lines.append("targets: \(flowList(names))")
      case .translation(let name, _, _): lines.append("translation: \(doubleQuoted(name))")
      }
      if !columns.drops.isEmpty { lines.append("drops: \(flowList(columns.drops))") }
      if let weight = columns.weight { lines.append("weight: \(doubleQuoted(weight))") }
      lines += columns.window?.lines ?? []
    } else if !names.isEmpty {
      lines.append("targets: \(flowList(names))")
    }
    if !targetScales.isEmpty {
      lines.append("target_scales:")
      lines += targetScales.map {
        "  - {mean: \(shortest($0.mean)), deviation: \(shortest($0.deviation))}"
      }
    }
    if let tokens { lines.append("tokens: \(tokens.text)") }
    if let masked { lines.append("masked: \(shortest(masked))") }
    if let threshold { lines.append("threshold: \(shortest(threshold))") }
    if let targetTokens { lines.append("target_tokens: \(targetTokens.text)") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Reads such a text; messages name its `source`.
  package init(text: String, source: String) throws(Failure) {
    do throws(Failure) {
      try self.init(
        Settings(
          text: text, source: source, sizeLimit: Self.sizeLimit, schema: Self.record))
    } catch {
      throw Failure(.badData, error.message)
    }
  }

  private init(_ settings: Settings) throws(Failure) {
    func texts(_ key: String) -> [String]? { settings.optionalValue(key)?.list.map(\.text) }
    func tokeniser(_ key: String) throws(Failure) -> Tokeniser? {
      try settings.optionalSection(key).map { section throws(Failure) in
        try Tokeniser(section)
      }
    }
    let (tokens, targetTokens) = (try tokeniser("tokens"), try tokeniser("target_tokens"))
    // The targets of a text in a table are those of a column.
    let ownTokens = settings.optionalValue("columns") == nil ? tokens : nil
    let targets = try Self.targets(
      settings, texts("classes") ?? targetTokens?.namesWithEnd ?? ownTokens?.names)
    let columns = try Self.columns(settings, targets)
    let scales = settings.section("normalisation")
    self.init(
      shape: settings.list("shape").map(\.integer), number: settings.choice("number"),
      normalisation: Normalisation(
        scale: Float(scales.number("scale")), mean: Float(scales.number("mean")),
        deviation: Float(scales.number("deviation"))),
      targets: targets, fields: try Self.fields(settings), columns: columns,
      names: columns == nil ? texts("targets") ?? [] : [],
      targetScales: try Self.targetScales(settings, targets), tokens: tokens,
      targetTokens: targetTokens, masked: settings.optionalNumber("masked"))
    threshold = settings.optionalNumber("threshold")
    let isTable =
      columns.map {
        shape == $0.shape && number == $0.number && fields == $0.fields
          && ($0.textLength == nil || tokens != nil && $0.window == nil)
      } ?? true
    guard product(shape) != nil, isTable else {
      throw settings.failure("the shape \(shape) is not that of its columns")
    }
  }

  private static func targets(
    _ settings: Settings, _ classes: [String]?
  ) throws(Failure) -> Targets {
    let values = settings.optionalInteger("values")
    let shape = settings.optionalValue("answer_shape")?.list.map(\.integer)
    switch (classes, values, settings.optionalValue("answers")) {
    case (let names?, nil, nil): return .classes(names, shape: shape ?? [])
    case (nil, let count?, nil):
      guard shape == nil || product(shape ?? []) == count else {
        throw settings.failure("the answer_shape does not hold \(count) values")
      }
      return .values(shape: shape ?? [count])
    case (nil, nil, _?) where shape == nil: return .none
    default: throw settings.failure("expected either classes or values")
    }
  }

  private static func targetScales(
    _ settings: Settings, _ targets: Targets
  ) throws(Failure) -> [TargetScale] {
    guard let list = settings.optionalValue("target_scales")?.list.map(\.section) else { return [] }
    guard case .values(let shape) = targets, shape.reduce(1, *) == list.count else {
      throw settings.failure("the target_scales are not one for each value")
    }
    return list.map { TargetScale(mean: $0.number("mean"), deviation: $0.number("deviation")) }
  }

  private static func fields(_ settings: Settings) throws(Failure) -> [Field] {
    let sections = settings.optionalValue("fields")?.list.map(\.section) ?? []
    let fields = sections.map {
      Field(
        $0.text("name"), $0.list("shape").map(\.integer), $0.choice("number"), .named,
        entries: $0.optionalInteger("entries"))
    }
    guard fields.allSatisfy({ Field.isName($0.name) && product($0.shape) != nil }),
      Set(fields.map(\.name)).count == fields.count
    else { throw settings.failure("the fields have no names, or one name twice") }
    return fields
  }

  private static func columns(
    _ settings: Settings, _ coded: Targets
  ) throws(Failure) -> CSVColumns? {
    guard let list = settings.optionalValue("columns")?.list.map(\.section) else { return nil }
    var features: [CSVColumns.Feature] = []
    for column in list {
      features.append(try CSVColumns.Feature(column, isAlone: list.count == 1))
    }
    let targets = settings.optionalValue("targets")?.list.map(\.text)
    let window = try SeriesWindow(settings)
    let target: CSVColumns.Target
    switch (coded, settings.optionalText("label") ?? settings.optionalText("translation"), targets)
    {
    case (.classes(let names, let shape), let column?, nil):
      target =
        settings.optionalText("label") != nil
        ? .label(column)
        : .translation(column, steps: shape.reduce(1, *), classes: names.count)
    case (.values(let shape), nil, let targets?)
    where shape == [targets.count * (window?.horizon ?? 1)]:
      target = .targets(targets)
    default: throw settings.failure("the columns do not say which of them is to be predicted")
    }
    let columns = CSVColumns(
      features: features, target: target,
      separator: settings.optionalChoice("separator") ?? .comma, window: window,
      drops: settings.optionalValue("drops")?.list.map(\.text) ?? [],
      weight: settings.optionalText("weight"))
    guard window == nil || features.allSatisfy(\.isOfSeries) else {
      throw settings.failure("a column of a series holds numbers or words")
    }
    guard window == nil || columns.targetScales.count == columns.targets.count else {
      throw settings.failure("a column that is predicted is no input of numbers")
    }
    return columns
  }
}
