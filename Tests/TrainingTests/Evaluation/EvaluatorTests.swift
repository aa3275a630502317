import Communication
import Datasets
import Execution
import Graphs
import Networks
import Reports
import TestSupport
import Testing
import Training

@Suite struct EvaluatorTests {
  /// The loss and the correct answers over a dataset, in Double and all at once.
  private func reference(
    _ dataset: Dataset, _ experiment: Experiment, _ weights: [String: Tensor]
  ) throws -> Metrics {
    guard case .bytes(let pixels) = dataset.elements,
      case .classes(let labels, _, _) = dataset.targets
    else { throw Misfit() }
    let count = dataset.count
    let program = try experiment.network.evaluationProgram(
      samples: count, input: experiment.compiled.input)
    var parameters: [String: Tensor] = [:]
    for parameter in experiment.network.parameters {
      parameters[parameter.name] = Tensor(parameter.shape, weights[parameter.name]?.elements ?? [])
    }
    let results = try ReferenceEvaluator(program).evaluate(
      inputs: [
        "samples": Tensor(Shape([count] + dataset.shape), pixels.map { Double($0) }),
        "labels": Tensor([count], labels.map { Double($0) }),
      ], parameters: parameters)
    let losses = try #require(results["losses"]?.elements)
    let predictions = try #require(results["predictions"])
    let correct = labels.enumerated().count { sample, label in
      let row = predictions.rows([Int32(sample)]).elements
      return row.firstIndex(of: row.max() ?? .nan) == Int(label)
    }
    var metrics = Metrics(experiment.metrics)
    metrics.samples = count
    metrics.add(losses.reduce(0, +), targets: count, to: Metrics.loss)
    metrics.add(Double(correct), targets: count, to: 1)
    return metrics
  }

  private struct Misfit: Error {}

  /// 70 samples: a full shard and a short one.
  @Test(arguments: [Sample(), Sample(model: Sample.conv)])
  func figuresAreThoseOfTheReference(_ sample: Sample) throws {
    let experiment = try sample.experiment()
    try withTrainer(experiment) { trainer in
      for step in [0, 6] {
        try trainer.train(to: step)
        let found = try #require(try trainer.validate())
        let exact = try reference(experiment.data.test, experiment, trainer.state.tensors)
        #expect(isClose(found.loss, exact.loss, relative: 1e-6))
        #expect(found.targets == [70, 70] && found.samples == 70)
        #expect(found.values.map(\.metric) == [.top(1)])
        #expect(found["accuracy"] == exact["accuracy"])
        #expect(try trainer.validate() == found)
      }
    }
  }

  @Test(arguments: [1, 63, 64, 65, 128, 150])
  func workersDoNotChangeBits(_ count: Int) throws {
    let experiment = try Sample().experiment()
    let state = try ModelState(experiment)
    let some = experiment.data.training.selecting(Array(0..<Int32(count)))
    let figures = try (1...4).map { workers in
      let pool = try WorkerPool(count: workers)
      defer { pool.stop() }
      let evaluator = try Evaluator(
        some, of: experiment, state: state, communicator: .start(), pool: pool)
      try evaluator.makeSessions()
      return try evaluator.evaluate()
    }
    #expect(figures.allSatisfy { $0 == figures[0] })
    #expect(figures[0].samples == count)
  }
}
