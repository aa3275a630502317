internal import Checkpoints
internal import Datasets
internal import Diagnostics
internal import Graphs
internal import HDF5Files
internal import Networks
internal import Reports
internal import Training

extension Report {
  /// Describes a checkpoint, the cache of a dataset, or another HDF5 file.
  mutating func describe(hdf5 path: String) throws(Failure) {
    let file = try HDF5Reader(opening: path)
    if try Checkpoint.isExport(file) { return try describe(Checkpoint(inspecting: path)) }
    if try file.contains("state"), try file.contains("weights") {
      return try describe(Checkpoint(inspecting: path))
    }
    if try file.contains("coding"), try file.contains("training/samples") {
      begin(path, "dataset cache")
      return try describe(cache: file)
    }
    begin(path, "HDF5 file")
    add(
      "contents", columns: ["path", "type", "shape"],
      rows: try file.outline().map { entry in
        switch entry.content {
        case .group: [.string(entry.path), .string("group"), .null]
        case .dataset(let type, let shape): [.string(entry.path), .string(type), .shape(shape)]
        case .link: [.string(entry.path), .string("link"), .null]
        case .other: [.string(entry.path), .string("other"), .null]
        }
      })
  }

  private mutating func describe(cache file: borrowing HDF5Reader) throws(Failure) {
    let coding = try SampleCoding(text: file.text("coding"), source: "\(file.path) /coding")
    for set in ["training", "test"] where try file.contains(set) {
      add("\(set) samples", .integer(try coding.sampleCount(of: set, in: file)))
      if let ignored = try coding.ignoredTargets(of: set, in: file) {
        add("\(set) targets ignored", .integer(ignored))
      }
    }
    describe(coding)
    add("sources", text: try file.text("sources"))
    add("coding", text: coding.text)
  }

  private mutating func describe(_ coding: SampleCoding) {
    add("sample", .shape(coding.shape))
    add("numbers", .string(coding.number.rawValue))
    switch coding.targets {
    case .classes(let names, _): add("classes", .array(names.map { .string($0) }))
    // The values of an image have no names.
    case .values(let shape) where shape.count == 1:
      add("targets", .array(coding.targetNames.map { .string($0) }))
    case .values, .none: break
    }
    switch coding.targets {
    case .classes(_, let shape) where !shape.isEmpty: add("targets a sample", .shape(shape))
    case .values(let shape) where shape.count != 1: add("targets a sample", .shape(shape))
    case .classes, .values, .none: break
    }
    if !coding.fields.isEmpty {
      add(
        "fields", columns: ["field", "shape", "numbers"],
        rows: coding.fields.map {
          [.string($0.name), .shape($0.shape), .string($0.number.rawValue)]
        })
    }
  }

  private mutating func describe(_ checkpoint: borrowing Checkpoint) throws(Failure) {
    let path = checkpoint.path
    let configuration = try RunConfiguration(saved: checkpoint.configuration, of: path)
    let coding = try SampleCoding(text: checkpoint.coding, source: "\(path) /coding")
    begin(path, checkpoint.isExport ? "exported network" : "checkpoint")
    if !checkpoint.isExport { add("verified", .boolean(checkpoint.isVerified)) }
    add("step", .integer(checkpoint.step))
    add(
      "state",
      .object(
        checkpoint.state.attributes.map { ($0.name, $0.value.json) }
          + [("tensor_digest", .string(checkpoint.tensorDigest))]))
    describe(configuration)
    describe(coding)
    let layers = try configuration.layers(of: coding)
    add(
      "network", columns: ["layer", "kind", "output", "parameters"],
      rows: layers.map { layer in
        [
          .string(layer.name), .string(layer.kind), .shape(layer.output.extents),
          .integer(layer.parameters),
        ]
      })
    try add(.weights, "weights", of: checkpoint)
    for group in try checkpoint.otherGroups() {
      let name = if case .moment(let name) = group { "moment \(name)" } else { "carried states" }
      try add(group, name, of: checkpoint)
    }
    add("coding", text: checkpoint.coding)
    add("configuration", text: checkpoint.configuration)
    if !checkpoint.isExport { add("metrics", text: checkpoint.metrics) }
  }

  private mutating func add(
    _ group: TensorGroup, _ name: String, of checkpoint: borrowing Checkpoint
  ) throws(Failure) {
    var rows: [[JSONValue]] = []
    for tensor in try checkpoint.layout(of: group).tensors {
      let statistics = TensorStatistics(of: try checkpoint.values(of: tensor, in: group))
      rows.append([
        .string(tensor.name), .shape(tensor.shape), .number(statistics.least),
        .number(statistics.greatest), .number(statistics.mean), .number(statistics.norm),
      ])
    }
    add(name, columns: ["tensor", "shape", "least", "greatest", "mean", "norm"], rows: rows)
  }
}

extension JSONValue {
  static func shape(_ shape: [Int]) -> JSONValue {
    .array(shape.map { .integer($0) })
  }
}

extension HDF5Attribute {
  fileprivate var json: JSONValue {
    switch self {
    case .integer(let value): .integer(Int(value))
    case .number(let value): .number(value)
    case .numbers(let values): .array(values.map { .number($0) })
    case .text(let value): .string(value)
    }
  }
}
