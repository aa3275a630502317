import Checkpoints
import Communication
import Datasets
import TestSupport
import Testing
import Training

/// Wherever a run is interrupted, what it leaves after it has gone on is what it would have left.
@Suite struct InterruptedRunTests {
  /// Everything that has a state of its own: dropout, batch statistics, changed samples, a
  /// schedule, clipping, penalties, moments, a best epoch and patience.
  static let samples = [
    Sample(
      model: """
        [{conv: 3}, batchnorm, relu, {maxpool: 4}, flatten, {dropout: 0.3}, {dense: 10}]
        """,
      optimizer: "{adam: {amsgrad: true, learning_rate: 0.01}}",
      rules: """
        schedule: {cosine: {over: 5 epochs, warmup: 3 steps}}
        clip: {norm: 0.5}
        penalty: {l1: 0.0001, l2: 0.001}
        """,
      train: """
        {epochs: 4, metrics: [top3, accuracy], early_stop: {patience: 3, figure: top3}, \
        checkpoint: {every: 1 step, keep: 99, best: accuracy}}
        """,
      data: "augment: {shift: 2, rotate: 10}, validation: 0.2"),
    Sample(
      model: "[flatten, {dense: 12}, {dropout: 0.5}, {dense: 10}]",
      optimizer: "{sgd: {learning_rate: 0.5, momentum: 0.9, nesterov: true}}",
      rules: "schedule: {exponential: 0.9}",
      train: """
        {epochs: 6, early_stop: {patience: 1}, checkpoint: {every: 1 step, keep: 99}}
        """,
      data: "drop_last: true, validation: none"),
  ]

  /// The first and last steps, the ends of epochs and what lies between.
  @Test(arguments: samples) func leavesTheSameFiles(_ sample: Sample) throws {
    let whole = try TemporaryDirectory()
    try train(sample, in: whole)
    let directory = CheckpointDirectory(whole.path)
    let (steps, lines) = (try directory.steps(), try metrics(in: whole))
    let last = try #require(steps.last)
    let perEpoch = try sample.experiment().sampler.stepsPerEpoch
    #expect(steps == Array(1...last))
    var random = XorShift(seed: 9)
    let places =
      [1, perEpoch - 1, perEpoch, perEpoch + 1, 2 * perEpoch, last - 1]
      + (0..<3).map { _ in 1 + Int(random.number(in: 0...1) * Double(last - 2)) }
    for step in Set(places).sorted() where step < last {
      let resumed = try TemporaryDirectory()
      try train(sample, in: resumed, from: directory.file(ofStep: step), workers: 3)
      let others = CheckpointDirectory(resumed.path)
      #expect(try others.steps() == Array(step + 1...last), "from step \(step)")
      for later in Set([step + 1, last]) {
        let areEqual =
          try bytes(of: others.file(ofStep: later))
          == bytes(of: directory.file(ofStep: later))
        #expect(areEqual, "step \(later) from step \(step)")
      }
      let rest = try metrics(in: resumed)
      #expect(rest == lines.suffix(rest.count), "from step \(step)")
    }
  }
}
