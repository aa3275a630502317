package import Diagnostics
internal import Files
package import Graphs
internal import HDF5Files

/// A file format for exported weights.
package enum ExportFormat: String, CaseIterable, Sendable {
  /// HDF5 with a dataset `<layer>/<parameter>` for each parameter, and beside them the
  /// configuration and the coding of the network.
  case h5
  /// A model of the Swift package Neuron.
  case smodel
  /// A checkpoint of the network alone: without the state of the optimizer, and without LoRA.
  case checkpoint

  /// Throws if an export cannot be written to a path; it may only replace a regular file.
  package static func check(_ path: String, replacing: Bool) throws(Failure) {
    guard isDirectory(directoryName(path)) else {
      throw Failure(
        .cannotCreate, "cannot create '\(path)': there is no folder '\(directoryName(path))'")
    }
    guard !isDirectory(path) else {
      throw Failure(.cannotCreate, "'\(path)' exists already, and is a folder")
    }
    try checkReplaceable(path)
    guard fileStatus(path) == nil || replacing else {
      throw Failure(
        .cannotCreate,
        "'\(path)' exists already; write elsewhere with --output FILE or replace it with --force")
    }
  }
}

/// The result of an export.
package struct Export: Equatable, Sendable {
  package let path: String
  package let tensors: Int
  package let parameters: Int

  package init(path: String, tensors: Int, parameters: Int) {
    self.path = path
    self.tensors = tensors
    self.parameters = parameters
  }

  package init(path: String, _ layout: TensorLayout) {
    self.init(
      path: path, tensors: layout.tensors.count,
      parameters: layout.tensors.reduce(0) { $0 + $1.count })
  }
}

extension CheckpointDirectory {
  /// Returns the default path of an export: `model.h5`, `model.smodel` or `model.checkpoint` of the
  /// run.
  package func exportPath(_ format: ExportFormat) -> String {
    let run = baseName(path) == "checkpoints" ? directoryName(path) : path
    return "\(run)/model.\(format.rawValue)"
  }
}

extension Checkpoint {
  /// Writes a checkpoint with other weights and another configuration, and without moments.
  ///
  /// `values` is called once per tensor.
  package func export(
    _ layout: TensorLayout, configuration: String, to path: String,
    _ values: (TensorLayout.Tensor) throws(Failure) -> [Float]
  ) throws(Failure) -> Export {
    var writer = try CheckpointWriter(exporting: path, step: step)
    for tensor in layout.tensors {
      let values = try values(tensor)
      try unsafe values.withUnsafeBufferPointer { values throws(Failure) in
        try unsafe writer.write(
          values, as: TensorLayout(packing: [(tensor.name, tensor.shape)]), in: .weights)
      }
    }
    try writer.commit(
      state, configuration: configuration, coding: coding, metrics: metrics, keep: nil)
    return Export(path: path, layout)
  }

  /// Writes weights as HDF5, with a configuration and the coding beside them.
  ///
  /// `values` is called once per tensor.
  package func exportWeights(
    _ layout: TensorLayout, configuration: String, to path: String,
    _ values: (TensorLayout.Tensor) throws(Failure) -> [Float]
  ) throws(Failure) -> Export {
    try Export.write(layout, to: path, values) { digest in
      CheckpointMetadata(
        state: CheckpointState(), step: step, digest: digest, configuration: configuration,
        coding: coding, metrics: "")
    }
  }
}

extension Export {
  /// Writes tensors alone as HDF5; the file is complete or absent.
  ///
  /// `values` is called once per tensor.
  package static func write(
    _ layout: TensorLayout, to path: String,
    _ values: (TensorLayout.Tensor) throws(Failure) -> [Float]
  ) throws(Failure) -> Export {
    try write(layout, to: path, values) { _ in nil }
  }

  /// `network` makes of the digest of the tensors what stands beside them.
  fileprivate static func write(
    _ layout: TensorLayout, to path: String,
    _ values: (TensorLayout.Tensor) throws(Failure) -> [Float],
    beside network: (_ digest: String) -> CheckpointMetadata?
  ) throws(Failure) -> Export {
    let file = TemporaryFile(for: path)
    var writer = try HDF5Writer(creating: file.path)
    var digest = TensorDigest()
    for tensor in layout.tensors {
      let values = try values(tensor)
      try unsafe values.withUnsafeBufferPointer { values throws(Failure) in
        try unsafe writer.write(values, shape: tensor.shape, to: tensor.name)
        unsafe digest.add(tensor.name, tensor.shape, values)
      }
    }
    try network(digest.finish())?.write(beside: layout, to: &writer)
    try writer.close()
    try file.synchronize()
    try file.rename(to: path)
    try synchronizeDirectory(directoryName(path))
    return Export(path: path, layout)
  }
}
