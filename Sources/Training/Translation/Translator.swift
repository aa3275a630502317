package import Checkpoints
package import Datasets
package import Diagnostics
internal import Graphs
internal import Networks

/// Translates texts with a network that was trained on pairs: an encoder and a decoder.
package final class Translator {
  private let coding: SampleCoding
  private let source: Tokeniser
  private let target: Tokeniser
  private let targetSteps: Int
  private let width: Int
  private let runner: StepRunner
  /// The texts that are translated together.
  private let count: Int

  /// The rows that a step of the decoder has at most, unless a search of one text has more.
  private static let rows = 64

  /// Whether a network of samples with this coding translates.
  package static func takes(_ coding: SampleCoding) -> Bool { coding.targetTokens != nil }

  /// `width` is the number of beginnings that a search follows: 1 is a greedy search.
  package init(_ checkpoint: borrowing Checkpoint, beam width: Int) throws(Failure) {
    let path = checkpoint.path
    let configuration = try RunConfiguration(saved: checkpoint.configuration, of: path)
    try configuration.requireSupervised(else: "draw samples with nn-dist sample \(path)")
    let coding = try SampleCoding(text: checkpoint.coding, source: "\(path) /coding")
    guard let source = coding.tokens, let target = coding.targetTokens,
      let field = coding.previous, case .classes(_, let shape) = coding.targets
    else {
      throw Failure(
        .usage, "'\(path)' does not translate: expected a network trained on pairs of texts")
    }
    (self.coding, self.source, self.target, self.width) = (coding, source, target, width)
    targetSteps = shape.reduce(1, *)
    count = max(1, Self.rows / width)
    let network = try Network(
      configuration.settings, sample: Shape(coding.shape), targets: TargetType(coding),
      fields: [TargetType.NamedField](coding))
    runner = try unsafe StepRunner(
      network, configuration, coding, sequences: count * width, decoding: field
    ) { values throws(Failure) in
      try unsafe checkpoint.read(.weights, as: network.parameters.layout, into: values)
    }
  }

  /// The symbols of texts that training had not.
  package private(set) var unknownCount = 0

  /// Translates lines of text; messages name their file.
  package func translate(
    lines: [String], of path: String
  ) throws(Failure) -> [(text: String, logProbability: Double)] {
    var encoder = TextEncoder(source)
    var sources: [[Int32]] = []
    for (number, line) in lines.enumerated() {
      var tokens: [Int32] = []
      _ = try encoder.encode(Array(line.utf8).span, isEnd: true, of: path, into: &tokens)
      guard (1...coding.shape[0]).contains(tokens.count) else {
        throw Failure(
          .badData,
          "'\(path)': line \(number + 1) has \(tokens.count.grouped) \(source.unit.rawValue): "
            + "expected 1 to \(coding.shape[0].grouped), as the texts of training have room for")
      }
      sources.append(tokens)
    }
    unknownCount = encoder.unknownCount
    return translate(sources).map {
      (String(decoding: target.decode($0.tokens), as: UTF8.self), $0.logProbability)
    }
  }

  /// Translates the samples of a dataset, and says how many translations are exactly their targets.
  package func exactCount(of dataset: Dataset) throws(Failure) -> Int {
    let end = Int32(target.size)
    var exact = 0
    for start in stride(from: 0, to: dataset.count, by: 1024) {
      let samples = Array(Int32(start)..<Int32(min(dataset.count, start + 1024)))
      let pairs = try dataset.pairs(of: samples[...])
      for (found, pair) in zip(translate(pairs.map { Array($0.text) }), pairs)
      where found.tokens[...] == pair.labels.prefix(while: { $0 >= 0 && $0 != end }) { exact += 1 }
    }
    return exact
  }

  /// Translates texts, several together.
  func translate(_ texts: [[Int32]]) -> [Beam.Translation] {
    var translations: [Beam.Translation] = []
    for start in stride(from: 0, to: texts.count, by: count) {
      translations += translate(block: texts[start..<min(texts.count, start + count)])
    }
    return translations
  }

  private func translate(block texts: ArraySlice<[Int32]>) -> [Beam.Translation] {
    begin(texts)
    let end = Int32(target.size)
    var beams = texts.map { _ in Beam(width: width, end: end, limit: targetSteps) }
    var tokens = [Int32?](repeating: end, count: count * width)
    while beams.contains(where: { !$0.isDone }) {
      let scores = unsafe runner.step(tokens)
      let size = runner.width
      var parents = Array(0..<count * width)
      for place in beams.indices where !beams[place].isDone {
        let first = place * width
        let found = unsafe beams[place].advance { row in
          unsafe UnsafeBufferPointer(
            rebasing: scores[(first + row) * size..<(first + row + 1) * size])
        }
        for (row, parent) in found.enumerated() { parents[first + row] = first + parent }
        for (row, token) in beams[place].lastTokens.enumerated() { tokens[first + row] = token }
      }
      runner.reorder(parents)
    }
    return beams.map(\.best)
  }

  /// Gives the encoder each text once for every beginning.
  private func begin(_ texts: ArraySlice<[Int32]>) {
    let steps = coding.shape[0]
    unsafe runner.begin { input in
      let samples = unsafe input("samples")?.assumingMemoryBound(to: Int32.self)
      let lengths = unsafe coding.lengths.flatMap { unsafe input($0) }?
        .assumingMemoryBound(to: Int32.self)
      for row in 0..<count * width {
        // Rows without a text translate the first one again.
        let text = texts[min(texts.startIndex + row / width, texts.endIndex - 1)]
        for step in 0..<steps {
          unsafe samples?[row * steps + step] = step < text.count ? text[step] : 0
        }
        unsafe lengths?[row] = Int32(text.count)
      }
    }
  }
}
