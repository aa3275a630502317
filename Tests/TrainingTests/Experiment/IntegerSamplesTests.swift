import Datasets
import Diagnostics
import TestSupport
import Testing
import Training

/// Samples of int32 train to the bits of equal real numbers.
@Suite struct IntegerSamplesTests {
  private static let numbers = (0..<24).map { Int32(($0 * 7) % 5) }

  private func experiment(
    _ elements: Dataset.Elements, _ normalisation: Normalisation, model: String
  ) throws -> Experiment {
    let data = Dataset(
      shape: [3], elements: elements,
      targets: .classes((0..<8).map { Int32($0 % 2) }, names: ["a", "b"]),
      normalisation: normalisation)
    return try Experiment(
      RunConfiguration(
        text: """
          name: integers
          data: {dataset: digits, batch: 4}
          model: [\(model), {dense: 2}]
          loss: cross_entropy
          optimizer: {sgd: 0.1}
          """, source: "integers.yaml"),
      data: Splits(training: data, test: data, validation: .none, seed: 1))
  }

  @Test(arguments: [
    ("{embedding: {entries: 5, size: 2}}, flatten", Normalisation(scale: 1, mean: 0, deviation: 1)),
    ("{dense: 3}", Normalisation(scale: 1, mean: 2.5, deviation: 1.5)),
  ])
  func theBitsAreThoseOfRealNumbers(_ model: String, _ normalisation: Normalisation) throws {
    func train(_ elements: Dataset.Elements) throws -> StateBits {
      try withTrainer(experiment(elements, normalisation, model: model)) { trainer in
        try trainer.train(to: 3)
        return StateBits(trainer.state)
      }
    }
    #expect(
      try train(.integers(Self.numbers)) == train(.floats(Self.numbers.map { Float($0) })))
  }

  @Test func anEmbeddingRefusesWhatNamesNoRow() {
    let plain = Normalisation(scale: 1, mean: 0, deviation: 1)
    for bad: Int32 in [-1, 5] {
      var numbers = Self.numbers
      numbers[7] = bad
      #expect(
        throws: Failure(
          .badData,
          "sample 2 holds \(bad) at 1: an embedding of 5 entries takes whole numbers from 0 to 4")
      ) {
        try experiment(
          .integers(numbers), plain, model: "{embedding: {entries: 5, size: 2}}, flatten")
      }
    }
  }
}
