internal import Configuration
internal import Diagnostics
internal import Files
internal import Glibc

/// Text files, of which a network learns each token from those before it.
struct TextFiles: DescribedFormat {
  static let record = Record(
    "text", main: "training",
    keys: [
      Key(
        "training", .text,
        help: "the file to learn from, or a folder of files, which are read in the order of their"
          + " names"),
      Key("test", .text, default: .absent, help: "such a file or folder to be tested with"),
      Key(
        "tokens", .choice(TextUnit.self), default: "characters",
        help: "what a text is split into: characters and words that are rare or unknown become one"
          + " token, words have the space before them, bpe is byte-pair encoding"),
      Key(
        "vocabulary", .oneOf([.integer(in: 2...Tokeniser.sizeLimit), .text]), default: .absent,
        help: "the most tokens, for bpe at least 256; or for bpe a folder with vocab.json and"
          + " merges.txt in GPT-2's form; left out, 4096 for bpe and else as many as there are"),
      Key(
        "length", .integer(in: 1...1_000_000), default: 64,
        help: "the tokens of a sample: the text is cut into such parts"),
    ],
    help: "Text files in UTF-8, or any files for the tokens bytes and bpe.")

  /// The number of tokens of bpe where none is given.
  private static let pairsSize = 4096
  /// The most bytes that words and byte pairs are learned from.
  private static let learningLimit = 1 << 28

  let files: [String]
  private let training: Source
  private let test: Source?
  private let unit: TextUnit
  private let size: Int?
  /// The files of a vocabulary in GPT-2's form.
  private let vocabulary: (tokens: String, merges: String)?
  private let length: Int

  /// A file, or all files of a folder.
  private struct Source {
    let path: String
    let files: [String]
  }

  init(_ settings: Settings, folder: String) throws(Failure) {
    training = try Self.source(settings.text("training"), in: folder)
    test = try settings.optionalText("test").map { name throws(Failure) in
      try Self.source(name, in: folder)
    }
    let texts = training.files + (test?.files ?? [])
    unit = settings.choice("tokens")
    length = settings.integer("length")
    switch settings.optionalValue("vocabulary") {
    case .text(let name)?:
      guard unit == .bpe else {
        throw settings.failure(
          at: "vocabulary",
          "expected at least 2 tokens; only byte pairs are read from files, with tokens: bpe")
      }
      let (tokens, merges) = (
        try locate("\(name)/vocab.json", in: folder), try locate("\(name)/merges.txt", in: folder)
      )
      vocabulary = (tokens, merges)
      size = nil
      files = texts + [tokens, merges]
    case let number:
      size = number?.integer ?? (unit == .bpe ? Self.pairsSize : nil)
      guard unit != .bpe || size ?? 0 >= 256, unit != .bytes || number == nil else {
        throw settings.failure(
          at: "vocabulary",
          unit == .bpe ? "expected at least 256, the bytes" : "there are 256 bytes: leave it out")
      }
      vocabulary = nil
      files = texts
    }
  }

  /// A file for a network whose tokens are known.
  init(file: String, length: Int) {
    training = Source(path: file, files: [file])
    files = training.files
    self.length = length
    (test, unit, size, vocabulary) = (nil, .characters, nil, nil)
  }

  private static func source(_ name: String, in folder: String) throws(Failure) -> Source {
    let path = try locate(name, in: folder)
    let files = try files(of: name, in: folder)
    guard !files.isEmpty else { throw Failure(.noInput, "'\(path)' holds no files") }
    return Source(path: path, files: files)
  }

  /// A file, or all files of a folder and its folders by their names; hidden ones are left out.
  private static func files(of name: String, in folder: String) throws(Failure) -> [String] {
    let path = try locate(name, in: folder)
    guard fileStatus(path)?.kind == S_IFDIR else { return [path] }
    var files: [String] = []
    for entry in try fileNames(in: path) where !entry.hasPrefix(".") {
      files += try self.files(of: "\(name)/\(entry)", in: folder)
    }
    return files
  }

  func open(
    _ options: ReadingOptions
  ) throws(Failure) -> (training: any SampleReader, test: (any SampleReader)?) {
    let tokeniser =
      if let known = options.known?.coding.tokens { known } else { try tokeniser(options) }
    func samples(_ source: Source) throws(Failure) -> TextSamples {
      try TextSamples(source.files, tokeniser, length: length, source: source.path)
    }
    return (try samples(training), try test.map(samples))
  }

  /// The tokens of the part of the text that is not held out.
  private func tokeniser(_ options: ReadingOptions) throws(Failure) -> Tokeniser {
    if let vocabulary {
      return try Tokeniser(vocabulary: vocabulary.tokens, merges: vocabulary.merges)
    }
    guard unit != .bytes else { return .bytes }
    let bytes = training.files.reduce(0) { $0 + Int(fileStatus($1)?.st_size ?? 0) }
    let limit = options.heldOut.map { Int((Double(bytes) * (1 - $0)).rounded()) } ?? .max
    var learner = VocabularyLearner(unit)
    var blocks = TextBlocks(
      training.files, upTo: unit == .characters ? limit : min(limit, Self.learningLimit))
    while !learner.isFull,
      try blocks.next({ (block, isEnd, path) throws(Failure) in
        try learner.read(block, isEnd: isEnd, of: path)
      })
    {}
    return learner.tokeniser(size: size)
  }
}
