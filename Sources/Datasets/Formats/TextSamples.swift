internal import Diagnostics
internal import Files
internal import Glibc
internal import Processes

/// The tokens of some files in parts of one length; the targets of a part are the next tokens.
final class TextSamples: SampleReader {
  let count: Int
  let shape: [Int]
  let number = Dataset.Number.int32
  let targets: TargetKind
  let targetSource: String
  let normalisation: Normalisation? = .identity
  let tokens: Tokeniser?
  let unknownCount: Int
  private let stream: [Int32]
  private var place = 0

  /// Messages name the `source` of the files.
  init(
    _ paths: [String], _ tokeniser: Tokeniser, length: Int, source: String
  ) throws(Failure) {
    targetSource = source
    let bytes = paths.reduce(0) { $0 + Int(fileStatus($1)?.st_size ?? 0) }
    try MemoryLimits.require(4 * bytes, for: "the tokens of '\(source)'")
    var encoder = TextEncoder(tokeniser)
    var stream: [Int32] = []
    try TextBlocks.read(paths) { (block, isEnd, path) throws(Failure) in
      try encoder.encode(block, isEnd: isEnd, of: path, into: &stream)
    }
    guard stream.count > length else {
      throw Failure(
        .badData,
        "'\(source)': expected more than the \(length.grouped) tokens of a sample, found "
          + "\(stream.count.grouped); set a smaller length")
    }
    self.stream = stream
    count = (stream.count - 1) / length
    shape = [length]
    targets = .classes(names: tokeniser.names, shape: [length])
    tokens = tokeniser
    unknownCount = encoder.unknownCount
  }

  func read(
    _ count: Int, samples: UnsafeMutableRawBufferPointer, targets: UnsafeMutableRawBufferPointer
  ) {
    let size = count * shape[0]
    unsafe stream.withUnsafeBytes { bytes in
      func copy(from place: Int, to target: UnsafeMutableRawBufferPointer) {
        let part = 4 * place..<4 * (place + size)
        unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[part]))
      }
      unsafe copy(from: place, to: samples)
      unsafe copy(from: place + 1, to: targets)
    }
    place += size
  }
}
