package import Diagnostics
internal import Files
internal import HDF5Files

/// A form in which weights leave this program.
package enum ExportFormat: String, CaseIterable, Sendable {
  /// HDF5 with nothing but the weights, a dataset `<layer>/<parameter>` for each.
  case h5
}

/// What an export has written.
package struct Export: Equatable, Sendable {
  package let path: String
  package let tensors: Int
  package let parameters: Int
}

extension Checkpoint {
  /// Where an export of it goes if nothing else is said: `model.h5` of its run.
  package func exportPath(_ format: ExportFormat) -> String {
    let folder = directoryName(path)
    let run = baseName(folder) == "checkpoints" ? directoryName(folder) : folder
    return "\(run)/model.\(format.rawValue)"
  }

  /// Writes the weights in another form, whole or not at all.
  package func export(
    _ format: ExportFormat, to path: String, replacing: Bool = false
  ) throws(Failure) -> Export {
    guard isDirectory(directoryName(path)) else {
      throw Failure(
        .cannotCreate, "cannot create '\(path)': there is no folder '\(directoryName(path))'")
    }
    guard fileStatus(path) == nil || replacing && !isDirectory(path) else {
      throw Failure(
        .cannotCreate,
        "'\(path)' exists already; write elsewhere with --output FILE"
          + (isDirectory(path) ? "" : " or replace it with --force"))
    }
    let layout = try layout(of: .weights)
    let file = TemporaryFile(for: path)
    switch format {
    case .h5: try writeHDF5(layout, to: file.path)
    }
    try file.synchronize()
    try file.rename(to: path)
    try synchronizeDirectory(directoryName(path))
    return Export(path: path, tensors: layout.tensors.count, parameters: layout.count)
  }

  private func writeHDF5(_ layout: TensorLayout, to path: String) throws(Failure) {
    var writer = try HDF5Writer(creating: path)
    for tensor in layout.tensors {
      let values = try values(of: tensor, in: .weights)
      try unsafe values.withUnsafeBufferPointer { values throws(Failure) in
        try unsafe writer.write(values, shape: tensor.shape, to: tensor.name)
      }
    }
    try writer.close()
  }
}
