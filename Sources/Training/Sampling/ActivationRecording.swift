internal import Datasets
package import Diagnostics

/// The gates and states of recurrent layers after each token of a text, the weights that heads of
/// attention give to it and the tokens before it, and what comes next.
package final class ActivationRecording {
  /// The tokens, given ones first.
  package private(set) var tokens: [Int32] = []
  /// For each token the most probable next ones.
  package private(set) var best: [[(token: Int32, probability: Double)]] = []
  package private(set) var cells: [Cell] = []
  /// The number of tokens that attention saw at each token, which is the last of them.
  package private(set) var seen: [Int] = []
  package private(set) var attention: [Attention] = []
  private var distribution: TokenDistribution

  /// A gate or state of all units of a layer.
  package struct Cell {
    /// That of the layer, a point and the letter of the gate or state.
    package let name: String
    let size: Int
    /// One row for each token.
    package fileprivate(set) var values: [Float] = []
  }

  /// The weights of a layer of attention.
  package struct Attention {
    package let name: String
    let heads: Int
    /// For each token, those of each head for the tokens that it sees.
    package fileprivate(set) var weights: [Float] = []
  }

  /// More numbers would make a page that no browser shows.
  private static let limit = 50_000_000

  package init(of sampler: TextSampler, after prompt: TextSampler.Prompt) throws(Failure) {
    let runner = sampler.runner
    let (cells, attention) = (runner.cells, runner.attention)
    guard !cells.isEmpty || !attention.isEmpty else {
      throw Failure(
        .badConfiguration,
        "--activations: the network has no recurrent layer, mamba or attention to show")
    }
    let tokens = prompt.tokens.count + sampler.settings.length
    let numbers =
      cells.reduce(0) { $0 + $1.size }
      + attention.reduce(0) { $0 + $1.heads * min(tokens, runner.context ?? 0) }
    guard tokens * numbers <= Self.limit else {
      throw Failure(
        .usage,
        "--activations: expected at most \((Self.limit / numbers).grouped) tokens of "
          + "\(numbers.grouped) numbers, found \(tokens.grouped): use a smaller --length")
    }
    self.cells = cells.map { Cell(name: $0.name, size: $0.size) }
    self.attention = attention.map {
      Attention(name: String($0.name.dropLast(".attention".count)), heads: $0.heads)
    }
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
    guard !attention.isEmpty else { return }
    seen.append(runner.stepsTaken(0))
    for index in attention.indices {
      for head in 0..<attention[index].heads {
        unsafe attention[index].weights += runner.weights(ofAttention: index, head: head, row: 0)
      }
    }
  }
}
