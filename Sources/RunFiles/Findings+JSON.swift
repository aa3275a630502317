package import Reports

extension Findings {
  package var json: JSONValue {
    .object([
      ("network", network.map { .string($0) } ?? .null),
      ("validation", validation?.json ?? .null),
      ("activations", .array(activations.map(\.json))),
    ])
  }

  /// Reads the contents of `report.json`; what is missing stays empty.
  init(_ value: JSONValue) {
    network = value["network"]?.text
    validation = value["validation"].flatMap(ValidationFindings.init)
    activations = value["activations"]?.elements.compactMap(ActivationMap.init) ?? []
  }
}

extension ValidationFindings {
  fileprivate var json: JSONValue {
    let confusion = confusion.map { names, counts in
      JSONValue.object([
        ("names", .array(names.map { .string($0) })),
        ("counts", .array(counts.map { .array($0.map { .integer($0) }) })),
      ])
    }
    return .object([
      ("step", .integer(step)), ("is_best", .boolean(isBest)), ("samples", .integer(samples)),
      ("confusion", confusion ?? .null),
      (
        "pairs",
        .array(pairs.map { .array([.number($0.truth), .number($0.prediction)]) })
      ),
      ("worst", .array(worst.map(\.json))),
    ])
  }

  fileprivate init?(_ value: JSONValue) {
    guard let step = value["step"]?.integer else { return nil }
    var confusion: (names: [String], counts: [[Int]])?
    if let matrix = value["confusion"] {
      let names = matrix["names"]?.elements.compactMap(\.text) ?? []
      let counts = matrix["counts"]?.elements.map { $0.elements.compactMap(\.integer) } ?? []
      let isSquare =
        counts.count == names.count && counts.allSatisfy { $0.count == names.count }
      if isSquare, !names.isEmpty { confusion = (names, counts) }
    }
    self.init(
      step: step, isBest: value["is_best"]?.isTrue ?? false,
      samples: value["samples"]?.integer ?? 0, confusion: confusion,
      pairs: value["pairs"]?.elements.compactMap { pair in
        let numbers = pair.elements.compactMap(\.double)
        return numbers.count == 2 ? (numbers[0], numbers[1]) : nil
      } ?? [],
      worst: value["worst"]?.elements.compactMap(WorstSample.init) ?? [])
  }
}

extension JSONValue {
  fileprivate var isTrue: Bool { if case .boolean(true) = self { true } else { false } }
}

extension WorstSample {
  fileprivate var json: JSONValue {
    let shown: (String, JSONValue)
    switch content {
    case .picture(let bytes): shown = ("picture", .string(Base64.text(of: bytes)))
    case .row(let fields):
      // Columns may have one name.
      shown = ("row", .array(fields.map { .array([.string($0), .string($1)]) }))
    case .text(let text): shown = ("text", .string(text))
    }
    return .object([
      ("sample", .integer(index)), ("loss", .number(loss)), ("truth", .string(truth)),
      ("answer", .string(answer)), ("probability", .number(probability)), shown,
    ])
  }

  fileprivate init?(_ value: JSONValue) {
    let content: Content
    if let picture = value["picture"]?.text {
      guard let bytes = Base64.bytes(of: picture) else { return nil }
      content = .picture(bytes)
    } else if let row = value["row"] {
      content = .row(
        row.elements.compactMap { field in
          let words = field.elements.compactMap(\.text)
          return words.count == 2 ? (words[0], words[1]) : nil
        })
    } else {
      content = .text(value["text"]?.text ?? "")
    }
    guard let index = value["sample"]?.integer, let loss = value["loss"]?.double else { return nil }
    self.init(
      index: index, loss: loss, truth: value["truth"]?.text ?? "",
      answer: value["answer"]?.text ?? "",
      probability: value["probability"]?.double.flatMap { $0.isFinite ? $0 : nil },
      content: content)
  }
}

extension ActivationMap {
  /// Values are whole numbers of thousandths: a colour shows no more.
  fileprivate var json: JSONValue {
    .object([
      ("name", .string(name)), ("columns", .array(columns.map { .string($0) })),
      ("rows", .array(rows.map { .string($0) })), ("is_attention", .boolean(isAttention)),
      (
        "thousandths",
        .array(
          values.map { value in
            .integer(value.isFinite ? Int((1000 * min(max(value, -1), 1)).rounded()) : 0)
          })
      ),
    ])
  }

  fileprivate init?(_ value: JSONValue) {
    let columns = value["columns"]?.elements.compactMap(\.text) ?? []
    let rows = value["rows"]?.elements.compactMap(\.text) ?? []
    let values = value["thousandths"]?.elements.compactMap(\.integer) ?? []
    guard let name = value["name"]?.text, !values.isEmpty,
      values.count == columns.count * rows.count
    else { return nil }
    self.init(
      name: name, columns: columns, rows: rows, values: values.map { Float($0) / 1000 },
      isAttention: value["is_attention"]?.isTrue ?? false)
  }
}
