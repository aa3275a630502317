/// The parsed operands and options of a command.
package struct Arguments: Equatable, Sendable {
  /// Where a run continues.
  package enum Resumption: Equatable, Sendable {
    case newestCheckpoint
    case checkpoint(String)
  }

  /// Configuration files, run directories, checkpoints, models or datasets.
  package internal(set) var operands: [String] = []
  /// Changes of settings, as `key=value`, in the given order.
  package internal(set) var overrides: [String] = []
  /// The columns or the array that a drafted configuration predicts.
  package internal(set) var targets: [String] = []
  package internal(set) var runDirectory: String?
  package internal(set) var dataFolder: String?
  package internal(set) var resumption: Resumption?
  package internal(set) var startsAfresh = false
  /// Whether a run may continue if this machine computes other bits.
  package internal(set) var allowsNewNumerics = false
  package internal(set) var workers: Int?
  /// The seconds that a rank waits for another rank.
  package internal(set) var timeout: Int?
  package internal(set) var steps: Int?
  /// The number of folds of a cross-validation, and how often it is repeated.
  package internal(set) var folds: Int?
  package internal(set) var repeats: Int?
  /// The numbers of ranks to verify or to forecast.
  package internal(set) var ranks: [Int]?
  package internal(set) var workerCounts: [Int]?
  /// The command that starts ranks, with its options.
  package internal(set) var launcher: String?
  /// The configuration file whose steps are forecast.
  package internal(set) var configuration: String?
  /// Of the network between ranks, in microseconds and in megabytes per second.
  package internal(set) var latency: Double?
  package internal(set) var bandwidth: Double?
  /// The file of a trace.
  package internal(set) var trace: String?
  package internal(set) var showsDetail = false
  package internal(set) var showsPlan = false
  /// Whether a network is drawn as boxes in any case.
  package internal(set) var drawsLayers = false
  /// Where a picture of runs is written.
  package internal(set) var svg: String?
  package internal(set) var checksEveryElement = false
  package internal(set) var checksThroughTime = false
  package internal(set) var isDryRun = false
  /// Whether to use the newest checkpoint of a run instead of the best.
  package internal(set) var takesLast = false
  /// The file of samples, and the name of an array in it.
  package internal(set) var input: String?
  package internal(set) var arrayName: String?
  /// The steps of a forecast.
  package internal(set) var horizon: Int?
  /// The beginnings that a search for a translation follows.
  package internal(set) var beam: Int?
  /// The metrics of an evaluation, between commas, and how often its samples are drawn again.
  package internal(set) var metrics: String?
  package internal(set) var bootstrap: Int?
  /// The metrics of a plot, and whether its axis is logarithmic.
  package internal(set) var metricNames: [String] = []
  package internal(set) var isLogarithmic = false
  /// The layer whose output is predicted, if a network has several outputs.
  package internal(set) var layer: String?
  /// The file or array with the targets of the samples, if it is a separate one.
  package internal(set) var answers: String?
  /// The split of the dataset to evaluate on.
  package internal(set) var split: String?
  /// The format and file of an export, and whether it may replace a file.
  package internal(set) var format: String?
  package internal(set) var output: String?
  package internal(set) var replaces = false
  /// The layout of the dense weights in a model file.
  package internal(set) var layout: String?
  /// The release of Neuron that wrote a model file.
  package internal(set) var release: String?
  /// The generation of Neuron, 1 or 2, that reads an export.
  package internal(set) var generation: Int?
  /// The dataset to evaluate a model file on, and the byte at which the images of its file begin.
  package internal(set) var dataset: String?
  package internal(set) var imageOffset: Int?
  package internal(set) var usesStoredStatistics = false
  /// The file, number and seed of generated samples.
  package internal(set) var samplesFile: String?
  package internal(set) var count: Int?
  package internal(set) var seed: Int?
  /// Texts to continue, and how.
  package internal(set) var prompts: [String] = []
  package internal(set) var length: Int?
  package internal(set) var temperature: Double?
  package internal(set) var topK: Int?
  package internal(set) var topP: Double?
  package internal(set) var repetitionPenalty: Double?
  package internal(set) var stop: String?
  /// The page of activations.
  package internal(set) var activations: String?
  package internal(set) var sample: Int?
  package internal(set) var tensor: String?
  /// A head of attention that is explained alone.
  package internal(set) var head: String?
  /// Whether every step of a composite operation is explained.
  package internal(set) var isFull = false
  package internal(set) var printsMarkdown = false
  package internal(set) var printsJSON = false
  /// The compute to plan for, in floating-point operations, or the time.
  package internal(set) var flops: Double?
  package internal(set) var budget: String?
  /// The ranks that are planned for.
  package internal(set) var rankCount: Int?
  /// The name or the file of a scaling law.
  package internal(set) var constants: String?
  package internal(set) var fitsRuns = false

  /// The first operand; empty if there is none.
  package var operand: String { operands.first ?? "" }
}
