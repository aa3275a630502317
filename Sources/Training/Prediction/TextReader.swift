internal import Datasets

/// Reads texts token by token, as many side by side as its runner has sequences.
///
/// A network with attention or positions sees a context of so many tokens. A text that fills it
/// goes on with the last half: these tokens are read again as if they began a text.
package final class TextReader {
  package let runner: StepRunner
  /// The tokens of each text that the network sees.
  private var seen: [[Int32]]
  /// Whether a text was longer than the context.
  package private(set) var hasSlid = false

  package init(_ runner: StepRunner) {
    self.runner = runner
    seen = Array(repeating: [], count: runner.count)
  }

  /// Begins other texts, and reads the first of their tokens at once where the network can.
  ///
  /// Returns how many tokens of each were read: not the last one, whose scores nobody had seen.
  package func begin(_ texts: [ArraySlice<Int32>?]) -> [Int] {
    var beginnings: [ArraySlice<Int32>] = []
    for (row, text) in texts.enumerated() {
      let first = text.map { $0.dropLast().prefix(runner.beginningSteps) } ?? []
      beginnings.append(first)
      guard text != nil else { continue }
      runner.restart(row)
      seen[row] = Array(first)
    }
    runner.read(beginnings: beginnings)
    return beginnings.map(\.count)
  }

  /// Reads the next token of each text that has one, and returns the scores of those behind them,
  /// text by text, which are valid until the next call.
  package func read(_ tokens: [Int32?]) -> UnsafeBufferPointer<Float> {
    if let context = runner.context { slide(tokens, context) }
    for (row, token) in tokens.enumerated() {
      if let token, runner.context != nil { seen[row].append(token) }
    }
    return unsafe runner.step(tokens)
  }

  /// Reads the last half of the texts again that have filled the context and go on.
  private func slide(_ tokens: [Int32?], _ context: Int) {
    let full = tokens.indices.filter { tokens[$0] != nil && runner.room($0) == 0 }
    guard !full.isEmpty else { return }
    hasSlid = true
    var beginnings = [ArraySlice<Int32>](repeating: [], count: tokens.count)
    for row in full {
      seen[row].removeFirst(seen[row].count - context / 2)
      runner.restart(row)
      beginnings[row] = seen[row][...]
    }
    guard runner.beginningSteps == 0 else { return runner.read(beginnings: beginnings) }
    for place in 0..<context / 2 {
      var again = [Int32?](repeating: nil, count: tokens.count)
      for row in full { again[row] = beginnings[row][place] }
      unsafe _ = runner.step(again)
    }
  }
}
