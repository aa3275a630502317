import Diagnostics
import Training

/// The text of a small run on digits, some of its parts replaced.
func sampleText(
  seed: Int = 1, batch: Int = 48, shards: Int? = 8, engine: String = "onednn",
  samples: Int = 150, model: String = mlpWithDropout, optimizer: String = "adam",
  train: String = "{steps: 20}"
) -> String {
  """
  name: sample
  seed: \(seed)
  engine: \(engine)
  shards: \(shards.map(String.init) ?? "null")
  data: {dataset: digits, train_samples: \(samples), test_samples: 70, batch: \(batch)}
  model: \(model)
  loss: cross_entropy
  optimizer: \(optimizer)
  train: \(train)
  """
}

let mlpWithDropout = "[flatten, {dense: 24}, relu, {dropout: 0.3}, {dense: 10}]"

let convWithDropout = """
  [{conv: 4}, relu, {maxpool: 2}, {dropout: 0.2}, {conv: 6}, relu, {maxpool: 2}, flatten,
   {dropout: 0.5}, {dense: 10}]
  """

func configuration(_ text: String) throws(Failure) -> RunConfiguration {
  try RunConfiguration(text: text, source: "run.yaml")
}

func experiment(_ text: String) throws(Failure) -> Experiment {
  try Experiment(configuration(text))
}
