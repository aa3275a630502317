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
  let settings: Settings
  private let reader: TextReader

  /// `count` is the number of texts that are continued side by side; `watchesCells` makes the gates
  /// and states of recurrent layers available to recordings.
  package convenience init(
    _ checkpoint: borrowing Checkpoint, _ settings: Settings, texts count: Int = 1,
    watchesCells: Bool = false
  ) throws(Failure) {
    try self.init(
      StepRunner(checkpoint, sequences: count, watchesCells: watchesCells), settings,
      of: checkpoint.path)
  }

  package init(_ runner: StepRunner, _ settings: Settings, of path: String) throws(Failure) {
    guard let tokeniser = runner.coding.tokens, runner.width == tokeniser.size else {
      throw Failure(
        .badConfiguration,
        "'\(path)' does not predict the next token: expected a last layer of "
          + "\(runner.coding.tokens?.size ?? 0) numbers, found \(runner.width)")
    }
    reader = TextReader(runner)
    self.tokeniser = tokeniser
    self.settings = settings
  }

  var runner: StepRunner { reader.runner }

  /// A sentence for users whose texts were longer than what the network sees of them; nil if none
  /// was.
  package var contextNote: String? {
    guard reader.hasSlid, let context = runner.context else { return nil }
    return "the network sees \(context.grouped) tokens: text behind these follows from the last "
      + "\((context / 2 + 1).grouped) to \(context.grouped)"
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
      if let context = runner.context, tokens.count > context {
        throw Failure(
          .usage,
          "\(source): expected at most \(context.grouped) tokens, the context of the network, "
            + "found \(tokens.count.grouped): leave out the beginning")
      }
      let text = String(decoding: bytes, as: UTF8.self)
      for _ in 0..<count {
        prompts.append(Prompt(text: text, tokens: tokens, number: numbers[tokens, default: 0]))
        numbers[tokens, default: 0] += 1
      }
    }
    return prompts
  }

  /// Draws what follows each prompt, and returns the numbers of tokens.
  ///
  /// `write` gets the number of a prompt and the text behind it in pieces of whole characters, with
  /// whether it is the last one, and returns whether to go on. A text does not depend on other
  /// prompts.
  package func continueTexts(
    of prompts: [Prompt], recording: ActivationRecording? = nil,
    write: (_ prompt: Int, _ piece: String, _ isLast: Bool) -> Bool
  ) throws(Failure) -> [Int] {
    var waiting = Array(prompts.indices.reversed())
    var rows = [Continuation?](repeating: nil, count: runner.count)
    var counts = prompts.map { _ in 0 }
    var scores: UnsafeBufferPointer<Float>?
    while true {
      let free = rows.indices.filter { rows[$0] == nil }
      for row in free {
        rows[row] = waiting.popLast().map { Continuation(of: prompts[$0], at: $0, by: self) }
      }
      // A recording has every token.
      let begun = reader.begin(
        rows.indices.map { row in
          free.contains(row) ? rows[row].map { recording == nil ? $0.prompt : [] } : nil
        })
      for (row, count) in begun.enumerated() { rows[row]?.skip(count) }
      var tokens = [Int32?](repeating: nil, count: rows.count)
      for row in rows.indices {
        guard var text = rows[row] else { continue }
        if let token = text.nextOfPrompt() {
          tokens[row] = token
        } else if let all = unsafe scores {
          let (size, first) = (runner.width, row * runner.width)
          let own = unsafe UnsafeBufferPointer(rebasing: all[first..<first + size])
          let (token, piece) = try unsafe text.draw(from: own, tokeniser)
          tokens[row] = token
          guard piece.isEmpty || write(text.place, piece, false) else { return counts }
        }
        rows[row] = text
      }
      guard tokens.contains(where: { $0 != nil }) else { return counts }
      let next = unsafe reader.read(tokens)
      unsafe scores = next
      for (row, token) in tokens.enumerated() {
        guard let token, let text = rows[row] else { continue }
        if row == 0 { try unsafe recording?.add(token, next, of: runner) }
        counts[text.place] = text.drawn
        guard text.isDone else { continue }
        guard write(text.place, rows[row]?.finish() ?? "", true) else { return counts }
        rows[row] = nil
      }
    }
  }
}

/// A text that is being continued.
private struct Continuation {
  /// The number of its prompt.
  let place: Int
  private(set) var drawn = 0
  /// What is still to be read of the prompt.
  private(set) var prompt: ArraySlice<Int32>
  private var distribution: TokenDistribution
  private var text: OutgoingText
  private let stream: RandomStream
  private let length: Int

  init(of prompt: TextSampler.Prompt, at place: Int, by sampler: TextSampler) {
    let (settings, tokeniser) = (sampler.settings, sampler.tokeniser)
    self.place = place
    self.prompt = prompt.tokens.isEmpty ? [tokeniser.start] : prompt.tokens[...]
    distribution = TokenDistribution(
      settings.choice, tokens: tokeniser.size, excluding: tokeniser.unknownToken)
    for token in prompt.tokens { distribution.add(token) }
    text = OutgoingText(stop: settings.stop)
    stream = RandomStream(
      seed: settings.seed, purpose: .tokens, major: UInt64(prompt.number), minor: prompt.hash)
    length = settings.length
  }

  var isDone: Bool { prompt.isEmpty && (drawn >= length || text.hasEnded) }

  mutating func nextOfPrompt() -> Int32? { prompt.popFirst() }

  /// Leaves out tokens of the prompt that were read.
  mutating func skip(_ count: Int) { prompt.removeFirst(count) }

  /// Draws a token, and returns what can be written of the text.
  mutating func draw(
    from scores: UnsafeBufferPointer<Float>, _ tokeniser: Tokeniser
  ) throws(Failure) -> (token: Int32, piece: String) {
    try unsafe distribution.read(scores)
    let token = distribution.token(at: stream.uniformDouble(at: drawn))
    drawn += 1
    distribution.add(token)
    return (token, text.add(tokeniser.tokens[Int(token)]))
  }

  mutating func finish() -> String { text.finish() }
}
