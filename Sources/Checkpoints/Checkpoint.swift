package import Diagnostics
internal import Files
internal import HDF5Files

/// A checkpoint that is open for reading.
package struct Checkpoint: ~Copyable {
  package let path: String
  package let step: Int
  package let state: CheckpointState
  /// The resolved configuration, only what changes bits.
  package let configuration: String
  /// How data become samples and what answers mean, as text.
  package let coding: String
  package let metrics: String
  /// The digest over all tensors: equal exactly when all names, shapes and bits are.
  package let tensorDigest: String
  /// Whether a run can go on from it: older formats have other sums of the epoch.
  package let isResumable: Bool
  /// Whether its bytes are known to be those that were written.
  package let isVerified: Bool
  private let file: HDF5Reader

  /// Opens a checkpoint after its SHA-256 was found to be right.
  package init(opening path: String) throws(Failure) {
    try verifyDigest(of: path)
    try self.init(path, isVerified: true)
  }

  /// Opens a checkpoint to be looked at: it may have lost its `.sha256`, but not differ from it.
  package init(inspecting path: String) throws(Failure) {
    let isVerified = fileStatus(CheckpointDirectory.digestFile(of: path)) != nil
    if isVerified { try verifyDigest(of: path) }
    try self.init(path, isVerified: isVerified)
  }

  private init(_ path: String, isVerified: Bool) throws(Failure) {
    let file = try HDF5Reader(opening: path)
    let contents = try Contents(reading: file)
    self.file = file
    self.path = path
    step = contents.step
    isResumable = contents.isResumable
    state = contents.state
    configuration = contents.configuration
    coding = contents.coding
    metrics = contents.metrics
    tensorDigest = contents.digest
    self.isVerified = isVerified
  }

  /// Whether the checkpoint holds such a group.
  package func contains(_ group: TensorGroup) throws(Failure) -> Bool {
    try file.contains(group.path)
  }

  /// The tensors of a group in the order of their names, one after the other.
  package func layout(of group: TensorGroup) throws(Failure) -> TensorLayout {
    var found: [(name: String, shape: [Int])] = []
    try collect(group.path, "", depth: 0, into: &found)
    return TensorLayout(packing: found)
  }

  /// Reads a group whose tensors must be exactly those of a layout, weights also finite.
  ///
  /// Tensors of the layers excepted are left as they are, and may be missing on either side.
  package func read(
    _ group: TensorGroup, as layout: TensorLayout, except layers: [String] = [],
    into values: UnsafeMutableBufferPointer<Float>
  ) throws(Failure) {
    precondition(layout.count <= values.count, "The buffer holds the layout")
    try check(group, has: layout, except: layers)
    for tensor in layout.tensors where !tensor.isIn(layers) {
      let part = unsafe UnsafeMutableBufferPointer(rebasing: values[tensor.range])
      try unsafe file.read("\(group.path)/\(tensor.name)", shape: tensor.shape, into: part)
      if group == .weights, unsafe !part.allSatisfy({ $0.isFinite }) {
        throw Failure(.badData, "'\(path)': '\(tensor.name)' holds values that are not finite")
      }
    }
  }

  /// The numbers of one tensor of a group, whatever they are.
  package func values(
    of tensor: TensorLayout.Tensor, in group: TensorGroup
  ) throws(Failure) -> [Float] {
    var values = [Float](repeating: 0, count: tensor.count)
    try unsafe values.withUnsafeMutableBufferPointer { values throws(Failure) in
      try unsafe file.read("\(group.path)/\(tensor.name)", shape: tensor.shape, into: values)
    }
    return values
  }

  /// The moments that an optimiser has left, by their names.
  package func moments() throws(Failure) -> [TensorGroup] {
    guard try file.contains("optimizer") else { return [] }
    return try file.members(of: "optimizer").filter(\.isGroup).map { .moment($0.name) }
  }

  /// Refuses a group whose tensors are not exactly those of `layout`, naming the first.
  package func check(
    _ group: TensorGroup, has layout: TensorLayout, except layers: [String] = []
  ) throws(Failure) {
    guard let difference = layout.difference(from: try self.layout(of: group), except: layers)
    else { return }
    let kind = if case .moment = group { "optimizer" } else { "model" }
    throw Failure(.badData, "'\(path)' is of another \(kind): \(difference)")
  }

  private static let depthLimit = 32
  private static let countLimit = 100_000

  private func collect(
    _ group: String, _ prefix: String, depth: Int, into found: inout [(name: String, shape: [Int])]
  ) throws(Failure) {
    guard depth < Self.depthLimit, found.count < Self.countLimit else {
      throw Failure(.badData, "'\(path)': '\(group)' is nested too deep or holds too much")
    }
    for member in try file.members(of: group) {
      if member.isGroup {
        try collect(
          "\(group)/\(member.name)", "\(prefix)\(member.name)/", depth: depth + 1, into: &found)
      } else {
        found.append((prefix + member.name, try file.info(of: "\(group)/\(member.name)").shape))
      }
    }
  }
}
