package import Diagnostics
internal import Files
internal import Glibc
package import Graphs
internal import HDF5Files

/// A group of tensors in a checkpoint: `/weights`, `/optimizer/<moment>`, or `/carried`, the states
/// of recurrent layers.
package enum TensorGroup: Hashable, Sendable {
  case weights
  case moment(String)
  case carried

  package var path: String {
    switch self {
    case .weights: "weights"
    case .moment(let name): "optimizer/\(name)"
    case .carried: "carried"
    }
  }
}

/// Writes a checkpoint under a temporary name; `commit` gives it its final name.
///
/// Groups of tensors are written one after the other, so the caller can reuse one buffer.
package struct CheckpointWriter: ~Copyable {
  private let directory: CheckpointDirectory
  /// Its final path.
  private let name: String
  private let step: Int
  private var file: HDF5Writer
  private let data: TemporaryFile
  private var groups: [(group: TensorGroup, layout: TensorLayout)] = []
  private var digest = TensorDigest()

  package init(step: Int, in directory: CheckpointDirectory) throws(Failure) {
    try self.init(directory.file(ofStep: step), step: step, in: directory)
  }

  /// Writes a checkpoint outside the directory of a run.
  init(exporting name: String, step: Int) throws(Failure) {
    try self.init(name, step: step, in: CheckpointDirectory(directoryName(name)))
  }

  private init(_ name: String, step: Int, in directory: CheckpointDirectory) throws(Failure) {
    try directory.checkNotMoved()
    let data = TemporaryFile(for: name)
    do {
      file = try HDF5Writer(creating: data.path)
    } catch  where error.code == .cannotCreate {
      // The run could create files here when it started.
      throw Failure(.inputOutput, error.message)
    }
    self.data = data
    self.name = name
    self.directory = directory
    self.step = step
  }

  /// Writes a group of tensors; throws if weights are not finite.
  package mutating func write(
    _ values: UnsafeBufferPointer<Float>, as layout: TensorLayout, in group: TensorGroup
  ) throws(Failure) {
    precondition(layout.count <= values.count, "The buffer holds the layout")
    for tensor in layout.tensors {
      let part = unsafe UnsafeBufferPointer(rebasing: values[tensor.range])
      if group == .weights, unsafe !part.allSatisfy({ $0.isFinite }) {
        throw Failure(
          .notFinite, "step \(step): '\(tensor.name)' is not finite, no checkpoint is written")
      }
      let path = "\(group.path)/\(tensor.name)"
      try unsafe file.write(part, shape: tensor.shape, to: path)
      unsafe digest.add(path, tensor.shape, part)
    }
    groups.append((group, layout))
  }

  /// Completes the checkpoint, verifies it by reading it back, and renames it.
  ///
  /// Then removes all checkpoints but the `keep` newest, that of step `best` and this one, unless
  /// `keep` is nil.
  package consuming func commit(
    _ state: CheckpointState, configuration: String, coding: String, metrics: String, keep: Int?,
    best: Int? = nil
  ) throws(Failure) {
    let digest = digest.finish()
    let metadata = CheckpointMetadata(
      state: state, step: step, digest: digest, configuration: configuration, coding: coding,
      metrics: metrics)
    try metadata.write(to: &file)
    try file.close()
    try Self.readBack(data.path, groups, metadata)

    let digestFile = CheckpointDirectory.digestFile(of: name)
    let line = "\(try SHA256.of(file: data.path))  \(baseName(name))\n"
    let sidecar = TemporaryFile(for: digestFile)
    // Until the data are replaced, the digest file must also list the digest of the old data.
    let replaced = fileStatus(name) == nil ? "" : (try? readText(digestFile)) ?? ""
    try sidecar.write(line + replaced)
    try data.synchronize()
    try sidecar.synchronize()
    try directory.checkNotMoved()
    try sidecar.rename(to: digestFile)
    try data.rename(to: name)
    try synchronizeDirectory(directory.path)
    if !replaced.isEmpty {
      try directory.checkNotMoved()
      try writeAtomically(line, to: digestFile)
    }

    if let keep { try directory.rotate(best: best, keeping: keep, sparing: step) }
  }

  private static func readBack(
    _ path: String, _ groups: [(group: TensorGroup, layout: TensorLayout)],
    _ metadata: CheckpointMetadata
  ) throws(Failure) {
    let reader = try HDF5Reader(rereading: path)
    var digest = TensorDigest()
    for (group, layout) in groups {
      var values: [Float] = []
      for tensor in layout.tensors {
        let path = "\(group.path)/\(tensor.name)"
        if values.count < tensor.count { values = Array(repeating: 0, count: tensor.count) }
        try unsafe values.withUnsafeMutableBufferPointer { values throws(Failure) in
          let part = unsafe UnsafeMutableBufferPointer(rebasing: values[..<tensor.count])
          try unsafe reader.read(path, shape: tensor.shape, into: part)
          unsafe digest.add(path, tensor.shape, UnsafeBufferPointer(part))
        }
      }
    }
    guard try CheckpointMetadata(reading: reader) == metadata, digest.finish() == metadata.digest
    else {
      throw Failure(.inputOutput, "'\(path)' differs from what was written when it is read back")
    }
  }
}

/// Computes the digest of the names, types, shapes and bytes of tensors, in the order of writing.
struct TensorDigest: ~Copyable {
  private var digest = SHA256()

  mutating func add(_ path: String, _ shape: [Int], _ values: UnsafeBufferPointer<Float>) {
    digest.update("\(path) float32 \(shape)\n")
    unsafe digest.update(UnsafeRawBufferPointer(values))
  }

  consuming func finish() -> String { digest.finish() }
}
