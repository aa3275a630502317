import Datasets
import Diagnostics
import Graphs
import Networks
import Testing
import Training

@Suite struct ExperimentTests {
  @Test func digitsFitTheNetwork() throws {
    let experiment = try Sample().experiment()
    #expect(experiment.data.training.count == 150)
    #expect(experiment.data.test.count == 70)
    #expect(experiment.data.validation?.count == 70)
    #expect(experiment.network.sample == [28, 28, 1])
    #expect(experiment.network.targets == .classes(10))
    #expect(experiment.sampler.stepsPerEpoch == 4)
    #expect(experiment.sampler.batchSizes == [48, 6])
  }

  @Test func inputIsNormalisedAsTheDataAre() throws {
    let bytes = try Sample().experiment()
    let measured = bytes.data.training.normalisation
    #expect(
      bytes.compiled.input
        == SampleInput(
          .uint8, scale: Double(measured.scale), mean: Double(measured.mean),
          deviation: Double(measured.deviation)))

    let golden = try Golden("mlp")
    let floats = try ParityCase.mlp.experiment(golden, batch: 8, shards: 1, samples: 16)
    #expect(floats.compiled.input == .float32)
  }

  @Test func theSeedOrdersTheSamples() throws {
    let batches = try [1, 1, 2].map { seed in
      var sampler = try Sample(seed: seed).experiment().sampler
      return sampler.batch(atStep: 0)
    }
    #expect(batches[0] == batches[1] && batches[0] != batches[2])
  }

  @Test(arguments: [
    (
      Sample(model: "[flatten, {dense: 9}]"),
      "run.yaml:6:18: dense1: the model ends with a vector of 9, the data has 10 classes: "
        + "end it with 'dense: 10'"
    ),
    (
      Sample(samples: 40),
      "run.yaml:5:69: data.batch: a batch of 48 samples is larger than the training set of 40; "
        + "use a batch of at most 40"
    ),
  ])
  func refusesWhatDoesNotFit(_ sample: Sample, _ message: String) {
    #expect(throws: Failure(.badConfiguration, message)) { try sample.experiment() }
  }
}
