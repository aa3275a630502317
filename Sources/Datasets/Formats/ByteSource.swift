internal import Diagnostics

/// The bytes of a file, read once from the first to the last.
protocol ByteSource: AnyObject {
  var path: String { get }

  /// The share of the bytes on the disk that have been read; nil where the end is not known.
  var share: Double? { get }

  /// Fills the buffer; returns fewer bytes only at the end.
  func read(_ target: UnsafeMutableRawBufferPointer) throws(Failure) -> Int
}

extension ByteSource {
  /// The failure of a file with such a problem.
  func damaged(_ problem: String) -> Failure { Failure(.badData, "'\(path)': \(problem)") }
}
