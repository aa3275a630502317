internal import Configuration
internal import Diagnostics

/// Reads the samples of a training or test set from its files, from the first to the last.
protocol SampleReader: AnyObject {
  var count: Int { get }
  /// Of one sample, channels last.
  var shape: [Int] { get }
  var number: Dataset.Number { get }
  var targets: TargetKind { get }
  /// The file of the targets, for messages.
  var targetSource: String { get }
  /// Nil if it is to be measured.
  var normalisation: Normalisation? { get }
  /// How the columns of a table become samples, if they do.
  var columns: CSVColumns? { get }
  /// How a text becomes samples, if it does.
  var tokens: Tokeniser? { get }
  /// How a text becomes targets, if it does.
  var targetTokens: Tokeniser? { get }
  /// The number of symbols of a text that are no tokens.
  var unknownCount: Int { get }
  /// The token of a text behind the last sample, after `finish`.
  var next: Int32? { get }
  /// The steps of the parts of series, one after the other, where samples are windows of them.
  var series: [ArraySlice<Float>]? { get }
  /// The validation set of a training set that comes with one.
  var heldOut: (any SampleReader)? { get }

  /// Reads the next samples and their targets (`Int32` classes or `Float` numbers).
  func read(
    _ count: Int, samples: UnsafeMutableRawBufferPointer, targets: UnsafeMutableRawBufferPointer
  ) throws(Failure)

  /// Of the samples that were read; nil if they all count the same.
  var weights: [Float]? { get }

  /// The arrays besides samples, targets and weights.
  var fields: [Field] { get }

  /// Reads the parts of a field, by its place in `fields`, that belong to some samples.
  func read(
    _ rows: Range<Int>, ofField place: Int, into target: UnsafeMutableRawBufferPointer
  ) throws(Failure)

  /// The name of a sample in messages.
  func name(of sample: Int) -> String

  /// Checks that nothing follows the last sample.
  func finish() throws(Failure)
}

extension SampleReader {
  var normalisation: Normalisation? { nil }
  var columns: CSVColumns? { nil }
  var tokens: Tokeniser? { nil }
  var targetTokens: Tokeniser? { nil }
  var unknownCount: Int { 0 }
  var next: Int32? { nil }
  var series: [ArraySlice<Float>]? { nil }
  var heldOut: (any SampleReader)? { nil }
  var weights: [Float]? { nil }
  var fields: [Field] { [] }

  func read(
    _ rows: Range<Int>, ofField place: Int, into target: UnsafeMutableRawBufferPointer
  ) throws(Failure) {
    preconditionFailure("the files have no fields")
  }

  func name(of sample: Int) -> String { "'\(targetSource)': sample \(sample)" }
  func finish() {}
}

/// The targets of a file's samples.
enum TargetKind: Equatable {
  /// Without names the classes are those that occur.
  case classes(names: [String]?, shape: [Int] = [])
  case values(shape: [Int])
  case none

  /// The number of targets of a sample.
  var perSample: Int {
    switch self {
    case .classes(_, let shape), .values(let shape): shape.reduce(1, *)
    case .none: 0
    }
  }

  /// Whether kind and shape are the same; the names of classes may differ.
  func isLike(_ other: TargetKind) -> Bool {
    switch (self, other) {
    case (.classes(_, let shape), .classes(_, let others)): shape == others
    default: self == other
    }
  }

  /// For messages.
  var text: String {
    switch self {
    case .classes(_, []): "a class a sample"
    case .classes(_, let shape): "\(shape.text) classes a sample"
    case .values(let shape): "\(shape.isEmpty ? "1" : shape.text) real numbers a sample"
    case .none: "no targets"
    }
  }

  /// The bytes of one sample's targets.
  var byteCount: Int { 4 * perSample }
}

/// Files of samples with their targets.
protocol SourceFormat {
  /// The paths of all files.
  var files: [String] { get }

  /// A known coding decides the number type, the columns of a table and the order of classes with
  /// names; the caller checks everything else.
  func open(
    _ options: ReadingOptions
  ) throws(Failure) -> (training: any SampleReader, test: (any SampleReader)?)
}

/// A kind of files that a configuration or a descriptor can name.
protocol DescribedFormat: SourceFormat {
  static var record: Record { get }

  /// `folder` has the files.
  init(_ settings: Settings, folder: String) throws(Failure)
}
