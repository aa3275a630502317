import Datasets
import TestSupport
import Testing
import Training

/// Networks that learn the next token of a text.
@Suite struct TextTests {
  private func experiment(embedding: String) throws -> Experiment {
    try Experiment(
      RunConfiguration(
        text: """
          name: sentences
          data: {dataset: sentences, steps: 12, train_samples: 40, test_samples: 8, batch: 8}
          model: [{embedding: \(embedding)}, {gru: 6}, {dense: 26}]
          loss: cross_entropy
          optimizer: adam
          train: {steps: 3}
          """, source: "sentences.yaml"))
  }

  @Test func anEmbeddingTakesItsRowsFromTheText() throws {
    func train(_ embedding: String) throws -> StateBits {
      try withTrainer(experiment(embedding: embedding)) { trainer in
        try trainer.train(to: 3)
        return StateBits(trainer.state)
      }
    }
    #expect(try train("{size: 4}") == train("{entries: 26, size: 4}"))
  }
}
