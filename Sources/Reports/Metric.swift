internal import Diagnostics

/// A number beside the loss that a run follows.
///
/// `Metric+All.swift` lists all metrics: a new one is added there and nowhere else.
package struct Metric: Sendable {
  package private(set) var name: String
  /// The output that it is computed of, where a network has several: the first part of its name.
  package private(set) var output = ""
  /// One line for the reference.
  let about: String
  package let form: Form
  package let isBetterWhenGreater: Bool
  package let source: Source
  /// The sums beside its own.
  let parts: Parts
  /// How many these are.
  private(set) var partCount = 0
  /// The metric, given its own sum and its parts; nil where there is none.
  let value: @Sendable (_ own: Metrics.Sum, _ parts: ArraySlice<Metrics.Sum>) -> Double?

  package enum Form: Sendable {
    /// From 0 to 1, shown in percent.
    case fraction
    case number
  }

  /// What a metric is computed from.
  package enum Source: Sendable {
    /// Targets that are classes; `range` bounds the number of classes.
    case classes(
      range: ClosedRange<Int>, requires: Requirement = .nothing,
      add: @Sendable (ClassPredictions, inout Metrics, Metrics.Place) -> Void)
    /// Real targets.
    case values(
      needsVariances: Bool,
      add: @Sendable (ValuePredictions, inout Metrics, Metrics.Place) -> Void)
    /// Labels, of which a sample may have several: real targets of 0 or 1.
    case labels(add: @Sendable (ValuePredictions, inout Metrics, Metrics.Place) -> Void)
    /// All answers of a set, so that training steps have none.
    case wholeSet(of: Subject, WholeSetScore)
    /// The loss of one of several outputs, whose weighted sum is the loss of the run.
    case loss(weight: Double)
    /// An adversarial run: the mean over samples of this output of the critic's program.
    case critic(output: String)
    /// An adversarial run: the generator's loss.
    case generator
  }

  /// What targets are.
  package enum Subject: Sendable {
    case classes, labels, values
  }

  /// Sums of each class or label, which metrics of one output share.
  enum Parts: Sendable {
    case none
    /// The targets that are of a class and predicted as it, over those that are either.
    case overlaps
    /// For each target along the last axis, its squared error.
    case squaredErrors
    /// `DecisionCounts` of each class.
    case decisions
    /// `DecisionCounts` of each label.
    case labelDecisions
    /// For each bin of a probability, what right answers are above it.
    case confidences

    func count(for width: Int) -> Int {
      switch self {
      case .none: 0
      case .overlaps, .squaredErrors: width
      case .decisions: DecisionCounts.partsOfClass * width
      case .labelDecisions: DecisionCounts.partsOfLabel * width
      case .confidences: Metric.bins
      }
    }

    /// The most sums of a record.
    static let limit = 3000
  }

  /// What a metric of classes needs beside predictions.
  package enum Requirement: Int, Comparable, Sendable {
    case nothing
    /// Outputs that are probabilities.
    case probabilities
    /// A loss that is -log p of the target's class.
    case logLikelihood
    /// Such a loss, and classes that are the tokens of a text.
    case tokens

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
  }

  init(
    _ name: String, _ about: String, _ form: Form, isBetterWhenGreater: Bool, from source: Source,
    parts: Parts = .none,
    value: @escaping @Sendable (Metrics.Sum, ArraySlice<Metrics.Sum>) -> Double? = { own, _ in
      own.mean
    }
  ) {
    self.name = name
    self.about = about
    self.form = form
    self.isBetterWhenGreater = isBetterWhenGreater
    self.source = source
    self.parts = parts
    self.value = value
  }

  /// The same of one of several outputs.
  package func of(output: String) -> Metric {
    var metric = self
    metric.name = "\(output)/\(name)"
    metric.output = output
    return metric
  }

  /// The factor of its mean in the loss of the run; nil if it has no part in that.
  var lossWeight: Double? {
    if case .loss(let weight) = source { weight } else { nil }
  }

  /// The metric of a name, such as `accuracy`, `top5` or `mae`.
  ///
  /// A name can stand for a metric of classes and for one of labels.
  package init?(_ name: String, of subject: Subject? = nil, else other: Subject? = nil) {
    let known = Metric.all.filter { $0.name == name }
    if let metric = known.first(where: { $0.subject == subject })
      ?? known.first(where: { $0.subject == other }) ?? known.first
    {
      self = metric
      return
    }
    let digits = name.dropFirst(3)
    guard name.hasPrefix("top"), digits.allSatisfy({ $0.isASCII && $0.isNumber }),
      let count = Int(digits), count > 1, "\(count)" == digits
    else { return nil }
    self = .top(count)
  }

  /// What its targets are; nil for losses and metrics of adversarial runs.
  package var subject: Subject? {
    switch source {
    case .classes: .classes
    case .values: .values
    case .labels: .labels
    case .wholeSet(let subject, _): subject
    case .loss, .critic, .generator: nil
    }
  }

  /// The targets that a network's predictions are compared with.
  package enum Targets: Sendable {
    /// Classes, with what there is for the metrics that need more than predictions.
    case classes(Int, having: Requirement = .nothing)
    /// Real targets with so many numbers along the last axis; `isField` if the loss names their
    /// field, `areLabels` if the loss takes them for probabilities of labels.
    case values(width: Int, isField: Bool, areLabels: Bool = false)
  }

  /// The metric of a name that is computed from such targets, with the sums that it needs.
  package init?(_ name: String, fitting targets: Targets) {
    let subject: Subject =
      switch targets {
      case .classes: .classes
      case .values(_, _, areLabels: true): .labels
      case .values: .values
      }
    // A metric of labels says best why these are none.
    guard let metric = Metric(name, of: subject, else: subject == .values ? .labels : nil) else {
      return nil
    }
    self = metric.fitted(to: targets)
  }

  /// The metric with the sums that it needs for such targets.
  package func fitted(to targets: Targets) -> Metric {
    var metric = self
    switch targets {
    case .classes(let count, _), .values(let count, _, _):
      metric.partCount = parts.count(for: count)
    }
    return metric
  }

  /// Why the metric cannot be computed from targets, which `text` describes; nil if it can.
  package func misfit(_ targets: Targets, _ text: String) -> String? {
    switch (source, targets) {
    case (.classes(_, .tokens, _), .classes(_, having: .logLikelihood)):
      return "\(name) is for texts whose next tokens are predicted: use perplexity"
    case (.classes(_, .probabilities, _), .classes(_, having: .nothing)):
      return
        "\(name) needs probabilities, which the loss makes no outputs: use cross_entropy or end the"
        + " model with softmax"
    case (.classes(_, let required, _), .classes(_, let having)) where having < required:
      return
        "\(name) needs the loss cross_entropy without label_smoothing, class_weights and weights of"
        + " samples: leave it out"
    case (.classes(let range, _, _), .classes(let count, _)):
      if count < range.lowerBound {
        return "\(name) needs \(range.lowerBound) classes, the data has \(count)"
      }
      return count <= range.upperBound
        ? nil
        : "\(name) is for up to \(range.upperBound.grouped) classes, the data has \(count)"
    case (.wholeSet(.classes, _), .classes(let count, _)):
      return count > 1 ? nil : "\(name) needs 2 classes, the data has \(count)"
    case (.values(needsVariances: true, _), .values(_, isField: true, _)):
      return
        "\(name) needs the variance of the labels or targets of the data, not of a field: use mae"
    case (.labels, .values(_, _, areLabels: false)),
      (.wholeSet(of: .labels, _), .values(_, _, areLabels: false)):
      return
        "\(name) is for classes, or for labels of 0 or 1 with the loss binary_cross_entropy, the"
        + " data has \(text): use mae or r2"
    case (.values, .values(let width, _, _)), (.labels, .values(let width, _, _)),
      (.wholeSet(of: .labels, _), .values(let width, _, _)),
      (.wholeSet(of: .values, _), .values(let width, _, _)):
      let perLabel = parts.count(for: 2) - parts.count(for: 1)
      return perLabel * width <= Parts.limit
        ? nil
        : "\(name) is for up to \((Parts.limit / perLabel).grouped) labels, the data has \(text)"
    case (.classes, .values), (.wholeSet(of: .classes, _), .values):
      return "\(name) counts classes, the data has \(text): use mae or r2"
    case (.values, .classes), (.labels, .classes), (.wholeSet, .classes):
      return "\(name) is for real targets, the data has \(text): use accuracy"
    case (.critic, _), (.generator, _), (.loss, _): return "\(name) is a metric of adversarial runs"
    }
  }

  /// Whether it needs the variance of each target over all samples.
  package var needsVariances: Bool {
    if case .values(needsVariances: true, _) = source { true } else { false }
  }

  /// Whether it needs the bytes of the tokens of a text.
  package var needsTokens: Bool {
    if case .classes(_, .tokens, _) = source { true } else { false }
  }

  /// Whether it needs all answers of a set at once.
  package var needsWholeSet: Bool { score != nil }

  /// How it is computed from all answers of a set, if it is.
  package var score: WholeSetScore? {
    if case .wholeSet(_, let score) = source { score } else { nil }
  }

  /// The output of a critic's program that it is the mean of, if it is one.
  package var criticOutput: String? {
    if case .critic(let output) = source { output } else { nil }
  }

  /// Adds predictions of classes to a record; other metrics add nothing.
  package func add(
    _ predictions: ClassPredictions, to record: inout Metrics, at place: Metrics.Place
  ) {
    if case .classes(_, _, let add) = source { add(predictions, &record, place) }
  }

  /// Adds predictions of real targets to a record; other metrics add nothing.
  package func add(
    _ predictions: ValuePredictions, to record: inout Metrics, at place: Metrics.Place
  ) {
    switch source {
    case .values(_, let add), .labels(let add): add(predictions, &record, place)
    default: break
    }
  }

  func text(_ value: Double) -> String {
    switch form {
    case .fraction: "\(name) \(value.asPercent)"
    case .number: "\(name) \(value.asShortNumber)"
    }
  }
}

/// Equal names compute equally.
extension Metric: Hashable {
  package static func == (a: Metric, b: Metric) -> Bool { a.name == b.name }
  package func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
