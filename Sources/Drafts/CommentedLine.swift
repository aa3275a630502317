/// A line of a configuration and what it says about itself.
struct CommentedLine: Equatable, ExpressibleByStringInterpolation {
  let text: String
  let comment: String

  init(_ text: String, _ comment: String = "") {
    self.text = text
    self.comment = comment
  }

  init(stringLiteral text: String) { self.init(text) }
}

extension [CommentedLine] {
  /// The lines with comments that begin in one column, where the lines are short enough.
  var aligned: [String] {
    let column = lazy.filter { !$0.comment.isEmpty && $0.text.count <= 44 }.map(\.text.count).max()
    return map { line in
      guard !line.comment.isEmpty else { return line.text }
      let gap = Swift.max(0, (column ?? 0) - line.text.count)
      return "\(line.text)\(String(repeating: " ", count: gap))  # \(line.comment)"
    }
  }
}

extension CommentedLine {
  static let testShare = CommentedLine("  test: 0.15", "held out for nn-dist evaluate, by the seed")
  static let validationShare = CommentedLine(
    "  validation: 0.15", "watched during training: it decides when to stop")
  static let stratified = CommentedLine(
    "  split: stratified", "each class has its share in each set")
  static let seed = CommentedLine("seed: 1", "everything random follows from it")

  static func batch(_ size: Int) -> CommentedLine {
    CommentedLine("  batch: \(size)", "samples in a step, the same on any number of processes")
  }

  static func output(of outcome: Outcome) -> CommentedLine {
    CommentedLine(
      "  - dense: \(outcome.outputs)",
      outcome.loss == "mse" ? "a number for each target" : "a score for each class")
  }

  static func epochs(_ count: Int) -> CommentedLine {
    CommentedLine("  epochs: \(count)", "at most")
  }

  static func earlyStop(patience: Int) -> CommentedLine {
    CommentedLine(
      "  early_stop: {patience: \(patience)}", "and the best epoch is the one that counts")
  }
}
