import Datasets
import Diagnostics
import Testing

/// The outline of the data is that of what is loaded.
@Suite struct OutlineTests {
  private let configurations = DataConfigurationTests()

  @Test(arguments: ["test", "none", "0.1", "0.999"])
  func digits(validation: String) throws {
    let data = try configurations.decode(
      """
      data: {dataset: digits, train_samples: 90, test_samples: 20, batch: 1,
             validation: \(validation)}
      """)
    let (outline, loaded) = (try data.outline(seed: 1), try data.load(seed: 1).outline)
    func known(_ part: Dataset.Outline?) -> String {
      guard let part else { return "none" }
      return "\(part.count) \(part.shape) \(part.number) \(part.targets) \(part.isWeighted)"
    }
    #expect(known(outline.training) == known(loaded.training))
    #expect(known(outline.validation) == known(loaded.validation))
    #expect(known(outline.test) == known(loaded.test))
    #expect(outline.training.normalisation == nil)
  }

  @Test func pixelsFromZeroToOne() throws {
    let data = try configurations.decode(
      "data: {dataset: digits, train_samples: 9, test_samples: 2, batch: 1, normalise: false}")
    let plain = Normalisation(scale: 1 / 255, mean: 0, deviation: 1)
    let (outline, loaded) = (try data.outline(seed: 1), try data.load(seed: 1).outline)
    #expect(outline.training.first(9) == loaded.training.first(9))
    #expect(outline.test.first(2) == loaded.test.first(2))
    #expect(try data.load(seed: 1).test.normalisation == plain)
  }

  @Test func aTableIsThereAnyway() throws {
    let data = try configurations.decode(
      "data: {dataset: table, samples: [[1, 2], [3, 4]], targets: [[0], [1]], batch: 2}")
    #expect(try data.outline(seed: 1) == data.load(seed: 1).outline)
  }

  @Test(arguments: [
    "{dataset: digits, train_samples: 20, batch: 21}",
    "{dataset: digits, train_samples: 1, batch: 1, validation: 0.5}",
    "{dataset: digits, samples: [[1]], batch: 1}",
  ])
  func whatLoadingRefusesIsRefused(text: String) throws {
    let data = try configurations.decode("data: \(text)")
    let expected = #expect(throws: Failure.self) { _ = try data.load(seed: 1) }
    let actual = #expect(throws: Failure.self) { _ = try data.outline(seed: 1) }
    #expect(actual?.message == expected?.message)
  }
}
