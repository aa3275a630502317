import Configuration
import Diagnostics
import Testing

@Suite struct SettingsTests {
  let settings: Settings

  init() throws {
    settings = try Settings(text: Samples.text, source: "conv.yaml", schema: Samples.top)
  }

  @Test func fillsDefaults() throws {
    #expect(settings.text("name") == "conv")
    #expect(settings.integer("seed") == 1)
    let data = settings.section("data")
    #expect(data.integer("batch") == 64)
    #expect(data.optionalText("from") == nil)
    #expect(data.value("validation") == .choice("test"))
    let optimizer = settings.section("optimizer")
    #expect(optimizer.name == "adam")
    #expect(optimizer.number("learning_rate") == 0.001)
    let train = settings.section("train")
    #expect(train.optionalInteger("epochs") == 3)
    #expect(train.optionalTimespan("max_time") == nil)
    #expect(train.section("checkpoint").timespan("every") == Timespan(500, .steps))
  }

  @Test func readsEveryFormOfALayer() throws {
    let layers = settings.sections("model")
    #expect(layers.map(\.name) == ["conv", "relu", "residual"])
    #expect(layers[0].integer("filters") == 16)
    #expect(layers[0].boolean("bias"))
    let inner = layers[2].sections("body")
    #expect(inner.map(\.name) == ["conv", "relu"])
    #expect(inner[0].choice("padding", as: Samples.Padding.self) == .valid)
    #expect(inner[0].path == "model.2.residual.body.0.conv")
  }

  @Test func pointsAtWhatWasWritten() {
    let conv = settings.sections("model")[2].sections("body")[0]
    #expect(conv.location(of: "filters").description == "conv.yaml:6:33")
    #expect(conv.location(of: "kernel") == conv.location)
    let failure = conv.failure(at: "filters", "8 channels do not fit 16")
    #expect(failure.code == .badConfiguration)
    #expect(
      failure.message
        == "conv.yaml:6:33: model.2.residual.body.0.conv.filters: 8 channels do not fit 16")
    #expect(settings.failure("no layers").message == "conv.yaml:1:1: no layers")
  }

  @Test func nullTakesAnOptionalSettingAway() throws {
    let settings = try Settings(
      text: Samples.text, set: ["train.epochs=null"], schema: Samples.top)
    #expect(settings.section("train").optionalInteger("epochs") == nil)
  }

  @Test func emptySectionHoldsDefaults() throws {
    let text = "data: {dataset: digits}\nmodel: [relu: ]\ntrain:\noptimizer:\n  sgd:\n"
    let settings = try Settings(text: text, schema: Samples.top)
    #expect(settings.section("optimizer").name == "sgd")
    #expect(settings.section("train").section("checkpoint").integer("keep") == 3)
  }

  @Test(arguments: [
    (
      "leraning: 1",
      "1:1: unknown key 'leraning' (known: name, seed, data, model, optimizer, train)"
    ),
    ("sed: 1", "1:1: unknown key 'sed' (did you mean 'seed'?)"),
    ("seed: ten", "1:7: seed: expected an integer of at least 0, found 'ten'"),
    ("seed: 1e3", "1:7: seed: expected an integer of at least 0, found '1e3' (write 1000)"),
    ("seed: '1'", "1:7: seed: expected an integer of at least 0, found the quoted text '1'"),
    ("seed:", "1:6: seed: expected an integer of at least 0, found nothing"),
    ("seed: 1", "1:1: missing key 'data': expected the settings of data"),
    ("data: {batch: 3}", "1:7: missing key 'dataset' in data: expected text"),
    ("data: 3", "1:7: data: expected {dataset: ...}, found '3'"),
    ("data: {dataset: x}\nmodel: []", "2:8: model: expected 1 to 10000 elements, found 0"),
    (
      "data: {dataset: x}\nmodel: conv",
      "2:8: model: expected a list, each element a layer, found 'conv'"
    ),
    (
      "data: {dataset: x}\nmodel: [cnov]",
      "2:9: unknown layer 'cnov' in model.0 (did you mean 'conv'?)"
    ),
    ("data: {dataset: x}\nmodel: [relu: 3]", "2:15: model.0.relu: expected no settings, found '3'"),
    (
      "data: {dataset: x}\nmodel:\n- conv:\n  filters: 3",
      "3:3: model.0: expected a layer with its settings indented below it,"
        + " found the settings {conv, filters}"
    ),
    (
      "data: {dataset: x}\nmodel: [relu]\noptimizer: {adam: {leraning_rate: 1}}",
      "3:20: unknown key 'leraning_rate' in optimizer.adam (did you mean 'learning_rate'?)"
    ),
    (
      "data: {dataset: x}\nmodel: [relu]\noptimizer: []",
      "3:12: optimizer: expected an optimizer, found a list"
    ),
    ("\"a\\nb\": 1", "1:1: unknown key 'a\\nb' (known: name, seed, data, model, optimizer, train)"),
  ])
  func explains(_ text: String, _ message: String) {
    let failure = failure(text)
    #expect(failure?.message == "conv.yaml:\(message)")
    #expect(failure?.code == .badConfiguration)
  }
}
