import Configuration
import Diagnostics
import Testing

@Suite struct CanonicalTextTests {
  @Test func writesDefaultsInSchemaOrder() throws {
    let settings = try Settings(text: Samples.text, schema: Samples.top)
    #expect(
      settings.yaml(includingAll: true) == """
        name: "conv"
        seed: 1
        data: {dataset: "digits", batch: 64, validation: test}
        model:
          - conv: {filters: 16, kernel: 3, padding: same, bias: true}
          - relu
          - residual: {body: [{conv: {filters: 8, kernel: 3, padding: valid, bias: true}}, relu]}
        optimizer: {adam: {learning_rate: 0.001, epsilon: 1e-8}}
        train: {epochs: 3, metrics: [], checkpoint: {every: 500 steps, keep: 3}}

        """)
  }

  @Test func theIdentityHoldsNeitherPathsNorFileKeeping() throws {
    let a = try Settings(text: Samples.text, schema: Samples.top)
    let b = try Settings(
      text: Samples.text,
      set: ["name=other", "data.from=/tmp", "train.checkpoint.keep=1", "train.metrics=[top5]"],
      schema: Samples.top)
    #expect(a.yaml(includingAll: false) == b.yaml(includingAll: false))
    #expect(a.yaml(includingAll: true) != b.yaml(includingAll: true))
    #expect(!a.yaml(includingAll: false).contains("checkpoint"))
  }

  @Test func readsBackToEqualSettings() throws {
    var dice = Dice(state: 1)
    for _ in 0..<300 {
      let text = "{" + randomBody(Samples.top, depth: 0, &dice) + "}"
      let settings = try Settings(text: text, schema: Samples.top)
      let canonical = settings.yaml(includingAll: true)
      let again = try Settings(text: canonical, schema: Samples.top)
      #expect(again == settings, "\(text)")
      #expect(again.yaml(includingAll: true) == canonical)
      let identity = settings.yaml(includingAll: false)
      let core = try Settings(text: identity, schema: Samples.top)
      #expect(core.yaml(includingAll: false) == identity)
      #expect(core.differences(from: settings) == [])
    }
  }

  @Test func differencesNameTheSettingsThatMayNotChange() throws {
    let old = try Settings(text: Samples.text, schema: Samples.top)
    let new = try Settings(
      text: Samples.text,
      set: [
        "name=other", "train.epochs=9", "train.checkpoint.every=1 epoch", "data.batch=32",
        "data.validation=0.1", "optimizer={sgd: {momentum: 0.9}}",
        "model.2.residual.body.0.conv.filters=9",
      ],
      schema: Samples.top)
    #expect(
      new.differences(from: old).map(\.description) == [
        "data.batch: 32, was 64", "data.validation: 0.1, was test",
        "model.2.residual.body.0.conv.filters: 9, was 8",
        "optimizer: {sgd: {learning_rate: 0.01, momentum: 0.9}},"
          + " was {adam: {learning_rate: 0.001, epsilon: 1e-8}}",
      ])
    let shorter = try Settings(text: Samples.text, set: ["model=[relu]"], schema: Samples.top)
    #expect(shorter.differences(from: old).map(\.path) == ["model"])
  }

  /// Some of a record's keys with random values, as flow text.
  private func randomBody(_ record: Record, depth: Int, _ dice: inout Dice) -> String {
    var parts: [String] = []
    for key in record.keys {
      if case .required = key.default {} else if Bool.random(using: &dice) { continue }
      parts.append("\(key.name): \(random(key.kind, depth: depth + 1, &dice))")
    }
    return parts.joined(separator: ", ")
  }

  private func random(_ kind: Kind, depth: Int, _ dice: inout Dice) -> String {
    switch kind {
    case .integer(let range): return String(Int.random(in: range, using: &dice))
    case .number(let range):
      let exponent = Double(Int.random(in: -30...2, using: &dice))
      var number = Double.random(in: 0..<1, using: &dice)
      for _ in 0..<Int(abs(exponent)) { number *= exponent < 0 ? 0.1 : 10 }
      return range.contains(number) ? "\(number)" : "0.5"
    case .boolean: return "\(Bool.random(using: &dice))"
    case .text:
      let pool = [
        "no", "a b", "'it''s'", "\"tab\\t\\u00e9\\\\\"", "\"😀\"", "'~'", "'- x: #'", "12",
      ]
      return pool.randomElement(using: &dice) ?? ""
    case .choice(let words): return words.randomElement(using: &dice) ?? ""
    case .timespan(let units):
      let unit = units.randomElement(using: &dice) ?? units[0]
      return Timespan(Int.random(in: 1...1_000_000_000, using: &dice), unit).description
    case .record(let record): return "{\(randomBody(record, depth: depth, &dice))}"
    case .oneRecord(_, let records):
      let choices = depth > 6 ? [Samples.relu] : records()
      let record = choices.randomElement(using: &dice) ?? choices[0]
      return "{\(record.name): {\(randomBody(record, depth: depth, &dice))}}"
    case .list(let element, _):
      let count = Int.random(in: 1...3, using: &dice)
      let values = (0..<count).map { _ in random(element, depth: depth + 1, &dice) }
      return "[\(values.joined(separator: ", "))]"
    case .map(let element):
      let names = ["a b", "no", "\"tab\\t\"", "12"].prefix(Int.random(in: 1...4, using: &dice))
      let values = names.map { "\($0): \(random(element, depth: depth + 1, &dice))" }
      return "{\(values.joined(separator: ", "))}"
    case .oneOf(let forms):
      return random(forms.randomElement(using: &dice) ?? forms[0], depth: depth, &dice)
    }
  }
}
