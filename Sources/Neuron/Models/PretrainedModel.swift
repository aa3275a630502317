public import Foundation
internal import Diagnostics
internal import ModelFiles

/// A source of layers and weights.
public protocol ModelBuilder {
  /// The file of the model.
  var fileURL: URL { get }
}

/// A `.smodel` file of Neuron 1, Neuron 2 or this package.
public struct PretrainedModel: ModelBuilder, Sendable {
  /// The file.
  public var fileURL: URL
  /// Whether a file of Neuron 1 has the weight layout of releases 1.5 and 1.6; nil decides by the
  /// contents of the file.
  public var isPermuted: Bool?
  /// The release of Neuron 1 that wrote the file, such as `"1.4.2"` or `"1.6"`; nil decides by the
  /// contents of the file.
  public var release: String?
  /// Whether normalised lobes use the stored mean and variance, as Neuron does while a brain is not
  /// `trainable`, and not those of each vector.
  public var usesMovingStatistics: Bool

  /// A file; it is read when a brain is made from it.
  public init(
    url file: URL, isPermuted: Bool? = nil, release: String? = nil,
    usesMovingStatistics: Bool = false
  ) {
    fileURL = file
    self.isPermuted = isPermuted
    self.release = release
    self.usesMovingStatistics = usesMovingStatistics
  }

  func stored() throws(Failure) -> StoredModel {
    let known = release.flatMap(BrainRelease.init)
    if let release, known == nil { throw Failure(.usage, BrainRelease.unknown(release)) }
    return try StoredModel(
      reading: fileURL.path,
      StoredModel.Choices(
        layout: isPermuted.map { $0 ? .permuted : .natural }, release: known,
        usesStoredStatistics: usesMovingStatistics))
  }
}
