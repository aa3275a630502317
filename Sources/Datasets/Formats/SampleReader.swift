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

  /// Checks that nothing follows the last sample.
  func finish() throws(Failure)
}

extension SampleReader {
  var normalisation: Normalisation? { nil }
  var columns: CSVColumns? { nil }
  func finish() {}
}

/// What there is to learn about a sample.
enum TargetKind: Equatable {
  /// The number of its class; without names the classes are those that occur.
  case classes(names: [String]?)
  case values(width: Int)

  /// The bytes of one sample's target.
  var byteCount: Int {
    switch self {
    case .classes: 4
    case .values(let width): 4 * width
    }
  }
}

/// A way in which files hold a dataset.
protocol SourceFormat {
  /// What a configuration or a descriptor says of it.
  static var record: Record { get }

  /// `folder` is where the files are.
  init(_ settings: Settings, folder: String) throws(Failure)

  /// The paths of all files, in the folder.
  var files: [String] { get }

  func open() throws(Failure) -> (training: any SampleReader, test: (any SampleReader)?)
}
