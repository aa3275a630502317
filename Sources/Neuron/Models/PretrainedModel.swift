public import Foundation
internal import Diagnostics
internal import ModelFiles

/// What layers and weights can be read from.
public protocol ModelBuilder {
  /// Where the model is.
  var fileURL: URL { get }
}

/// A `.smodel` file of Neuron, of either generation, or one of our own.
public struct PretrainedModel: ModelBuilder, Sendable {
  /// Where the file is.
  public var fileURL: URL
  /// Whether the weights of a file of Neuron 1 lie as its releases 1.5 and 1.6 compute with them; nil decides by
  /// what else the file holds.
  public var isPermuted: Bool?
  /// Which release of Neuron 1 wrote the file, such as `"1.4.2"` or `"1.6"`; nil decides by what the file holds.
  public var release: String?
  /// Whether lobes that normalise use the mean and variance that a file of Neuron 1 holds, as Neuron does while
  /// a brain is not `trainable`, and not those of each vector.
  public var usesMovingStatistics: Bool

  /// A file that is read when a brain is made of it.
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
