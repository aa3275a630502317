internal import Diagnostics
internal import Graphs
internal import HDF5Files

/// The contents of a checkpoint besides tensors.
struct CheckpointMetadata: Equatable {
  /// The version of the format; nil for exported weights.
  var format: Int? = Self.newest
  let state: CheckpointState
  let step: Int
  /// The digest of all tensors.
  let digest: String
  let configuration: String
  /// How data become samples, and what outputs mean.
  let coding: String
  let metrics: String

  /// The format that is written.
  private static let newest = 3
  /// The oldest format that can be read.
  private static let oldest = 2

  var isResumable: Bool { format == Self.newest }

  func write(to file: inout HDF5Writer) throws(Failure) {
    try file.createGroup("state")
    try file.set("format", of: "state", to: .integer(Int64(Self.newest)))
    try file.set("step", of: "state", to: .integer(Int64(step)))
    try file.set("tensor_digest", of: "state", to: .text(digest))
    for entry in state.entries { try file.set(entry.name, of: "state", to: entry.value) }
    try file.write(configuration, to: "config")
    try file.write(coding, to: "coding")
    try file.write(metrics, to: "metrics")
  }
}

extension CheckpointMetadata {
  init(reading file: borrowing HDF5Reader) throws(Failure) {
    if let exported = try Self(exportedIn: file) {
      self = exported
      return
    }
    guard try file.contains("state"), let format = try file.attribute("format", of: "state") else {
      throw Failure(.badData, "'\(file.path)' is not a checkpoint: its state has no format")
    }
    guard case .integer(let number) = format, (Self.oldest...Self.newest).contains(Int(number))
    else {
      throw Failure(
        .badData,
        "'\(file.path)' has format \(format), expected \(Self.oldest) or \(Self.newest): read it "
          + "with the version of this program that wrote it")
    }
    self.format = Int(number)
    let entries = try file.attributes(of: "state").map {
      CheckpointState.Entry(name: $0.name, value: $0.value)
    }
    let all = CheckpointState(source: file.path, entries)
    step = try all.integer("step")
    digest = try all.text("tensor_digest")
    state = CheckpointState(
      source: file.path, entries.filter { !CheckpointState.reserved.contains($0.name) })
    configuration = try file.text("config")
    coding = try file.text("coding")
    metrics = try file.text("metrics")
  }

  /// Reads what exported weights have beside them; nil for a checkpoint.
  private init?(exportedIn file: borrowing HDF5Reader) throws(Failure) {
    guard try file.attribute(Self.exportMark, of: "/") == .integer(Int64(Self.newestExport)) else {
      return nil
    }
    var entries: [CheckpointState.Entry] = []
    for name in ["step", "tensor_digest"] {
      guard let value = try file.attribute(name, of: "/") else { continue }
      entries.append(CheckpointState.Entry(name: name, value: value))
    }
    let all = CheckpointState(source: file.path, entries)
    format = nil
    self.state = CheckpointState(source: file.path, [])
    step = try all.integer("step")
    digest = try all.text("tensor_digest")
    configuration = try file.text(Self.configurationName)
    coding = try file.text(Self.codingName)
    metrics = ""
  }

  /// The attribute of exported weights with what a network needs beside them, and its value.
  static let exportMark = "nn_dist_export"
  private static let newestExport = 1

  /// The texts beside the weights.
  static let configurationName = "config"
  static let codingName = "coding"

  /// Writes what a network needs beside its weights, whose layers are groups of the file.
  func write(beside layout: TensorLayout, to file: inout HDF5Writer) throws(Failure) {
    for name in [Self.configurationName, Self.codingName]
    where layout.tensors.contains(where: { $0.isIn([name]) }) {
      throw Failure(
        .badConfiguration,
        "the layer '\(name)' has the name of a text that stands beside the weights: give it another "
          + "name, or export with --to checkpoint")
    }
    try file.set(Self.exportMark, of: "/", to: .integer(Int64(Self.newestExport)))
    try file.set("step", of: "/", to: .integer(Int64(step)))
    try file.set("tensor_digest", of: "/", to: .text(digest))
    try file.write(configuration, to: Self.configurationName)
    try file.write(coding, to: Self.codingName)
  }
}
