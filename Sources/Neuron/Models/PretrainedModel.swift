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

  /// A file that is read when a brain is made of it.
  public init(url file: URL) { fileURL = file }

  func stored() throws(Failure) -> StoredModel { try StoredModel(reading: fileURL.path) }
}
