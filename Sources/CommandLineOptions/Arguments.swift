/// What a command was given; an option that it does not have keeps its default.
package struct Arguments: Equatable, Sendable {
  /// Where a run goes on.
  package enum Resumption: Equatable, Sendable {
    case newestCheckpoint
    case checkpoint(String)
  }

  /// The configuration file, run directory, checkpoint or model that the command works on.
  package internal(set) var operand = ""
  /// What it is compared with.
  package internal(set) var secondOperand = ""
  /// Changes of settings, as `key=value`, in their order.
  package internal(set) var overrides: [String] = []
  package internal(set) var runDirectory: String?
  package internal(set) var dataFolder: String?
  package internal(set) var resumption: Resumption?
  package internal(set) var startsAfresh = false
  /// Whether a run may go on where it computes other bits than it began with.
  package internal(set) var allowsNewNumerics = false
  package internal(set) var workers: Int?
  /// The seconds that a rank waits for another one.
  package internal(set) var timeout: Int?
  package internal(set) var steps: Int?
  /// Numbers of ranks to try, or to look ahead to.
  package internal(set) var ranks: [Int]?
  package internal(set) var workerCounts: [Int]?
  /// What starts ranks, with its options.
  package internal(set) var launcher: String?
  /// What steps are predicted of.
  package internal(set) var configuration: String?
  /// Of a network, in microseconds and in megabytes a second.
  package internal(set) var latency: Double?
  package internal(set) var bandwidth: Double?
  /// Where a trace of some steps goes.
  package internal(set) var trace: String?
  package internal(set) var showsDetail = false
  package internal(set) var showsPlan = false
  /// Where a picture of the layers is written.
  package internal(set) var svg: String?
  package internal(set) var checksEveryElement = false
  package internal(set) var isDryRun = false
  /// Whether the newest checkpoint of a run is meant although it has marked its best.
  package internal(set) var takesLast = false
  /// The samples to answer for, and which array of their file they are.
  package internal(set) var input: String?
  package internal(set) var arrayName: String?
  /// The layer whose output is predicted, where a network has several outputs.
  package internal(set) var layer: String?
  /// What holds the answers to those samples, where they lie apart.
  package internal(set) var answers: String?
  /// The part of a run's data that is scored.
  package internal(set) var split: String?
  /// What an export is written as, where, and whether in the place of what is there.
  package internal(set) var format: String?
  package internal(set) var output: String?
  package internal(set) var replaces = false
  /// How a model file has, or is to have, the weights of dense layers.
  package internal(set) var layout: String?
  /// Which release of Neuron wrote a model file.
  package internal(set) var release: String?
  /// The first or the second generation of Neuron, which is to read an export.
  package internal(set) var generation: Int?
  /// What a model file is scored on, and at which byte of its file the images begin.
  package internal(set) var dataset: String?
  package internal(set) var imageOffset: Int?
  package internal(set) var usesStoredStatistics = false
  /// Where samples that are made go, how many and of which seed.
  package internal(set) var samplesFile: String?
  package internal(set) var count: Int?
  package internal(set) var seed: Int?
  package internal(set) var sample: Int?
  package internal(set) var tensor: String?
  package internal(set) var answersInMarkdown = false
  package internal(set) var answersInJSON = false
}
