internal import Configuration
internal import Diagnostics

/// The samples of one set as its files hold them, from the first to the last.
protocol SampleReader: AnyObject {
  var count: Int { get }
  /// Of one sample, channels last.
  var shape: [Int] { get }
  var number: Dataset.Number { get }
  var targets: TargetKind { get }
  /// What messages about targets name.
  var targetSource: String { get }
  /// Nil where it is to be measured.
  var normalisation: Normalisation? { get }
  /// How the numbers of a sample came about, where samples are the rows of a table.
  var columns: CSVColumns? { get }

  /// Reads the samples that come next, and their targets (`Int32` classes or `Float` numbers).
  func read(
    _ count: Int, samples: UnsafeMutableRawBufferPointer, targets: UnsafeMutableRawBufferPointer
  ) throws(Failure)

  /// What is named besides samples and answers.
  var fields: [Field] { get }

  /// Reads the parts of such a field that belong to some samples.
  func read(
    _ rows: Range<Int>, ofField place: Int, into target: UnsafeMutableRawBufferPointer
  ) throws(Failure)

  /// What messages call a sample whose targets are wrong.
  func name(of sample: Int) -> String

  /// Checks that nothing follows the last sample.
  func finish() throws(Failure)
}

extension SampleReader {
  var normalisation: Normalisation? { nil }
  var columns: CSVColumns? { nil }
  var fields: [Field] { [] }

  func read(
    _ rows: Range<Int>, ofField place: Int, into target: UnsafeMutableRawBufferPointer
  ) throws(Failure) {
    preconditionFailure("the files have no further fields")
  }

  func name(of sample: Int) -> String { "'\(targetSource)': sample \(sample)" }
  func finish() {}
}

/// What there is to learn about a sample.
enum TargetKind: Equatable {
  /// The number of its class; without names the classes are those that occur.
  case classes(names: [String]?, shape: [Int] = [])
  case values(shape: [Int])
  case none

  /// How many targets a sample has.
  var perSample: Int {
    switch self {
    case .classes(_, let shape), .values(let shape): shape.reduce(1, *)
    case .none: 0
    }
  }

  /// Whether targets are of the same kind and shape, whatever the names of classes.
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
    case .none: "no answers"
    }
  }

  /// The bytes of one sample's targets.
  var byteCount: Int { 4 * perSample }
}

/// Files that hold samples with their answers.
protocol SourceFormat {
  /// The paths of all files, in their folder.
  var files: [String] { get }

  /// A known coding decides the type of numbers, the columns of a table and the places of classes that
  /// have names; whether the rest fits is for the caller to see.
  func open(
    _ coding: FileCoding
  ) throws(Failure) -> (training: any SampleReader, test: (any SampleReader)?)
}

/// A way in which a configuration or a descriptor says that files hold a dataset.
protocol DescribedFormat: SourceFormat {
  static var record: Record { get }

  /// `folder` is where the files are.
  init(_ settings: Settings, folder: String) throws(Failure)
}
