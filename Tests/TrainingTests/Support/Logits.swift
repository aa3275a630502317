import Datasets
import Execution
import Reports
import TestSupport
import Training

/// Samples that are logits of classes, and the answers that they make.
struct Logits {
  let data: Dataset
  let answers: Answers
  let experiment: Experiment

  init(
    _ count: Int, classes: Int, isWeighted: Bool = false,
    train: String = "{metrics: [accuracy]}", loss: String = "cross_entropy", seed: UInt64 = 4
  ) throws {
    var random = XorShift(seed: seed)
    let labels = (0..<count).map { _ in Int32(random.integer(in: 0...classes - 1)) }
    let numbers = (0..<count * classes).map { place in
      let bonus = Int(labels[place / classes]) == place % classes ? 1.0 : 0
      return Float(random.integer(in: -4...4)) / 2 + Float(bonus)
    }
    let weights = isWeighted ? (0..<count).map { Float($0 % 4 + 1) / 4 } : nil
    data = Dataset(
      shape: [classes], elements: .floats(numbers),
      targets: .classes(labels, names: (0..<classes).map { "c\($0)" }), weights: weights,
      normalisation: Normalisation(scale: 1, mean: 0, deviation: 1))
    answers = Answers(
      numbers, .labels(labels, classes: classes), samples: count, size: 1, width: 1,
      ignoresSome: false, form: loss == "cross_entropy" ? .logits : .logOdds, weights: weights)
    let identity = (0..<classes).map { row in (0..<classes).map { row == $0 ? 1 : 0 } }
    experiment = try Experiment(
      RunConfiguration(
        text: """
          name: logits
          shards: 8
          data: {dataset: digits, batch: 8, validation: test}
          model: [{dense: {units: \(classes), weight: \(identity), bias: false}}]
          loss: \(loss)
          optimizer: {sgd: 1e-30}
          train: \(train)
          """, source: "logits.yaml"),
      data: Splits(training: data, test: data, validation: .test, seed: 1))
  }

  /// Metrics of the answers alone, whoever computes them.
  func record(of metrics: [Metric]) -> Metrics {
    var record = Metrics(metrics)
    let places = metrics.enumerated().map { (place: $0.offset, metric: $0.element) }
    answers.add(
      0..<answers.samples, of: places, threshold: nil, factors: [], to: &record)
    for (place, metric) in places {
      guard let score = metric.score else { continue }
      let scores = WholeSetScores([score], of: answers)
      record.set(scores.values(answers.weights)[0], ofMetric: place)
    }
    return record
  }
}
