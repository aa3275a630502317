internal import Diagnostics
internal import HDF5Files

/// The tokens of some files in parts of one length; the targets of a part are the next tokens.
///
/// The files are encoded twice, since a cache begins with the number of samples.
final class TextSamples: SampleReader {
  let count: Int
  let shape: [Int]
  let number = Dataset.Number.int32
  let targets: TargetKind
  let targetSource: String
  let normalisation: Normalisation? = .identity
  let tokens: Tokeniser?
  let unknownCount: Int
  private(set) var next: Int32?
  private var blocks: TextBlocks
  private var encoder: TextEncoder
  /// The tokens of a block, and the place of the next one to give away.
  private var pending: [Int32] = []
  private var place = 0

  /// Messages name the `source` of the files.
  init(
    _ paths: [String], _ tokeniser: Tokeniser, length: Int, source: String
  ) throws(Failure) {
    var blocks = TextBlocks(paths)
    var encoder = TextEncoder(tokeniser)
    var (total, part) = (0, [Int32]())
    while try blocks.next({ (block, isEnd, path) throws(Failure) in
      try encoder.encode(block, isEnd: isEnd, of: path, into: &part)
    }) {
      total += part.count
      part.removeAll(keepingCapacity: true)
    }
    guard total > length else {
      throw Failure(
        .badData,
        "'\(source)': expected more than the \(length.grouped) tokens of a sample, found "
          + "\(total.grouped); give a longer text, or set a smaller length")
    }
    count = (total - 1) / length
    shape = [length]
    targets = .classes(names: tokeniser.names, shape: [length])
    targetSource = source
    tokens = tokeniser
    unknownCount = encoder.unknownCount
    self.blocks = TextBlocks(paths)
    self.encoder = TextEncoder(tokeniser)
  }

  /// Writes tokens in the type of a cache, and no targets: they are among the samples.
  func read(
    _ count: Int, samples: UnsafeMutableRawBufferPointer, targets: UnsafeMutableRawBufferPointer
  ) throws(Failure) {
    switch tokens?.storedType {
    case .uint8: try unsafe read(into: samples.assumingMemoryBound(to: UInt8.self))
    case .uint16: try unsafe read(into: samples.assumingMemoryBound(to: UInt16.self))
    default: try unsafe read(into: samples.assumingMemoryBound(to: Int32.self))
    }
  }

  private func read<Number: FixedWidthInteger>(
    into target: UnsafeMutableBufferPointer<Number>
  ) throws(Failure) {
    var written = 0
    while written < target.count {
      try fill()
      let part = pending[place...].prefix(target.count - written)
      for token in part {
        unsafe target[written] = Number(truncatingIfNeeded: token)
        written += 1
      }
      place += part.count
    }
  }

  func finish() throws(Failure) {
    try fill()
    next = pending[place]
  }

  /// Encodes on until there is a token to give away.
  private func fill() throws(Failure) {
    while place == pending.count {
      pending.removeAll(keepingCapacity: true)
      place = 0
      let isMore = try blocks.next { (block, isEnd, path) throws(Failure) in
        try encoder.encode(block, isEnd: isEnd, of: path, into: &pending)
      }
      guard isMore else {
        throw Failure(.badData, "'\(targetSource)' changed while it was read: try again")
      }
    }
  }
}
