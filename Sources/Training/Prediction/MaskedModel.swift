internal import Checkpoints
internal import Datasets
internal import Diagnostics
internal import Execution
internal import Graphs
internal import Networks

/// A trained network that predicts hidden tokens, for texts of any length.
///
/// A text that is shorter than the samples of training is read by the same network with fewer
/// steps. Of a longer one it reads the part around each mask.
@safe final class MaskedModel {
  let tokeniser: Tokeniser
  private let configuration: RunConfiguration
  /// The tokens of a sample of training.
  private let steps: Int
  private let layout: TensorLayout
  private let weights: Arena
  private let vector: ParameterVector
  /// The program for the length that was asked for last.
  private var reader: (length: Int, executable: any Executable, session: any Session)?

  private var mask: Int32 { Int32(tokeniser.size) }

  init(_ checkpoint: borrowing Checkpoint) throws(Failure) {
    let path = checkpoint.path
    configuration = try RunConfiguration(saved: checkpoint.configuration, of: path)
    let coding = try SampleCoding(text: checkpoint.coding, source: "\(path) /coding")
    guard let tokeniser = coding.tokens, coding.masked != nil else {
      preconditionFailure("the network was not trained on hidden tokens")
    }
    self.tokeniser = tokeniser
    steps = coding.shape[0]
    layout = try Self.network(configuration, tokeniser, steps: steps).parameters.layout
    weights = try Arena(byteCount: 4 * layout.count)
    let start = unsafe weights.start.bindMemory(to: Float.self, capacity: layout.count)
    try unsafe checkpoint.read(
      .weights, as: layout, into: UnsafeMutableBufferPointer(start: start, count: layout.count))
    vector = unsafe ParameterVector(start: start, layout: layout)
  }

  private static func network(
    _ configuration: RunConfiguration, _ tokeniser: Tokeniser, steps: Int
  ) throws(Failure) -> Network {
    try Network(
      configuration.settings, sample: [steps],
      targets: .classes(
        tokeniser.size, shape: [steps], tokens: tokeniser.size + 1, text: .masked))
  }

  /// The tokens of a text, in which `mark` stands for a hidden one.
  func encode(
    _ text: String, mark: String, by encoder: inout TextEncoder, of source: String
  ) throws(Failure) -> [Int32] {
    var tokens: [Int32] = []
    var parts = text.split(separator: mark, omittingEmptySubsequences: false)[...]
    while let part = parts.popFirst() {
      var bytes = Array(part.utf8)
      // A word has the space before it, so the space before a mask is hidden with its word.
      if !parts.isEmpty, [.words, .bpe].contains(tokeniser.unit), bytes.last == UInt8(ascii: " ") {
        bytes.removeLast()
      }
      _ = try encoder.encode(bytes.span, isEnd: true, of: source, into: &tokens)
      if !parts.isEmpty { tokens.append(mask) }
    }
    guard tokens.contains(mask) else {
      throw Failure(
        .badData, "\(source): expected a text with \(mark) for each token to be filled in")
    }
    return tokens
  }

  /// Calls `body` with the place of each mask and the probabilities of all tokens there.
  func predict(
    _ tokens: [Int32], of source: String, _ body: (Int, UnsafeBufferPointer<Float>) -> Void
  ) throws(Failure) {
    let length = min(tokens.count, steps)
    let session = try session(length, for: source)
    var last: Int?
    for place in tokens.indices where tokens[place] == mask {
      // The mask is in the middle, where the text allows it.
      let first = max(0, min(place - length / 2, tokens.count - length))
      if first != last {
        for (step, token) in tokens[first..<first + length].enumerated() {
          unsafe session.input("samples")?.storeBytes(
            of: token, toByteOffset: 4 * step, as: Int32.self)
        }
        unsafe session.run(RandomPosition(seed: 0, step: 0, firstSample: 0), gradient: nil)
        last = first
      }
      let answers = unsafe session.output("answers").assumingMemoryBound(to: Float.self)
      unsafe body(
        place,
        UnsafeBufferPointer(
          start: answers + (place - first) * tokeniser.size, count: tokeniser.size))
    }
  }

  /// A session for one text of so many tokens, which reads the weights where they are.
  private func session(_ length: Int, for source: String) throws(Failure) -> any Session {
    if let reader, reader.length == length { return reader.session }
    // Memory is free before it is taken again.
    reader = nil
    guard let network = try? Self.network(configuration, tokeniser, steps: length),
      network.parameters.layout.isBeginning(of: layout)
    else {
      throw Failure(
        .badData,
        "\(source): the network reads \(steps.grouped) tokens and no fewer, found \(length): give "
          + "a longer text")
    }
    let executable = try configuration.engine.prepare(
      network.answeringProgram(samples: 1, input: SampleInput(.int32)), parameters: vector,
      isa: configuration.isa)
    let session = try executable.makeSession(in: Arena(byteCount: executable.arenaByteCount))
    executable.packWeights()
    reader = (length, executable, session)
    return session
  }
}

extension TensorLayout {
  /// Whether each tensor is one of another layout, or its first rows: fewer steps need the first
  /// rows of learned positions.
  fileprivate func isBeginning(of other: TensorLayout) -> Bool {
    tensors.allSatisfy { tensor in
      other[tensor.name].map {
        $0.shape.dropFirst() == tensor.shape.dropFirst() && tensor.count <= $0.count
      } ?? false
    }
  }
}
