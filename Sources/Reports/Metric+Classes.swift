internal import Elementary

/// Metrics of targets that are classes.
extension Metric {
  static let ofClasses: [Metric] =
    [.top(1), balancedAccuracy] + Average.allCases.flatMap(decisions) + ranking(of: .classes)
    + [logLoss, brierScore, calibrationError, intersectionOverUnion, perplexity, bitsPerByte]

  package static func top(_ count: Int) -> Metric {
    Metric(
      count == 1 ? "accuracy" : "top\(count)",
      count == 1
        ? "the share of targets whose class is chosen"
        : "the share of targets whose class is among the greatest values", .fraction,
      isBetterWhenGreater: true,
      from: .classes(range: count...Int.max) { predictions, record, place in
        for target in 0..<predictions.count where predictions.isCounted(target) {
          let isRight =
            count == 1
            ? predictions.choice(target) == predictions.label(target)
            : predictions.isAmong(count, target)
          record.add(isRight ? 1 : 0, weight: predictions.weight(target), to: place.own)
        }
      })
  }

  // MARK: Precision and recall

  /// The classes that decisions are counted for.
  private static let countedClasses = 1...1000

  /// A metric of the decisions for each class.
  private static func ofDecisions(
    _ name: String, _ about: String,
    value: @escaping @Sendable ([DecisionCounts]) -> Double?
  ) -> Metric {
    Metric(
      name, about, .fraction, isBetterWhenGreater: true,
      from: .classes(range: countedClasses) { predictions, record, place in
        guard place.addsParts else { return }
        for target in 0..<predictions.count where predictions.isCounted(target) {
          let (label, choice) = (predictions.label(target), predictions.choice(target))
          let (hit, weight) = (label == choice ? 1.0 : 0, predictions.weight(target))
          record.add(hit, weight: weight, to: place.part(2 * choice))
          record.add(hit, weight: weight, to: place.part(2 * label + 1))
        }
      }, parts: .decisions,
      value: { _, parts in
        value(DecisionCounts.rows(parts, perRow: DecisionCounts.partsOfClass))
      })
  }

  package static let balancedAccuracy = ofDecisions(
    "balanced_accuracy", "the mean recall of the classes that are there"
  ) { rows in
    let found = rows.compactMap(\.recall)
    return found.isEmpty ? nil : found.reduce(0, +) / Double(found.count)
  }

  private static func decisions(_ average: Average) -> [Metric] {
    DecisionCounts.scores.map { name, about, score in
      ofDecisions(average.name(of: name), "\(about): \(average.about)") {
        DecisionCounts.average(score, of: $0, average, areLabels: false)
      }
    }
  }

  /// For each class one part: of the targets that are of the class or predicted as it, the share
  /// that are both.
  package static let intersectionOverUnion = Metric(
    "iou",
    "intersection over union: targets that are of a class and predicted as it over those that are"
      + " either, a mean over classes",
    .fraction, isBetterWhenGreater: true,
    from: .classes(range: countedClasses) { predictions, record, place in
      for target in 0..<predictions.count where predictions.isCounted(target) {
        let (label, choice) = (predictions.label(target), predictions.choice(target))
        let weight = predictions.weight(target)
        record.add(label == choice ? 1 : 0, weight: weight, to: place.part(label))
        if label != choice { record.add(0, weight: weight, to: place.part(choice)) }
      }
    }, parts: .overlaps,
    value: { _, classes in
      let found = classes.compactMap(\.mean)
      return found.isEmpty ? nil : found.reduce(0, +) / Double(found.count)
    })

  // MARK: Probabilities

  package static let logLoss = Metric(
    "log_loss", logLossText, .number, isBetterWhenGreater: false,
    from: .classes(range: 2...Int.max, requires: .probabilities) { predictions, record, place in
      for target in 0..<predictions.count where predictions.isCounted(target) {
        record.add(
          loss(ofProbability: predictions.probabilityOfLabel(target)),
          weight: predictions.weight(target), to: place.own)
      }
    })

  static let logLossText =
    "the mean of -log p for the probability p of what is true, at least 2.2e-16"

  /// As scikit-learn, a probability is at least the distance of 1 to the next number.
  static func loss(ofProbability probability: Double) -> Double {
    let least = Double.ulpOfOne
    // Not a number stays what it is.
    let bounded = probability < least ? least : probability > 1 - least ? 1 - least : probability
    return -Double.log(bounded)
  }

  package static let brierScore = Metric(
    "brier",
    "the squared distance of probabilities from 1 for what is true and 0 for the rest: a sum over"
      + " classes, of which two count half",
    .number, isBetterWhenGreater: false,
    from: .classes(range: 2...Int.max, requires: .probabilities) { predictions, record, place in
      let scale = predictions.classes == 2 ? 0.5 : 1
      for target in 0..<predictions.count where predictions.isCounted(target) {
        record.add(
          scale * predictions.squaredDistance(target), weight: predictions.weight(target),
          to: place.own)
      }
    })

  /// For each bin one part: how many answers are right beyond what their probabilities say.
  package static let calibrationError = Metric(
    "calibration_error", calibrationText, .number, isBetterWhenGreater: false,
    from: .classes(range: 2...Int.max, requires: .probabilities) { predictions, record, place in
      for target in 0..<predictions.count where predictions.isCounted(target) {
        let (probability, isRight) = predictions.confidence(target)
        addConfidence(
          probability, isRight, weight: predictions.weight(target), to: &record, place)
      }
    }, parts: .confidences, value: calibration)

  static let calibrationText =
    "in \(bins) bins of the greatest probability, how far the share of right answers is from the"
    + " mean probability: a mean over answers"
  static let bins = 15

  static func addConfidence(
    _ probability: Double, _ isRight: Bool, weight: Double, to record: inout Metrics,
    _ place: Metrics.Place
  ) {
    record.add(0, weight: weight, to: place.own)
    guard place.addsParts, !probability.isNaN else { return }
    // A bin holds its upper end.
    let bin = Int((min(1, max(0, probability)) * Double(bins)).rounded(.up)) - 1
    record.add((isRight ? 1 : 0) - probability, weight: weight, to: place.part(max(0, bin)))
  }

  @Sendable static func calibration(
    _ own: Metrics.Sum, _ bins: ArraySlice<Metrics.Sum>
  ) -> Double? {
    own.targets > 0 ? bins.reduce(0) { $0 + abs($1.sum) } / own.targets : nil
  }

  // MARK: The loss in other units

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
}

extension DecisionCounts {
  static let scores: [(name: String, about: String, score: @Sendable (DecisionCounts) -> Double?)] =
    [
      ("precision", "of the targets predicted as a class, the share that are of it", \.precision),
      ("recall", "of the targets of a class, the share predicted as it", \.recall),
      ("f1", "the harmonic mean of precision and recall", \.f1),
    ]
}
