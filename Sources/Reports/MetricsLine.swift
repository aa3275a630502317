/// A line of `metrics.jsonl`: how a run stood after a step.
package struct MetricsLine: CustomStringConvertible, Sendable {
  package enum Split: String, Sendable { case train, validation, test }

  package let step: Int
  package let epoch: Int
  package let split: Split
  package let scores: Scores
  /// What only training has; written as null elsewhere, so that all lines have the same keys.
  package let learningRate: Double?
  package let samplesPerSecond: Double?

  package init(
    step: Int, epoch: Int, split: Split, scores: Scores, learningRate: Double? = nil,
    samplesPerSecond: Double? = nil
  ) {
    self.step = step
    self.epoch = epoch
    self.split = split
    self.scores = scores
    self.learningRate = learningRate
    self.samplesPerSecond = samplesPerSecond
  }

  /// The line as JSON, without its end.
  package var description: String {
    let metrics = scores.metrics.map { ($0.name, JSONValue.number($0.value)) }
    return JSONValue.object([
      (Self.firstKey, .integer(step)),
      ("epoch", .integer(epoch)),
      ("split", .string(split.rawValue)),
      ("loss", .number(scores.loss)),
      ("metrics", .object(metrics)),
      ("learning_rate", .number(learningRate)),
      ("samples_per_second", .number(samplesPerSecond.map { ($0 * 10).rounded() / 10 })),
    ]).description
  }

  /// How many bytes of a file of such lines belong to the steps up to one.
  ///
  /// What follows a line that is torn or of a later step belongs to none.
  package static func length(of file: [UInt8], through step: Int) -> Int {
    let start = Array("{\"\(firstKey)\": ".utf8)
    var length = 0
    while let end = file[length...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = file[length..<end]
      guard line.starts(with: start) else { break }
      let digits = line.dropFirst(start.count).prefix { $0 != UInt8(ascii: ",") }
      guard let found = Int(String(decoding: digits, as: UTF8.self)), found <= step else { break }
      length = end + 1
    }
    return length
  }

  private static let firstKey = "step"
}
