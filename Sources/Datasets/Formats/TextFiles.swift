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
    ] + TokenSettings.keys(unit: "characters") + [
      Key(
        "length", .integer(in: 1...1_000_000), default: 64,
        help: "the tokens of a sample: the text is cut into such parts")
    ],
    help: "Text files in UTF-8, or any files for the tokens bytes and bpe.")

  let files: [String]
  private let training: Source
  private let test: Source?
  /// Nil for a network whose tokens are known.
  private let tokens: TokenSettings?
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
    let tokens = try TokenSettings(settings, folder: folder, otherwise: .characters)
    self.tokens = tokens
    length = settings.integer("length")
    files = training.files + (test?.files ?? []) + tokens.files
  }

  /// A file for a network whose tokens are known.
  init(file: String, length: Int) {
    training = Source(path: file, files: [file])
    files = training.files
    self.length = length
    (test, tokens) = (nil, nil)
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
      if let known = options.known?.coding.tokens { known } else { try learned(options) }
    func samples(_ source: Source) throws(Failure) -> TextSamples {
      try TextSamples(source.files, tokeniser, length: length, source: source.path)
    }
    return (try samples(training), try test.map(samples))
  }

  /// The tokens of the part of the text that is not held out.
  private func learned(_ options: ReadingOptions) throws(Failure) -> Tokeniser {
    guard let tokens else { preconditionFailure("neither a network nor settings have tokens") }
    return try tokens.tokeniser { learner throws(Failure) in
      let bytes = training.files.reduce(0) { $0 + Int(fileStatus($1)?.st_size ?? 0) }
      let limit = options.heldOut.map { Int((Double(bytes) * (1 - $0)).rounded()) } ?? .max
      var blocks = TextBlocks(training.files, upTo: min(limit, tokens.learningLimit))
      while !learner.isFull,
        try blocks.next({ (block, isEnd, path) throws(Failure) in
          try learner.read(block, isEnd: isEnd, of: path)
        })
      {}
    }
  }
}
