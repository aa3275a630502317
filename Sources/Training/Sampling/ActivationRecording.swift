internal import Datasets
package import Diagnostics

/// The gates and states of recurrent layers after each token of a text, and what comes next.
package final class ActivationRecording {
  /// The tokens, given ones first.
  package private(set) var tokens: [Int32] = []
  /// For each token the most probable next ones.
  package private(set) var best: [[(token: Int32, probability: Double)]] = []
  package private(set) var cells: [Cell] = []
  private var distribution: TokenDistribution

  /// A gate or state of all units of a layer.
  package struct Cell {
    /// That of the layer, a point and the letter of the gate or state.
    package let name: String
    let size: Int
    /// One row for each token.
    package fileprivate(set) var values: [Float] = []
  }

  /// More numbers would make a page that no browser shows.
  private static let limit = 50_000_000

  package init(of sampler: TextSampler, after prompt: TextSampler.Prompt) throws(Failure) {
    let cells = sampler.runner.cells
    guard !cells.isEmpty else {
      throw Failure(.badConfiguration, "--activations: the network has no recurrent layer to show")
    }
    let tokens = prompt.tokens.count + sampler.settings.length
    let numbers = cells.reduce(0) { $0 + $1.size }
    guard tokens * numbers <= Self.limit else {
      throw Failure(
        .usage,
        "--activations: expected at most \((Self.limit / numbers).grouped) tokens of "
          + "\(numbers.grouped) numbers, found \(tokens.grouped): use a smaller --length")
    }
    self.cells = cells.map { Cell(name: $0.name, size: $0.size) }
    distribution = TokenDistribution(
      TokenChoice(), tokens: sampler.tokeniser.size, excluding: sampler.tokeniser.unknownToken)
  }

  /// Adds a token that was read, and the scores of the next one.
  func add(
    _ token: Int32, _ scores: UnsafeBufferPointer<Float>, of runner: StepRunner
  ) throws(Failure) {
    tokens.append(token)
    try unsafe distribution.read(scores)
    best.append(distribution.best(5))
    for index in cells.indices {
      unsafe cells[index].values += runner.values(ofCell: index)
    }
  }
}
