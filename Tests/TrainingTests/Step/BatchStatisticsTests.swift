import Datasets
import Execution
import Graphs
import Randomness
import TestSupport
import Testing
import Training

/// What batch normalisation remembers of a step.
@Suite struct BatchStatisticsTests {
  private func averages(
    of samples: [Float], width: Int, engine: Engine
  ) throws -> (mean: [Double], variance: [Double]) {
    let count = samples.count / width
    let configuration = try RunConfiguration(
      text: """
        name: statistics
        engine: \(engine.rawValue)
        shards: 1
        data: {dataset: digits, batch: \(count)}
        model: [batchnorm, {dense: 2}]
        loss: cross_entropy
        optimizer: sgd
        """, source: "statistics.yaml")
    let data = Dataset(
      shape: [width], elements: .floats(samples),
      targets: .classes((0..<Int32(count)).map { $0 % 2 }, names: ["0", "1"]),
      normalisation: Normalisation(scale: 1, mean: 0, deviation: 1))
    let experiment = try Experiment(
      configuration, data: Splits(training: data, test: data, validation: .none, seed: 1))
    return try withTrainer(experiment) { trainer in
      try trainer.train(to: 1)
      return (
        try #require(trainer.state.tensors["batchnorm1/running_mean"]).elements,
        try #require(trainer.state.tensors["batchnorm1/running_var"]).elements
      )
    }
  }

  /// From means of 0 and variances of 1 a tenth of the way to 3 and 30, 14/3 and 1400/3.
  @Test(arguments: Engine.allCases) func afterOneBatch(_ engine: Engine) throws {
    let found = try averages(of: [1, 10, 2, 20, 3, 60, 6, 30], width: 2, engine: engine)
    for (value, expected) in zip(
      found.mean + found.variance, [0.3, 3, 1.3666666667, 47.5666666667])
    {
      #expect(isClose(value, expected, relative: 1e-6))
    }
  }

  /// Ten thousand and a deviation of 1: the mean of squares would have lost the variance.
  @Test(arguments: Engine.allCases) func largeMeansDoNotCancel(_ engine: Engine) throws {
    let stream = RandomStream(seed: 5, purpose: .probe)
    let samples = (0..<4096).map { 10_000 + stream.normal(at: $0) }
    let mean = samples.reduce(0) { $0 + Double($1) } / 4096
    let variance = samples.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / 4095
    let found = try averages(of: samples, width: 1, engine: engine)
    #expect(isClose(10 * found.mean[0], mean, relative: 1e-6))
    #expect(isClose(10 * (found.variance[0] - 0.9), variance, relative: 1e-3))
  }
}
