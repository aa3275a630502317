internal import Configuration
package import Diagnostics

extension DataConfiguration {
  /// Refuses settings that belong to another dataset and would have no effect.
  func checkKeys() throws(Failure) {
    let tableKeys = Table.keys.map(\.name).filter { $0 != "weights" || !hasBalancedWeights }
    let foreign: [String] =
      switch source {
      case .table: ["train_samples", "test_samples", "from", "steps", "horizon"]
      case .drawn(let drawn):
        tableKeys + ["from", "classes"] + (drawn.steps == nil ? ["steps"] : [])
          + (drawn.horizon == nil ? ["horizon"] : [])
      case .named, .described: tableKeys + ["steps", "horizon"]
      }
    if let key = foreign.first(where: { settings.optionalValue($0) != nil }) {
      throw settings.failure(at: key, "means nothing for the dataset \(name): leave it out")
    }
    try checkSplit()
    guard masked == nil || !hasStreams else {
      throw settings.failure(
        at: "masked",
        "hidden tokens are new ones in each epoch, and streams are to be read as they are: leave "
          + "masked or order: streams out")
    }
    guard case .drawn(let drawn) = source, let fewest = drawn.steps?.fewest,
      let steps = settings.optionalInteger("steps"), steps < fewest
    else { return }
    throw settings.failure(at: "steps", "expected at least \(fewest) for \(name), found \(steps)")
  }

  /// Checks settings that depend on the shape, the type and the number of samples.
  func checkSamples(
    _ training: Dataset.Outline, isHeldOut: Bool = false
  ) throws(Failure) {
    if let problem = augmentation(seed: 0)?.misfit(training) {
      throw settings.failure(at: "augment", problem)
    }
    guard masked == nil || training.isText && training.isCached else {
      throw settings.failure(
        at: "masked", "hides tokens of text files, and \(name) is none: leave it out")
    }
    if settings.value("normalise") == .choice("symmetric"), training.number != .uint8 {
      throw settings.failure(
        at: "normalise", "symmetric is for pixels, the samples are real numbers: use true or false")
    }
    if case .share = validation, training.count < 2, !isHeldOut {
      throw settings.failure(
        at: "validation", "a share of the training set needs at least 2 samples, it has 1")
    }
  }

  /// Refuses a number of classes for data that name their classes, or have none.
  func checkClasses(_ targets: Dataset.Targets) throws(Failure) {
    guard let count = settings.optionalInteger("classes") else { return }
    guard let names = targets.classNames else {
      throw settings.failure(at: "classes", "the data have no classes: leave it out")
    }
    guard names != Dataset.Targets.numbered(count) else { return }
    throw settings.failure(
      at: "classes",
      "the data have \(names.count) classes with names (\(names.prefix(3).joined(separator: ", "))"
        + "\(names.count > 3 ? ", …" : "")): leave it out")
  }

  /// Refuses another normalisation than the network was trained with.
  func checkNormalisation(_ known: KnownCoding) throws(Failure) {
    let scales = known.coding.normalisation
    guard normalisation(scales) != scales else { return }
    throw settings.failure(
      at: "normalise",
      "the weights that this run begins with were trained on other numbers: leave it out")
  }

  /// Refuses an order in which the next batch does not go on where a state was left.
  package func checkStreams(for state: String) throws(Failure) {
    guard !hasStreams else { return }
    throw settings.failure(
      at: "order",
      "'\(state)' is carried from batch to batch, and shuffled batches do not go on from each other:"
        + (masked == nil ? " set order: streams, or leave carry out" : " leave carry or masked out")
    )
  }

  func checkBatch(_ count: Int) throws(Failure) {
    guard isBatchGiven, batch > count else { return }
    throw settings.failure(
      at: "batch",
      "a batch of \(batch.grouped) samples is larger than the training set of \(count.grouped);"
        + " use a batch of at most \(count.grouped)")
  }

  /// Refuses real targets that a loss cannot take, and names the place of the first.
  package func checkTargets(
    of splits: Splits, within range: ClosedRange<Float>, for loss: String
  ) throws(Failure) {
    let names = ["training", "validation", "test"]
    for (name, set) in zip(names, [splits.training, splits.validation, splits.test]) {
      guard let set, let (sample, target) = set.firstTarget(outside: range) else { continue }
      let bounds = "\(Int(range.lowerBound)) to \(Int(range.upperBound))"
      if source == .table {
        throw settings.failure(
          at: "targets",
          "expected numbers from \(bounds) for \(loss), found \(target) in number \(sample + 1)")
      }
      // A table that was divided has samples of its own in each set.
      let place = set.columns == nil ? "" : " of the \(name) set"
      throw Failure(
        .badData,
        "\(set.source.map { "'\($0)': " } ?? "")sample \(sample)\(place) has the target \(target), "
          + "expected \(bounds) for \(loss)")
    }
  }
}
