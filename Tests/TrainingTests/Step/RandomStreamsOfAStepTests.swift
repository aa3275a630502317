import Diagnostics
import Execution
import Graphs
import Networks
import Randomness
import Testing
import Training

/// Nothing that is drawn in a run is drawn twice.
@Suite struct RandomStreamsOfAStepTests {
  /// A number of a stream.
  private struct Draw: Hashable {
    let stream: RandomStream
    let number: Int
  }

  private static let shards = 3
  private static let samples = 4

  private func experiment(_ loss: String, critic: String) throws -> Experiment {
    try Experiment(
      RunConfiguration(
        text: """
          name: streams
          seed: 7
          data: {dataset: digits, train_samples: 40, test_samples: 10, batch: 12}
          generator: [{dense: 6}, {dropout: 0.3}, relu, {dropout: 0.5}, {dense: 784}, {reshape: [28, 28, 1]}]
          critic: [flatten, {dropout: 0.2}, {dense: 6}, \(critic) {dropout: 0.5}, {dense: 1}]
          adversarial: {loss: \(loss), noise: {size: 3}}
          optimizer: {generator: adam, critic: adam}
          """, source: "streams.yaml"))
  }

  /// All that a step of a network draws for all samples of its batch.
  private func draws(
    of program: Program, _ settings: AdversarialSettings, step: Int
  ) -> [Draw] {
    let draws = NoiseSource(settings, seed: 7)
    var all: [Draw] = []
    for sample in 0..<Self.shards * Self.samples {
      for (input, count) in [("noise", 3), ("mixture", 1), ("label_noise", 2)] {
        let (stream, first) = draws.stream(of: input, sample, step: step)
        all += (first..<first + count).map { Draw(stream: stream, number: $0) }
      }
    }
    for shard in 0..<Self.shards {
      let position = RandomPosition(seed: 7, step: step, firstSample: shard * Self.samples)
      for instruction in program.instructions {
        guard case .random(let number) = instruction.operation else { continue }
        let shape = instruction.type.shape
        for row in 0..<shape[0] {
          let stream = position.stream(number, ofSample: row)
          all += (0..<shape.count / shape[0]).map { Draw(stream: stream, number: $0) }
        }
      }
    }
    return all
  }

  @Test(
    arguments: ["wasserstein_gp", "wasserstein_clip", "minimax", "hinge"],
    ["", "layernorm, {residual: [{dropout: 0.1}]},", "batchnorm,"])
  func noTwoStreamsAreEqual(_ loss: String, _ norm: String) throws {
    // The penalty refuses norms over the batch.
    guard loss != "wasserstein_gp" || norm != "batchnorm," else { return }
    let experiment = try experiment(loss, critic: norm)
    let adversaries = try #require(experiment.compiled.adversaries)
    let programs = [
      try adversaries.criticProgram(samples: Self.samples),
      try adversaries.generatorProgram(samples: Self.samples),
    ]
    var seen: Set<Draw> = []
    for step in 0..<4 {
      let draws = draws(of: programs[step % 2], adversaries.settings, step: step)
      #expect(draws.count > 12 * 6 + 12 * 2 * 784 * (step % 2 == 0 ? 1 : 0))
      for draw in draws {
        let isNew = seen.insert(draw).inserted
        #expect(isNew, "step \(step) draws a number again")
        guard isNew else { return }
      }
    }
  }

  /// Real and generated samples of one place in a batch lose different elements.
  @Test func masksOfRealAndGeneratedSamplesDiffer() throws {
    let program = try #require(experiment("hinge", critic: "").compiled.adversaries)
      .criticProgram(samples: Self.samples)
    let streams = program.instructions.compactMap { instruction in
      if case .random(let number) = instruction.operation, instruction.type.shape[1] == 784 {
        (number, instruction.type.shape)
      } else {
        nil
      }
    }
    #expect(streams.map(\.1) == [[4, 784], [4, 784]])
    #expect(Set(streams.map(\.0)).count == 2)
  }

  /// Each first value has a stream of its own too; averages begin as constants.
  @Test func noTwoParametersBeginAlike() throws {
    for critic in ["batchnorm,", "layernorm,"] {
      let adversaries = try #require(try experiment("minimax", critic: critic).compiled.adversaries)
      let numbers = (adversaries.generator + adversaries.critic).filter {
        if case .average = $0.role { false } else { true }
      }.map(\.number)
      #expect(Set(numbers).count == numbers.count)
    }
  }
}
