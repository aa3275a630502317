package import Checkpoints
internal import Datasets
package import Diagnostics
internal import Randomness

/// Continues texts with a network that was trained to predict the next token.
@safe package final class TextSampler {
  package struct Settings: Sendable {
    package var choice = TokenChoice()
    /// The number of tokens to draw.
    package var length = 500
    /// Ends a text where it appears in what is drawn.
    package var stop: String?
    package var seed: UInt64

    package init(seed: UInt64) { self.seed = seed }
  }

  /// A text to continue.
  package struct Prompt: Sendable {
    package let text: String
    let tokens: [Int32]
    /// The number of earlier prompts that are equal: each has random numbers of its own.
    let number: Int

    /// FNV-1a, so that other prompts have other random numbers.
    fileprivate var hash: UInt32 {
      tokens.reduce(2_166_136_261) { ($0 ^ UInt32(bitPattern: $1)) &* 16_777_619 }
    }
  }

  let tokeniser: Tokeniser
  let runner: StepRunner
  let settings: Settings
  private var distribution: TokenDistribution

  /// `watchesCells` makes the gates and states of recurrent layers available to recordings.
  package convenience init(
    _ checkpoint: borrowing Checkpoint, _ settings: Settings, watchesCells: Bool = false
  ) throws(Failure) {
    try self.init(
      StepRunner(checkpoint, watchesCells: watchesCells), settings, of: checkpoint.path)
  }

  package init(_ runner: StepRunner, _ settings: Settings, of path: String) throws(Failure) {
    guard let tokeniser = runner.coding.tokens, runner.width == tokeniser.size else {
      throw Failure(
        .badConfiguration,
        "'\(path)' does not predict the next token: expected a last layer of "
          + "\(runner.coding.tokens?.size ?? 0) numbers, found \(runner.width)")
    }
    self.runner = runner
    self.tokeniser = tokeniser
    self.settings = settings
    distribution = TokenDistribution(
      settings.choice, tokens: tokeniser.size, excluding: tokeniser.unknownToken)
  }

  /// Encodes texts, each several times if it is to be continued several times.
  package func prompts(
    _ texts: [(text: String, source: String)], each count: Int = 1
  ) throws(Failure) -> [Prompt] {
    var prompts: [Prompt] = []
    var numbers: [[Int32]: Int] = [:]
    for (text, source) in texts {
      let bytes = text.pathBytes
      let tokens = try tokeniser.encode(prompt: bytes, source: source)
      let text = String(decoding: bytes, as: UTF8.self)
      for _ in 0..<count {
        prompts.append(Prompt(text: text, tokens: tokens, number: numbers[tokens, default: 0]))
        numbers[tokens, default: 0] += 1
      }
    }
    return prompts
  }

  /// Draws what follows a prompt, and returns the number of tokens.
  ///
  /// `write` gets the text in pieces of whole characters, and returns whether to go on. The text
  /// does not depend on other prompts.
  package func continueText(
    of prompt: Prompt, recording: ActivationRecording? = nil, write: (String) -> Bool
  ) throws(Failure) -> Int {
    runner.restart()
    distribution.restart()
    var scores = unsafe prompt.tokens.isEmpty ? runner.step([tokeniser.start]) : nil
    func read(_ token: Int32) throws(Failure) {
      let next = unsafe runner.step([token])
      unsafe scores = next
      distribution.add(token)
      try unsafe recording?.add(token, next, of: runner)
    }
    for token in prompt.tokens { try read(token) }
    let stream = RandomStream(
      seed: settings.seed, purpose: .tokens, major: UInt64(prompt.number), minor: prompt.hash)
    var text = OutgoingText(stop: settings.stop)
    var drawn = 0
    while drawn < settings.length, !text.hasEnded, let found = unsafe scores {
      try unsafe distribution.read(found)
      let token = distribution.token(at: stream.uniformDouble(at: drawn))
      drawn += 1
      let piece = text.add(tokeniser.tokens[Int(token)])
      guard piece.isEmpty || write(piece) else { return drawn }
      try read(token)
    }
    _ = write(text.finish())
    return drawn
  }
}
