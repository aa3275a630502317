internal import Elementary

/// All metrics.
extension Metric {
  static let all: [Metric] = [
    .top(1), intersectionOverUnion, perplexity, bitsPerByte, meanAbsoluteError, rootMeanSquare,
    determination, match, f1,
    generatorLoss,
    wasserstein, gradientNorm, gradientPenalty, criticAccuracy,
  ]

  // MARK: Of classes

  package static func top(_ count: Int) -> Metric {
    Metric(
      count == 1 ? "accuracy" : "top\(count)",
      "the share of targets whose class has the greatest value", .fraction,
      isBetterWhenGreater: true,
      from: .classes(range: count...Int.max) { predictions, record, place in
        for target in 0..<predictions.count where predictions.isCounted(target) {
          record.add(predictions.isAmong(count, target) ? 1 : 0, to: place.own)
        }
      })
  }

  /// For each class one part: of the targets that are of the class or predicted as it, the share
  /// that are both.
  package static let intersectionOverUnion = Metric(
    "iou",
    "intersection over union: targets that are of a class and predicted as it over those that are"
      + " either, a mean over classes",
    .fraction, isBetterWhenGreater: true,
    from: .classes(range: 1...1000) { predictions, record, place in
      for target in 0..<predictions.count where predictions.isCounted(target) {
        let (label, best) = (predictions.label(target), predictions.best(target))
        record.add(label == best ? 1 : 0, to: place.part(label))
        if label != best { record.add(0, to: place.part(best)) }
      }
    }, sumsPerClass: 1,
    value: { _, classes in
      let found = classes.compactMap(\.mean)
      return found.isEmpty ? nil : found.reduce(0, +) / Double(found.count)
    })

  package static let perplexity = Metric(
    "perplexity",
    "e to the loss of cross_entropy: a choice among so many equally probable classes has that loss",
    .number, isBetterWhenGreater: false,
    from: .classes(range: 1...Int.max, requires: .logLikelihood) { predictions, record, place in
      record.add(predictions.nats, targets: predictions.counted, to: place.own)
    }, value: { own, _ in own.mean.map { Double.exp($0) } })

  package static let bitsPerByte = Metric(
    "bits_per_byte",
    "of a text with the loss cross_entropy: the bits of all tokens over their bytes, as a compressor"
      + " would need; an unknown symbol counts as one byte",
    .number, isBetterWhenGreater: false,
    from: .classes(range: 1...Int.max, requires: .tokens) { predictions, record, place in
      record.add(
        predictions.nats / Double.log(2), targets: predictions.byteCount, to: place.own)
    })

  // MARK: Of real targets

  package static let meanAbsoluteError = Metric(
    "mae", "the mean absolute error over samples and outputs", .number, isBetterWhenGreater: false,
    from: .values(needsVariances: false) { predictions, record, place in
      for sample in 0..<predictions.samples {
        // A mean over all targets if none is ignored; else over those that count.
        let size = predictions.ignoresSome ? 1 : Double(predictions.size)
        var (sum, counted) = (0.0, 0)
        for target in predictions.targets(of: sample) where predictions.isCounted(target) {
          sum += abs(predictions.error(target)) / size
          counted += 1
        }
        record.add(sum, targets: predictions.ignoresSome ? counted : 1, to: place.own)
      }
    })

  /// For each target along the last axis one part, its mean squared error.
  package static let rootMeanSquare = Metric(
    "rmse", "the root of the mean squared error over samples and outputs", .number,
    isBetterWhenGreater: false,
    from: .values(needsVariances: false) { predictions, record, place in
      for target in 0..<predictions.samples * predictions.size
      where predictions.isCounted(target) {
        let error = predictions.error(target)
        record.add(error * error, to: place.own)
        record.add(error * error, to: place.part(target % predictions.width))
      }
    }, sumsPerClass: 1, value: { own, _ in own.mean?.squareRoot() })

  package static let determination = Metric(
    "r2",
    "one less the squared error over the variance of the targets, a mean over outputs that vary",
    .number, isBetterWhenGreater: true,
    from: .values(needsVariances: true) { predictions, record, place in
      for sample in 0..<predictions.samples {
        var sum = 0.0
        for target in predictions.targets(of: sample) where predictions.isCounted(target) {
          let error = predictions.error(target)
          sum += error * error * predictions.weights[target % predictions.size]
        }
        record.add(sum, to: place.own)
      }
    }, value: { own, _ in own.mean.map { 1 - $0 } })

  package static let match = Metric(
    "match",
    "the share of targets whose greatest output stands where the greatest number does; of single"
      + " outputs, those that are less than a half from their target",
    .fraction, isBetterWhenGreater: true,
    from: .values(needsVariances: false) { predictions, record, place in
      for row in 0..<predictions.rows where predictions.isWholeRow(row) {
        record.add(predictions.isRight(row) ? 1 : 0, to: place.own)
      }
    })

  /// For each label three parts: the share of right ones among those predicted, among those that
  /// are there, and among all.
  ///
  /// Labels neither there nor predicted are left out of the mean.
  package static let f1 = Metric(
    "f1",
    "of real targets 0 or 1 for several labels: the harmonic mean of precision and recall where an"
      + " output above 0.5 predicts a label, a mean over labels",
    .fraction, isBetterWhenGreater: true,
    from: .values(needsVariances: false) { predictions, record, place in
      for target in 0..<predictions.samples * predictions.size
      where predictions.isCounted(target) {
        let first = 3 * (target % predictions.width)
        let (isPredicted, isThere) = predictions.decision(target)
        if isPredicted { record.add(isThere ? 1 : 0, to: place.part(first)) }
        if isThere { record.add(isPredicted ? 1 : 0, to: place.part(first + 1)) }
        record.add(isPredicted == isThere ? 1 : 0, to: place.part(first + 2))
      }
    }, sumsPerClass: 3,
    value: { _, parts in
      let found = LabelScores(parts).rows.compactMap(\.f1)
      return found.isEmpty ? nil : found.reduce(0, +) / Double(found.count)
    })

  // MARK: Of several outputs

  package static func loss(weight: Double) -> Metric {
    Metric(
      "loss", "the loss of one of several outputs", .number, isBetterWhenGreater: false,
      from: .loss(weight: weight))
  }

  // MARK: Of adversarial runs

  package static let generatorLoss = Metric(
    "generator_loss", "over the samples of the generator's steps", .number,
    isBetterWhenGreater: false, from: .generator)

  package static let wasserstein = Metric(
    "wasserstein",
    "the critic's scores of the data above those of generated samples: an estimate of the"
      + " Wasserstein distance", .number, isBetterWhenGreater: false,
    from: .critic(output: "margins"))

  package static let gradientNorm = Metric(
    "gradient_norm", "the norm of the critic's gradient between those samples", .number,
    isBetterWhenGreater: false, from: .critic(output: "lengths"))

  package static let gradientPenalty = Metric(
    "gradient_penalty", "the gradient-penalty term of the critic's loss", .number,
    isBetterWhenGreater: false, from: .critic(output: "penalties"))

  package static let criticAccuracy = Metric(
    "critic_accuracy", "the share of samples that the critic classifies right", .fraction,
    isBetterWhenGreater: true, from: .critic(output: "hits"))
}

extension Metric {
  /// The names that a configuration can give.
  package static let names =
    all.filter { $0.isOfClasses || $0.isOfValues }.map(\.name) + ["top5"]

  /// What the metrics are, for the reference.
  package static let help: String = {
    func list(_ metrics: [Metric]) -> String {
      metrics.map { "\($0.name) (\($0.about))" }.joined(separator: ", ")
    }
    return
      "of classes: \(list(all.filter(\.isOfClasses))), topK (such as top5); of real targets, or"
      + " of probabilities where the loss makes some: \(list(all.filter(\.isOfValues)))"
  }()

  private var isOfClasses: Bool { if case .classes = source { true } else { false } }
  private var isOfValues: Bool { if case .values = source { true } else { false } }
}
