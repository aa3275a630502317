import Datasets
import Diagnostics
import Execution
import Foundation
import Reports
import RunFiles
import TestSupport
import Testing
import Training

/// What a run shows of its validation: the matrix, the worst samples, pairs of numbers.
@Suite struct ValidationFindingsTests {
  private func findings(
    _ experiment: Experiment, workers: Int = 2
  ) throws -> (ValidationFindings, ReportedRun) {
    let run = try ReportedRun(experiment, in: TemporaryDirectory(), workers: workers)
    return (try #require(run.record.findings.validation), run)
  }

  /// The network passes logits through, so each loss is known.
  @Test(arguments: [1, 2, 3])
  func worstSamplesHaveTheGreatestLosses(workers: Int) throws {
    let logits = try Logits(203, classes: 5, train: "{epochs: 1}")
    let (found, _) = try findings(logits.experiment, workers: workers)
    guard case .classes(let labels, _, _) = logits.data.targets,
      case .floats(let numbers) = logits.data.elements
    else { return }
    let losses = labels.enumerated().map { sample, label in
      let own = numbers[sample * 5..<(sample + 1) * 5].map(Double.init)
      let sum = own.reduce(0) { $0 + exp($1) }
      return log(sum) - own[Int(label)]
    }
    let order = losses.indices.sorted { (losses[$1], $0) < (losses[$0], $1) }
    #expect(found.worst.count == 12)
    for (place, sample) in found.worst.enumerated() {
      // Losses of float32 may tie where those of float64 do not.
      #expect(abs(sample.loss - losses[order[place]]) < 1e-5)
      #expect(abs(sample.loss - losses[sample.index]) < 1e-5)
      let own = numbers[sample.index * 5..<(sample.index + 1) * 5].map(Double.init)
      let best = try #require(own.indices.max { (own[$0], $1) < (own[$1], $0) })
      #expect(sample.truth == "c\(labels[sample.index])")
      #expect(sample.answer == "c\(best)")
      let probability = exp(own[best]) / own.reduce(0) { $0 + exp($1) }
      #expect(abs((sample.probability ?? 0) - probability) < 1e-6)
      guard case .row(let row) = sample.content else {
        Issue.record("expected a row")
        continue
      }
      #expect(row.map(\.name) == (1...5).map { "x\($0)" })
      #expect(row.map { Double($0.value) } == own)
    }
    #expect(found.samples == 203)
    let confusion = try #require(found.confusion)
    #expect(confusion.names == (0..<5).map { "c\($0)" })
    #expect(confusion.counts.joined().reduce(0, +) == 203)
    #expect(found.pairs.isEmpty)
  }

  /// However many workers look, they find the same.
  @Test func findingsDoNotDependOnWorkers() throws {
    let logits = try Logits(300, classes: 4, train: "{epochs: 1}", seed: 9)
    let all = try [1, 2, 3].map { try findings(logits.experiment, workers: $0).0 }
    for other in all.dropFirst() {
      #expect(other.worst.map(\.index) == all[0].worst.map(\.index))
      #expect(other.worst.map(\.loss) == all[0].worst.map(\.loss))
      #expect(other.confusion?.counts == all[0].confusion?.counts)
    }
  }

  /// One weight of 2 doubles each sample, so pairs are known; not all of 1,200 samples are shown.
  @Test func pairsAreOfEvenlySpacedSamples() throws {
    let numbers = (0..<1200).map { Float($0) }
    let data = Dataset(
      shape: [1], elements: .floats(numbers),
      targets: .values(numbers.map { $0 == 12 ? .nan : 3 * $0 }, shape: [1]),
      normalisation: Normalisation(scale: 1, mean: 0, deviation: 1))
    let configuration = try RunConfiguration(
      text: """
        name: pairs
        data: {dataset: table, samples: [[0]], targets: [[0]], batch: 8, validation: test}
        model: [{dense: {units: 1, weight: [[2]], bias: false}}]
        loss: mse
        optimizer: {sgd: 1e-30}
        train: {steps: 1}
        """, source: "pairs.yaml")
    let experiment = try Experiment(
      configuration, data: Splits(training: data, test: data, validation: .test, seed: 1))
    let (found, _) = try findings(experiment)
    // Sample 12 has no target that counts.
    let expected = (0..<500).map { $0 * 1200 / 500 }.filter { $0 != 12 }
    #expect(found.pairs.map(\.truth) == expected.map { 3 * Double($0) })
    #expect(found.pairs.map(\.prediction) == expected.map { 2 * Double($0) })
    #expect(found.confusion == nil)
    #expect(found.worst.map(\.index) == (0..<12).map { 1199 - $0 })
  }

  /// Digits are pictures: the bytes are a PNG file of their size.
  @Test func imagesArePictures() throws {
    let (found, _) = try findings(Sample(train: "{epochs: 1}").experiment())
    for sample in found.worst {
      guard case .picture(let bytes) = sample.content else {
        Issue.record("expected a picture")
        continue
      }
      #expect(bytes.prefix(4) == [0x89, 0x50, 0x4e, 0x47])
      #expect(bytes[16..<24] == [0, 0, 0, 28, 0, 0, 0, 28])
    }
    #expect(found.worst.count == 12)
  }

  /// At the end, what is shown is that of the best checkpoint.
  @Test func theBestCheckpointHasTheLastWord() throws {
    let sample = Sample(
      optimizer: "{sgd: 0.5}", train: "{epochs: 6, checkpoint: {best: loss, every: 1 epoch}}")
    let (found, run) = try findings(sample.experiment())
    #expect(found.isBest)
    let losses = try #require(run.record.metrics[.validation, "loss"]).points
    let best = try #require(losses.min { $0.value < $1.value })
    #expect(found.step == best.step)
  }
}
