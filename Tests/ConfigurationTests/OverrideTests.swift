import Configuration
import Diagnostics
import Testing

@Suite struct OverrideTests {
  /// Each override gives what the file would give with the value written in place.
  @Test(arguments: [
    ("seed=7", "seed", "7"), ("data.batch=32", "data.batch", "32"),
    ("optimizer.adam.learning_rate=0.1", "optimizer.adam.learning_rate", "0.1"),
    ("model.0.conv.filters=4", "model.0.conv.filters", "4"),
    ("model.2.residual.body.0.conv.bias=false", "model.2.residual.body.0.conv.bias", "false"),
    ("train.checkpoint.keep=9", "train.checkpoint.keep", "9"),
    ("train.checkpoint.every=2 epochs", "train.checkpoint.every", "2 epochs"),
    ("data.validation=0.1", "data.validation", "0.1"),
    ("train.metrics=[top5, accuracy]", "train.metrics", "[top5, accuracy]"),
    ("optimizer=sgd", "optimizer", "{sgd: {learning_rate: 0.01, momentum: 0}}"),
    ("optimizer={sgd: 0.5}", "optimizer", "{sgd: {learning_rate: 0.5, momentum: 0}}"),
    ("name=a=b", "name", "\"a=b\""),
  ])
  func changes(_ option: String, _ path: String, _ shown: String) throws {
    let settings = try Settings(text: Samples.text, set: [option], schema: Samples.top)
    let plain = try Settings(text: Samples.text, schema: Samples.top)
    #expect(settings != plain)
    let changed = path.split(separator: ".").last.map(String.init) ?? path
    let text = settings.yaml(includingAll: true)
    #expect(text.contains("\(changed): \(shown)"))
  }

  @Test func startsFromDefaultsAndKeepsOrder() throws {
    let text = "data: {dataset: x}\nmodel: [relu]"
    let options = ["optimizer.adam.epsilon=0.5", "optimizer=sgd", "optimizer.sgd.momentum=0.9"]
    let settings = try Settings(text: text, set: options, schema: Samples.top)
    #expect(settings.section("optimizer").number("momentum") == 0.9)
    let first = try Settings(text: text, set: [options[0]], schema: Samples.top)
    #expect(first.section("optimizer").number("epsilon") == 0.5)
  }

  @Test(arguments: [
    ("seed", "seed: expected KEY=VALUE"), ("=3", "=3: expected KEY=VALUE"),
    ("sed=1", "sed: unknown key 'sed' (did you mean 'seed'?)"),
    (".seed=1", ".seed: unknown key ''"),
    ("seed=", "seed: expected an integer of at least 0, found nothing"),
    ("seed=[1", "seed: not YAML: "), ("seed=&a 1", "seed: anchors ('&a') are not allowed"),
    ("seed.x=1", "seed.x: seed is an integer of at least 0: it has no 'x'"),
    (
      "data.batch=99999999999999999999",
      "data.batch: expected an integer from 1 to 1000000, found '99999999999999999999'"
    ),
    (
      "optimizer.adam.leraning_rate=1",
      "optimizer.adam.leraning_rate: unknown key 'leraning_rate' in optimizer.adam"
        + " (did you mean 'learning_rate'?)"
    ),
    (
      "optimizer.learning_rate=1",
      "optimizer.learning_rate: unknown optimizer 'learning_rate' in optimizer"
        + " (did you mean 'optimizer.adam.learning_rate'?)"
    ),
    (
      "optimizer.sgd.momentum=0",
      "optimizer.sgd.momentum: optimizer is 'adam', not 'sgd': to change it,"
        + " use --set optimizer=sgd"
    ),
    ("model.3.conv=1", "model.3.conv: '3' is no element of model, which has 3, counted from 0"),
    ("model.-1.conv=1", "model.-1.conv: '-1' is no element of model"),
    ("train={epochs: ten}", "train: train.epochs: expected an integer from 1 to 1000000"),
    ("model=[cnov]", "model: unknown layer 'cnov' in model.0 (did you mean 'conv'?)"),
    ("model=[conv]", "model: missing key 'filters' in model.0.conv"),
  ])
  func refuses(_ option: String, _ message: String) {
    let failure = failure(Samples.text, set: [option])
    #expect(failure?.code == .usage)
    #expect(failure?.message.hasPrefix("--set \(message)") == true)
  }

  @Test func mistakesOfTheFileKeepTheirPlace() {
    let failure = failure("data: 3\nmodel: [relu]", set: ["data.batch=4"])
    #expect(failure?.code == .badConfiguration)
    #expect(failure?.message.hasPrefix("conv.yaml:1:7: data: ") == true)
  }
}
