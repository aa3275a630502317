import Checkpoints
import Communication
import Diagnostics
import Execution
import Kernels
import Processes
import Synchronization
import TestSupport
import Testing
import Training

@Suite struct FingerprintTests {
  private func fingerprint(_ sample: Sample, workers: Int = 1) throws -> Fingerprint {
    try withTrainer(sample.experiment(), workers: workers) { $0.fingerprint }
  }

  /// With all that a step may do.
  private static let sample = Sample(
    model: """
      [{conv: {filters: 4, bias: false}}, batchnorm, relu, {maxpool: 2}, {dropout: 0.2}, flatten, \
      {dense: 10}]
      """, rules: "schedule: {linear: {to: 0}}\nclip: {norm: 0.5}\npenalty: {l1: 0.001}")

  /// A new thread may use all cores, for which a library would choose kernels that add in another
  /// order.
  @Test func doesNotDependOnTheThreadThatCompiles() throws {
    let found = Found()
    try JoinableThread("a new thread") { [self] in
      let text = try? fingerprint(Self.sample).text
      found.text.withLock { $0 = text ?? "no trainer" }
    }.join()
    NumericThread.prepare()
    #expect(found.text.withLock { $0 } == (try fingerprint(Self.sample)).text)
  }

  private final class Found: Sendable {
    let text = Mutex("")
  }

  @Test(arguments: Engine.allCases)
  func dependsOnWhatIsComputedAlone(_ engine: Engine) throws {
    var sample = Self.sample
    sample.engine = engine.rawValue
    let found = try fingerprint(sample)
    #expect(found.text == (try fingerprint(sample, workers: 3)).text)
    #expect(found.results == (try fingerprint(sample)).results)
    sample.data = "validation: none"
    sample.train = "{steps: 31}"
    #expect(found.text == (try fingerprint(sample)).text)
  }

  @Test func dependsOnAllThatIsComputed() throws {
    let found = try fingerprint(Self.sample)
    var others: [Sample] = [Self.sample, Self.sample, Self.sample, Self.sample]
    others[0].seed = 2
    others[1].optimizer = "{adam: 0.002}"
    others[2].batch = 56
    others[3].rules = "clip: {norm: 0.4}"
    for other in others { #expect(found.text != (try fingerprint(other)).text) }
    let steps = found.results.map(\.step)
    for name in ["conv1/weight", "dense1/bias", "batchnorm1/running_mean"] {
      #expect(steps.contains("the update of \(name)"), "\(steps)")
    }
  }

  /// Integers for a table's rows, real targets, weights of samples, lengths of sequences.
  @Test func anyKindOfDataHasOne() throws {
    for text in [
      """
      name: words
      data: {dataset: table, batch: 4, samples: [[0, 1], [2, 3], [1, 1], [3, 0]], labels: [0, 1, 1, 0]}
      model: [{embedding: {entries: 4, size: 3}}, flatten, {dense: 2}]
      loss: cross_entropy
      optimizer: sgd
      train: {steps: 1}
      """,
      """
      name: numbers
      data: {dataset: table, batch: 2, samples: [[0.5], [0.25]], targets: [[1], [2]], weights: [1, 2]}
      model: [{dense: 1}]
      loss: mse
      optimizer: sgd
      train: {steps: 1}
      """,
      """
      name: sequences
      data: {dataset: tags, steps: 5, train_samples: 8, test_samples: 1, batch: 4}
      model: [{embedding: {entries: 13, size: 3}}, {gru: {units: 2, lengths: lengths}}, {dense: 16}]
      loss: cross_entropy
      optimizer: sgd
      train: {steps: 1}
      """,
    ] {
      let experiment = try Experiment(RunConfiguration(text: text, source: "x.yaml"))
      let found = try withTrainer(experiment) { $0.fingerprint }
      #expect(found.results.count > 2)
    }
  }

  @Test func leavesTheStateAlone() throws {
    let experiment = try Self.sample.experiment()
    try withTrainer(experiment) { trainer in
      let fresh = try ModelState(experiment, slices: trainer.state.networks.map(\.slice))
      #expect(StateBits(trainer.state) == StateBits(fresh))
    }
  }

  @Test func firstDifferenceIsFound() {
    let names = (0..<20_000).map { "step \($0)" }
    func made(_ change: Int?) -> Fingerprint {
      Fingerprint(
        names.indices.map { place in
          var digest = Digest()
          digest.add(UInt64(place == change ? 1 << 20 : place))
          return ResultDigest(step: names[place], digest: digest)
        })
    }
    let whole = made(nil)
    for place in [0, 7, 15_999] {
      #expect(whole.text != made(place).text)
      #expect(made(place).firstDifference(from: whole.outline) == "step \(place)")
    }
    #expect(whole.firstDifference(from: whole.outline) == nil)
    // An attribute of a file has no room for more.
    #expect(whole.outline.utf8.count < 64_000)
    #expect(made(19_000).text != whole.text)
    #expect(made(19_000).firstDifference(from: whole.outline) == nil)
    #expect(whole.firstDifference(from: "") == nil)
  }

  // MARK: Going on

  @Test func otherBitsNeedConsent() throws {
    let directory = try TemporaryDirectory()
    let file = CheckpointDirectory(directory.path).file(ofStep: 2)
    try withTrainer(Sample().experiment()) { trainer in
      try trainer.train(to: 2)
      try trainer.save(trainer.unluckyHistory, in: directory.path)
    }
    try withTrainer(Sample().experiment()) { trainer in
      var results = trainer.fingerprint.results
      var digest = results[3].digest
      digest.add(1)
      results[3] = ResultDigest(step: results[3].step, digest: digest)
      let other = Fingerprint(results)
      func restore(_ allows: Bool) throws {
        _ = try usingHDF5 {
          try CheckpointLoader(trainer.experiment, communicator: .start()).restore(
            trainer.state, from: file, computing: other, allowsNewNumerics: allows)
        }
      }
      let failure = #expect(throws: Failure.self) { try restore(false) }
      #expect(failure?.code == .badConfiguration)
      for part in [
        "'\(file)' would continue with other bits", trainer.fingerprint.text, other.text,
        "first in \(results[3].step)", Processor.name, "--allow-new-numerics",
      ] {
        #expect(failure?.message.contains(part) == true, "\(failure?.message ?? "") lacks \(part)")
      }
      #expect(trainer.state.step == 0)
      try restore(true)
      #expect(trainer.state.step == 2)
    }
  }

  /// Another engine is accepted like another processor; another model never.
  @Test func settingsOfRoundingMayChangeWithConsent() throws {
    let directory = try TemporaryDirectory()
    let file = CheckpointDirectory(directory.path).file(ofStep: 2)
    try withTrainer(Sample().experiment()) { trainer in
      try trainer.train(to: 2)
      try trainer.save(trainer.unluckyHistory, in: directory.path)
    }
    for (sample, isAccepted) in [(Sample(engine: "reference"), true), (Sample(seed: 2), false)] {
      try withTrainer(sample.experiment()) { trainer in
        func restore(_ allows: Bool) throws {
          _ = try usingHDF5 {
            try CheckpointLoader(trainer.experiment, communicator: .start()).restore(
              trainer.state, from: file, computing: trainer.fingerprint, allowsNewNumerics: allows)
          }
        }
        #expect(throws: Failure.self) { try restore(false) }
        if isAccepted {
          try restore(true)
        } else {
          #expect(throws: Failure.self) { try restore(true) }
        }
      }
    }
  }
}
