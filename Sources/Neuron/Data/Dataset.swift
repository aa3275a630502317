internal import Foundation

/// Training and validation samples.
public typealias DatasetData = (training: [ConvTrainingData], val: [ConvTrainingData])

/// Samples that are built from files.
public protocol Dataset {
  /// The samples, once they are built.
  var data: DatasetData { get set }
  /// Whether the samples are built.
  var complete: Bool { get set }

  /// Reads the bytes of a file from an offset on, each divided by a number; nothing if it cannot be
  /// read.
  func read<T: FloatingPoint>(path: String, offset: Int, scaleBy: T) -> [T]

  /// Builds the samples and returns them.
  func build() async -> DatasetData
}

extension Dataset {
  /// Reads the bytes of a file from an offset on, each divided by a number; nothing if it cannot be
  /// read.
  public func read<T: FloatingPoint>(path: String, offset: Int, scaleBy: T) -> [T] {
    guard offset >= 0, let bytes = FileManager.default.contents(atPath: path) else { return [] }
    return bytes.dropFirst(offset).map { T(Int($0)) / scaleBy }
  }
}
