package import Diagnostics
internal import Files
package import Graphs
package import HDF5Files

/// An open checkpoint, or exported weights with the configuration and the coding beside them.
package struct Checkpoint: ~Copyable {
  package let path: String
  package let step: Int
  package let state: CheckpointState
  /// The configuration as YAML, with only the settings that change the result.
  package let configuration: String
  /// The sample coding as text: how data become samples, and what outputs mean.
  package let coding: String
  package let metrics: String
  /// The digest of all tensors; equal only if all names, shapes and bits are.
  package let tensorDigest: String
  /// Whether a run can resume from it; format 2 has no sums of the epoch.
  package let isResumable: Bool
  /// Whether it holds the weights of a network alone, in groups of their layers.
  package let isExport: Bool
  /// Whether its SHA-256 was verified.
  package let isVerified: Bool
  private let file: HDF5Reader

  /// Opens a checkpoint after verifying its SHA-256; exported weights have none.
  package init(opening path: String) throws(Failure) {
    let isVerified = fileStatus(CheckpointDirectory.digestFile(of: path)) != nil
    if !isVerified, try Self.isExport(path) {
      try self.init(path, isVerified: false)
      return
    }
    try verifyDigest(of: path)
    try self.init(path, isVerified: true)
  }

  /// Whether a file holds exported weights; throws if it is HDF5, and no checkpoint either.
  private static func isExport(_ path: String) throws(Failure) -> Bool {
    guard HDF5Reader.declaredSize(of: path) != nil else { return false }
    let file = try HDF5Reader(opening: path)
    if try isExport(file) { return true }
    guard try !file.contains("state") else { return false }
    throw Failure(
      .badData,
      "'\(path)' is no checkpoint, and has no configuration and coding of a network beside its "
        + "weights; an export of an older version does not have them: export it again from its run")
  }

  /// Whether a file holds exported weights with the configuration and the coding of their network.
  package static func isExport(_ file: borrowing HDF5Reader) throws(Failure) -> Bool {
    try file.attribute(CheckpointMetadata.exportMark, of: "/") != nil
  }

  /// Opens a checkpoint to inspect it; the `.sha256` may be missing, but must not differ.
  package init(inspecting path: String) throws(Failure) {
    let isVerified = fileStatus(CheckpointDirectory.digestFile(of: path)) != nil
    if isVerified { try verifyDigest(of: path) }
    try self.init(path, isVerified: isVerified)
  }

  private init(_ path: String, isVerified: Bool) throws(Failure) {
    let file = try HDF5Reader(opening: path)
    let metadata = try CheckpointMetadata(reading: file)
    self.file = file
    self.path = path
    step = metadata.step
    isResumable = metadata.isResumable
    isExport = metadata.format == nil
    state = metadata.state
    configuration = metadata.configuration
    coding = metadata.coding
    metrics = metadata.metrics
    tensorDigest = metadata.digest
    self.isVerified = isVerified
  }

  /// Returns whether the checkpoint contains a group of tensors.
  package func contains(_ group: TensorGroup) throws(Failure) -> Bool {
    isExport ? group == .weights : try file.contains(group.path)
  }

  /// Where the tensors of a group are.
  private func place(of group: TensorGroup) -> String { isExport ? "" : group.path }

  /// Returns the tensors of a group, sorted by name and packed.
  package func layout(of group: TensorGroup) throws(Failure) -> TensorLayout {
    var found: [(name: String, shape: [Int])] = []
    try collect(place(of: group), "", depth: 0, into: &found)
    return TensorLayout(packing: found)
  }

  /// Reads a group whose tensors must be those of a layout; weights and states must be finite.
  package func read(
    _ group: TensorGroup, as layout: TensorLayout, into values: UnsafeMutableBufferPointer<Float>
  ) throws(Failure) {
    precondition(layout.count <= values.count, "The buffer holds the layout")
    try check(group, has: layout)
    for tensor in layout.tensors {
      let part = unsafe UnsafeMutableBufferPointer(rebasing: values[tensor.range])
      try unsafe file.read(
        "\(place(of: group))/\(tensor.name)", shape: tensor.shape, into: part)
      if [.weights, .carried].contains(group), unsafe !part.allSatisfy({ $0.isFinite }) {
        throw Failure(.badData, "'\(path)': '\(tensor.name)' contains values that are not finite")
      }
    }
  }

  /// Returns the values of a tensor, which need not be finite.
  package func values(
    of tensor: TensorLayout.Tensor, in group: TensorGroup
  ) throws(Failure) -> [Float] {
    var values = [Float](repeating: 0, count: tensor.count)
    try unsafe values.withUnsafeMutableBufferPointer { values throws(Failure) in
      try unsafe file.read(
        "\(place(of: group))/\(tensor.name)", shape: tensor.shape, into: values)
    }
    return values
  }

  /// Returns the optimiser's moments in the checkpoint.
  package func moments() throws(Failure) -> [TensorGroup] {
    guard !isExport, try file.contains("optimizer") else { return [] }
    return try file.members(of: "optimizer").filter(\.isGroup).map { .moment($0.name) }
  }

  /// Returns the groups beside the weights.
  package func otherGroups() throws(Failure) -> [TensorGroup] {
    try moments() + (contains(.carried) ? [.carried] : [])
  }

  /// Throws unless the tensors of a group are those of `layout`; the failure names the first
  /// difference.
  package func check(_ group: TensorGroup, has layout: TensorLayout) throws(Failure) {
    guard let difference = layout.difference(from: try self.layout(of: group)) else { return }
    let kind = if case .moment = group { "optimizer" } else { "model" }
    throw Failure(.badData, "'\(path)' is of another \(kind): \(difference)")
  }

  private static let depthLimit = 32
  private static let countLimit = 100_000

  private func collect(
    _ group: String, _ prefix: String, depth: Int, into found: inout [(name: String, shape: [Int])]
  ) throws(Failure) {
    guard depth < Self.depthLimit, found.count < Self.countLimit else {
      throw Failure(.badData, "'\(path)': '\(group)' is nested too deep or has too many tensors")
    }
    for member in try file.members(of: group.isEmpty ? "/" : group) {
      if isExport, depth == 0, !member.isGroup { continue }
      if member.isGroup {
        try collect(
          "\(group)/\(member.name)", "\(prefix)\(member.name)/", depth: depth + 1, into: &found)
      } else {
        found.append((prefix + member.name, try file.info(of: "\(group)/\(member.name)").shape))
      }
    }
  }
}
