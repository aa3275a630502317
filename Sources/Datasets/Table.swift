internal import Configuration
internal import Diagnostics

/// Samples that the configuration lists, for small examples; they are not normalised.
enum Table {
  static let keys = [
    Key(
      "samples", .list(of: .list(of: .number(in: .any), count: 1...100_000), count: 1...100_000),
      default: .absent, help: "table: the samples, a list of numbers each"),
    Key(
      "targets", .list(of: .list(of: .number(in: .any), count: 1...100_000), count: 1...100_000),
      default: .absent, help: "table: the real numbers to predict, a list for each sample"),
    Key(
      "labels", .list(of: .integer(in: -1...99_999), count: 1...100_000), default: .absent,
      help:
        "table: the class of each sample, counted from 0, -1 where it is ignored, if no targets are"
        + " given"),
    Key(
      "weights",
      .oneOf([
        .choice(["balanced"]),
        .list(of: .number(in: .from(0, to: 1e30)), count: 1...100_000),
      ]), default: .absent,
      help: "balanced: in training all classes weigh the same, the more samples a class has, the"
        + " less each of them; of a table also the weight of each sample's loss; the mean is over"
        + " samples, not weights"),
  ]

  static func dataset(_ settings: Settings) throws(Failure) -> Dataset {
    guard let samples = settings.optionalValue("samples")?.list else {
      throw settings.failure(at: "dataset", "a table needs samples, such as 'samples: [[0.5, 1]]'")
    }
    let (width, numbers) = try matrix(samples, "samples", settings)
    return Dataset(
      shape: [width], elements: .floats(numbers),
      targets: try targets(of: samples.count, settings),
      weights: try weights(of: samples.count, settings),
      normalisation: .identity)
  }

  private static func targets(
    of count: Int, _ settings: Settings
  ) throws(Failure) -> Dataset.Targets {
    let (targets, labels) = (settings.optionalValue("targets"), settings.optionalValue("labels"))
    guard (targets == nil) != (labels == nil), let rows = (targets ?? labels)?.list else {
      throw settings.failure(
        at: targets == nil ? "samples" : "labels",
        "a table needs either targets (real numbers) or labels (classes), "
          + "found \(targets == nil ? "neither" : "both")")
    }
    let key = targets == nil ? "labels" : "targets"
    try requireOne(for: count, rows, key, settings)
    guard targets != nil else {
      let labels = rows.map { Int32($0.integer) }
      let classes = settings.optionalInteger("classes") ?? max(1, Int(labels.max() ?? 0) + 1)
      if let place = labels.firstIndex(where: { $0 >= classes }) {
        throw settings.failure(
          at: key,
          "expected classes from 0 to \(classes - 1), found \(labels[place]) in number \(place + 1)"
        )
      }
      return .classes(labels, names: Dataset.Targets.numbered(classes))
    }
    let (width, numbers) = try matrix(rows, key, settings)
    return .values(numbers, shape: [width])
  }

  private static func weights(
    of count: Int, _ settings: Settings
  ) throws(Failure) -> [Float]? {
    guard case .list(let weights) = settings.optionalValue("weights") else { return nil }
    try requireOne(for: count, weights, "weights", settings)
    return weights.map { Float($0.number) }
  }

  private static func requireOne(
    for count: Int, _ values: [Setting], _ key: String, _ settings: Settings
  ) throws(Failure) {
    guard values.count == count else {
      throw settings.failure(
        at: key,
        "expected one for each of the \(count.grouped) samples, found \(values.count.grouped)")
    }
  }

  /// The numbers of rows of one length.
  private static func matrix(
    _ rows: [Setting], _ key: String, _ settings: Settings
  ) throws(Failure) -> (width: Int, numbers: [Float]) {
    let width = rows[0].list.count
    for (index, row) in rows.enumerated() where row.list.count != width {
      throw settings.failure(
        at: key,
        "expected \(width) numbers in each list, as in the first, "
          + "found \(row.list.count) in number \(index + 1)")
    }
    let numbers = rows.flatMap { $0.list.map(\.number) }
    if let place = numbers.firstIndex(where: { !Float($0).isFinite }) {
      throw settings.failure(
        at: key,
        "\(shortest(numbers[place])) in list \(place / width + 1) is too large for float32")
    }
    return (width, numbers.map { Float($0) })
  }
}
