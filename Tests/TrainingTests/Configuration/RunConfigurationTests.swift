import Configuration
import Datasets
import Diagnostics
import Execution
import Kernels
import Optimizers
import Testing
import Training

@Suite struct RunConfigurationTests {
  static let text = """
    name: net
    data: {dataset: digits, batch: 40}
    model: [flatten, {dense: 10}]
    loss: cross_entropy
    optimizer: adam

    """

  private func configuration(_ text: String) throws(Failure) -> RunConfiguration {
    try RunConfiguration(text: text, source: "net.yaml")
  }

  private static let engines = Engine.allCases.map(\.rawValue).joined(separator: ", ")

  @Test func defaults() throws {
    let configuration = try configuration(RunConfigurationTests.text)
    #expect(configuration.name == "net")
    #expect(configuration.seed == 1)
    #expect(configuration.engine == .standard)
    #expect(configuration.layout == ShardLayout(batch: 40, shards: 4))
    #expect(configuration.data.batch == 40)
    #expect(configuration.optimizers[0].learningRate == 0.001)
    #expect(configuration.schedule.steps(perEpoch: 5) == 5)
    #expect(configuration.schedule.keep == 3)
  }

  @Test func whatIsWritten() throws {
    let configuration = try configuration(
      RunConfigurationTests.text + "seed: 9223372036854775807\nshards: 32\nengine: reference\n")
    #expect(configuration.seed == UInt64(Int.max))
    #expect(configuration.layout == ShardLayout(batch: 40, shards: 32))
    #expect(configuration.engine == .reference)
  }

  @Test func instructionsThatTheProcessorLacks() throws {
    let configuration = try configuration(RunConfigurationTests.text + "isa: avx512\n")
    let failure = #expect(throws: Failure.self) {
      try configuration.checkInstructions { $0 != .avx512 }
    }
    #expect(failure?.code == .badConfiguration)
    let message = failure?.message ?? ""
    #expect(message.contains(":6:6: isa: this processor ("), "\(message)")
    #expect(message.hasSuffix(") has no avx512, expected one of auto, sse41, avx2"), "\(message)")
    try configuration.checkInstructions { _ in true }
  }

  /// A line that is added to the text or takes the place of the one with the same key, and what is
  /// said of it.
  @Test(arguments: [
    ("name: ''", "1:7: name: expected text, found the quoted text ''"),
    ("name: .hidden", "1:7: name: \(nameRule), found '.hidden'"),
    ("name: a/b", "1:7: name: \(nameRule), found 'a/b'"),
    ("name: größer", "1:7: name: \(nameRule), found 'größer'"),
    ("name: [a]", "1:7: name: expected text, found a list"),
    ("seed: -1", "6:7: seed: expected an integer of at least 0, found '-1'"),
    ("seed: 1.5", "6:7: seed: expected an integer of at least 0, found '1.5'"),
    ("seed: one", "6:7: seed: expected an integer of at least 0, found 'one'"),
    ("shards: 0", "6:9: shards: expected an integer from 1 to 65536, found '0'"),
    ("shards: 3", "6:9: shards: expected a power of two, found 3; the nearest are 2 and 4"),
    ("shards: 24", "6:9: shards: expected a power of two, found 24; the nearest are 16 and 32"),
    (
      "shards: 65535",
      "6:9: shards: expected a power of two, found 65535; the nearest are 32768 and 65536"
    ),
    ("shards: 131072", "6:9: shards: expected an integer from 1 to 65536, found '131072'"),
    (
      "shards: 64",
      "6:9: shards: 64 shards are more than the 40 samples of a batch; use at most 32"
    ),
    ("shards: 4.0", "6:9: shards: expected an integer from 1 to 65536, found '4.0' (write 4)"),
    (
      "engine: openbls",
      "6:9: engine: expected one of \(engines), found 'openbls' (did you mean 'openblas'?)"
    ),
    ("engine: cuda", "6:9: engine: expected one of \(engines), found 'cuda'"),
    (
      "data: {dataset: []}",
      "2:17: data.dataset: expected text, or a kind of dataset, found a list"
    ),
    (
      "data: {batch: 40}",
      "2:7: missing key 'dataset' in data: expected text, or a kind of dataset"
    ),
    (
      "data: {dataset: digits, batch: 0}",
      "2:32: data.batch: expected an integer from 1 to 1000000, found '0'"
    ),
    (
      "loss: cross_entrpy",
      "4:7: unknown loss 'cross_entrpy' in loss (did you mean 'cross_entropy'?)"
    ),
    ("optimizer: adma", "5:12: unknown optimizer 'adma' in optimizer (did you mean 'adam'?)"),
    ("train: 3", "6:8: train: expected {epochs: ...}, found '3'"),
    ("train: {epoch: 3}", "6:9: unknown key 'epoch' in train (did you mean 'epochs'?)"),
    ("train: {epochs: 0}", "6:17: train.epochs: expected an integer from 1 to 1000000, found '0'"),
    (
      "train: {steps: many}",
      "6:16: train.steps: expected an integer from 1 to 1000000000000, found 'many'"
    ),
    (
      "train: {epochs: 2, steps: 5}",
      "6:27: train.steps: epochs and steps both say how long to train: leave one out, or set it to null"
    ),
    (
      "train: {checkpoint: 0 steps}",
      "6:21: train.checkpoint.every: \(intervalRule), found '0 steps'"
    ),
    ("train: {checkpoint: 2 d}", "6:21: train.checkpoint.every: \(intervalRule), found '2 d'"),
    ("train: {max_time: 2 epochs}", "6:19: train.max_time: \(timeRule), found '2 epochs'"),
    ("train: {early_stop: 0}", "6:21: train.early_stop.patience: \(patienceRule), found '0'"),
    ("train: {checkpoint: {every: 5}}", "6:29: train.checkpoint.every: \(intervalRule), found '5'"),
    (
      "train: {checkpoint: {keep: 0}}",
      "6:28: train.checkpoint.keep: expected an integer from 1 to 1000000, found '0'"
    ),
    (
      "train: {checkpoint: {evry: 1 epoch}}",
      "6:22: unknown key 'evry' in train.checkpoint (did you mean 'every'?)"
    ),
    ("sead: 1", "6:1: unknown key 'sead' (did you mean 'seed'?)"),
  ])
  func refuses(_ line: String, _ message: String) {
    let key = line.prefix { $0 != ":" }
    var lines = RunConfigurationTests.text.split(separator: "\n").map(String.init)
    if let place = lines.firstIndex(where: { $0.hasPrefix("\(key):") }) {
      lines[place] = line
    } else {
      lines.append(line)
    }
    #expect(throws: Failure(.badConfiguration, "net.yaml:\(message)")) {
      try configuration(lines.joined(separator: "\n"))
    }
  }

  private static let nameRule =
    "expected up to 100 letters, digits, '-', '_' or '.', not beginning with '.'"
  private static let intervalRule =
    "expected a whole number of epochs or steps or s or min or h (such as '1 epoch')"
  private static let timeRule = "expected a whole number of h or min or s (such as '1 h')"
  private static let patienceRule = "expected an integer from 1 to 1000000"

  @Test func namesHaveUpToAHundredLetters() throws {
    let name = String(repeating: "aZ0.-_", count: 17)
    let rest = RunConfigurationTests.text.dropFirst("name: net".count)
    #expect(try configuration("name: \(name.dropLast(2))\(rest)").name.utf8.count == 100)
    #expect(throws: Failure.self) { try configuration("name: \(name.dropLast(1))\(rest)") }
  }

  @Test(arguments: ["name", "data", "model", "loss", "optimizer"])
  func nothingElseIsNeeded(_ key: String) {
    let lines = RunConfigurationTests.text.split(separator: "\n").filter { !$0.hasPrefix(key) }
    let failure = #expect(throws: Failure.self) {
      try configuration(lines.joined(separator: "\n"))
    }
    #expect(failure?.message.hasPrefix("net.yaml:1:1: missing key '\(key)': expected ") == true)
  }

  /// What a checkpoint holds says the same.
  @Test func canonicalTextIsTheSameConfiguration() throws {
    let configuration = try Sample(optimizer: "{adam: {beta1: 0.8}}").configuration()
    let text = configuration.settings.yaml(includingAll: false)
    let again = try RunConfiguration(saved: text, of: "step.h5")
    #expect(again.settings.differences(from: configuration.settings).isEmpty)
    #expect(again.layout == configuration.layout && again.seed == configuration.seed)
    #expect(again.optimizers[0].learningRate == configuration.optimizers[0].learningRate)
  }

  @Test func whatCannotBeReadInACheckpointIsBadData() {
    #expect(
      throws: Failure(
        .badData,
        "'step.h5' holds a configuration that cannot be read: step.h5 /config:1:1: "
          + "missing key 'name': expected text")
    ) { try RunConfiguration(saved: "seed: 1\n", of: "step.h5") }
  }

  @Test(arguments: ["accumulate: 4\n", "train: {accumulate: 4}\n"])
  func thereIsNoAccumulation(line: String) throws {
    let failure = try #require(throws: Failure.self) {
      try configuration(RunConfigurationTests.text + line)
    }
    #expect(failure.code == .badConfiguration)
    #expect(failure.message.contains("a larger batch with more shards has the same effect"))
  }
}
