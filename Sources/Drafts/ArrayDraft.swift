internal import Datasets
internal import Diagnostics
internal import Files
internal import HDF5Files

/// What the arrays of an HDF5 file are taken for.
struct ArrayDraft {
  private let path: String
  private let samples: String
  private let targets: String
  private let shape: [Int]
  private let count: Int
  private let outcome: Outcome
  /// The arrays of a test set, if their names say so.
  private let test: (samples: String, targets: String)?

  private struct Array {
    let path: String
    let type: String
    let shape: [Int]
    var count: Int { shape[0] }
    var isWhole: Bool { type.contains("int") || type == "enumeration" }
    var isOfNumbers: Bool { isWhole || type.hasPrefix("float") }
  }

  init(_ path: String, targets names: [String]) throws(Failure) {
    self.path = path
    let file = try HDF5Reader(opening: path)
    let arrays = try file.outline().compactMap { entry -> Array? in
      guard case .dataset(let type, let shape) = entry.content, let count = shape.first, count > 0
      else { return nil }
      return Array(path: entry.path, type: type, shape: shape)
    }.filter(\.isOfNumbers)
    guard names.count <= 1 else {
      throw Failure(.usage, "--target: an HDF5 file has one array of targets: name one")
    }
    let training = arrays.filter { !Self.isOfTest($0.path) }
    let targets = try Self.targets(names.first, training, path)
    let others = training.filter { $0.path != targets.path && $0.count == targets.count }
    guard let samples = others.max(by: { $0.shape.reduce(1, *) < $1.shape.reduce(1, *) }) else {
      throw Failure(
        .badData,
        "'\(path)': no array holds samples for the \(targets.count.grouped) targets of"
          + " '\(targets.path)'")
    }
    (self.samples, self.targets, count) = (samples.path, targets.path, samples.count)
    shape = Swift.Array(samples.shape.dropFirst())
    guard 1...3 ~= shape.count else {
      throw Failure(
        .badData,
        "'\(path)': '\(samples.path)' has samples of \(shape), expected [features],"
          + " [steps, features] or images")
    }
    if targets.isWhole, targets.shape.dropFirst().reduce(1, *) == 1 {
      outcome = try Self.classes(file, targets)
    } else {
      outcome = .numbers(targets.shape.dropFirst().reduce(1, *))
    }
    test = Self.pair(like: samples.path, targets.path, among: arrays.map(\.path))
  }

  /// The array to predict: the one that is named, or one with a usual name.
  private static func targets(
    _ name: String?, _ arrays: [Array], _ path: String
  ) throws(Failure) -> Array {
    let known = arrays.map(\.path)
    if let name {
      guard let array = arrays.first(where: { $0.path == name || "/\($0.path)" == name }) else {
        throw Failure(
          .usage,
          "--target: '\(path)' has no array '\(name)'\(Suggestion.hint(for: name, among: known))")
      }
      return array
    }
    let usual = ["y", "labels", "label", "targets", "target", "classes", "class"]
    for word in usual {
      if let array = arrays.first(where: { words(of: $0.path).contains(word) }) { return array }
    }
    throw Failure(
      .usage,
      "'\(path)' has the arrays \(known.prefix(20).joined(separator: ", ")): name the one to"
        + " predict by --target")
  }

  /// The words of a path: `train/y`, `y_train` and `Y` have the word `y`.
  private static func words(of path: String) -> [String] {
    path.lowercased().split { !$0.isLetter }.map(String.init)
  }

  private static func isOfTest(_ path: String) -> Bool {
    words(of: path).contains("test")
  }

  /// The arrays of a test set that are called like those of training.
  private static func pair(
    like samples: String, _ targets: String, among paths: [String]
  ) -> (samples: String, targets: String)? {
    func other(_ path: String) -> String? {
      let own = words(of: path).filter { $0 != "train" && $0 != "training" }
      return paths.first { isOfTest($0) && words(of: $0).filter { $0 != "test" } == own }
    }
    guard let samples = other(samples), let targets = other(targets) else { return nil }
    return (samples, targets)
  }

  /// The classes of an array of labels, counted from 0.
  private static func classes(
    _ file: borrowing HDF5Reader, _ array: Array
  ) throws(Failure) -> Outcome {
    let rows = try file.rows(of: array.path)
    var counts: [Int64: Int] = [:]
    var labels = [Int64](repeating: 0, count: min(array.count, 1 << 16))
    for start in stride(from: 0, to: array.count, by: labels.count) {
      let part = start..<min(array.count, start + labels.count)
      try unsafe labels.withUnsafeMutableBufferPointer { buffer throws(Failure) in
        if let base = buffer.baseAddress { try unsafe rows.read(part, into: base) }
      }
      for label in labels[..<part.count] where label >= 0 { counts[label, default: 0] += 1 }
    }
    return .classes(Int(counts.keys.max() ?? 0) + 1, fewest: counts.values.min() ?? 0)
  }

  // MARK: The configuration

  private var isLabelled: Bool { if case .classes = outcome { true } else { false } }

  private func pair(_ samples: String, _ targets: String) -> String {
    "{samples: \(yaml(samples)), \(isLabelled ? "labels" : "targets"): \(yaml(targets))}"
  }

  var lines: [CommentedLine] {
    var lines: [CommentedLine] = [
      "data:", "  dataset:", "    hdf5:", "      file: \(yaml(baseName(path)))",
      "      training: \(pair(samples, targets))",
    ]
    if let test { lines.append("      test: \(pair(test.samples, test.targets))") }
    if shape.count == 2 || shape.count == 3 && !isImage {
      lines.append(CommentedLine("      channels: none", "samples are no images"))
    } else if hasChannelsFirst {
      lines.append(CommentedLine("      channels: first", "of images, as PyTorch has them"))
    }
    if test == nil { lines.append(.testShare) }
    lines.append(.validationShare)
    if outcome.isStratified { lines.append(.stratified) }
    return lines + networkLines
  }

  private var isImage: Bool {
    shape.count == 3 && ([1, 3].contains(shape[2]) || hasChannelsFirst)
  }

  private var hasChannelsFirst: Bool {
    shape.count == 3 && [1, 3].contains(shape[0]) && ![1, 3].contains(shape[2])
  }

  private var networkLines: [CommentedLine] {
    let samples = test == nil ? count * 85 / 100 : count
    if isImage {
      let sides = hasChannelsFirst ? Swift.Array(shape[1...]) : Swift.Array(shape[..<2])
      return ImageRecipe(samples: samples, sides: sides, outcome).lines
    }
    let recipe = Recipe(
      samples: samples, outcome,
      inputLines: shape.count == 1
        ? [CommentedLine("  - batchnorm", "brings each feature to mean 0 and deviation 1")]
        : ["  - lstm: {units: 64, output: last}"])
    return [recipe.batchLine] + recipe.modelLines + recipe.trainingLines
  }

  var findings: [String] {
    let kind = isLabelled ? "\(outcome.outputs) classes" : "real numbers"
    return [
      "\(baseName(path)): \(count.grouped) samples of"
        + " \(shape.map(String.init).joined(separator: "x")), to predict \(targets)",
      "  \(samples)  the samples", "  \(targets)  \(kind)",
    ] + (test.map { ["  \($0.samples), \($0.targets)  the test set"] } ?? [])
  }
}
