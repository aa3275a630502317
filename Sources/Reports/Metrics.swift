/// The loss and the metrics over some samples, as sums and the numbers of targets in them.
///
/// A shard, a step, an epoch and an evaluation have such a record. Each sum has its own number of
/// targets that count, over which its mean is taken. `init` allocates all memory; adding to a
/// record in place allocates nothing.
package struct Metrics: Equatable, Sendable {
  /// The metrics beside the loss, in the order of their entries.
  package let kinds: [Metric]
  /// Samples of the data.
  package var samples = 0
  /// The loss, then one for each metric, then their parts.
  private var entries: [Sum]

  /// A sum over targets.
  package struct Sum: Equatable, Sendable {
    package internal(set) var sum = 0.0
    package internal(set) var targets = 0

    /// Nil where there are no targets.
    var mean: Double? { targets > 0 ? sum / Double(targets) : nil }
  }

  /// Where the sums of a metric are.
  package struct Place: Sendable {
    package let own: Int
    fileprivate let parts: Range<Int>

    /// The entry of a part.
    package func part(_ number: Int) -> Int { parts.lowerBound + number }
  }

  /// The entry of the loss.
  package static let loss = 0

  /// The entry of the metric at a place of `kinds`.
  package static func entry(ofMetric place: Int) -> Int { 1 + place }

  /// Where the sums of the metric at a place of `kinds` are.
  package func place(ofMetric place: Int) -> Place {
    var first = 1 + kinds.count
    for metric in kinds[..<place] { first += metric.partCount }
    return Place(own: 1 + place, parts: first..<first + kinds[place].partCount)
  }

  func parts(ofMetric place: Int) -> ArraySlice<Sum> { entries[self.place(ofMetric: place).parts] }

  /// An empty record.
  package init(_ kinds: [Metric] = []) {
    self.kinds = kinds
    entries = Array(repeating: Sum(), count: Metrics.entryCount(of: kinds))
  }

  private static func entryCount(of kinds: [Metric]) -> Int {
    1 + kinds.count + kinds.reduce(0) { $0 + $1.partCount }
  }

  // MARK: Sums

  /// Adds the sum over some targets that count.
  package mutating func add(_ sum: Double, targets: Int = 1, to entry: Int) {
    entries[entry].sum += sum
    entries[entry].targets += targets
  }

  /// Adds a record of the same metrics, entry by entry.
  package static func += (a: inout Metrics, b: Metrics) {
    precondition(a.entries.count == b.entries.count, "records of different metrics are not added")
    a.samples += b.samples
    for place in a.entries.indices {
      a.add(b.entries[place].sum, targets: b.entries[place].targets, to: place)
    }
  }

  /// Sets all sums to 0.
  package mutating func reset() {
    samples = 0
    for place in entries.indices { entries[place] = Sum() }
  }

  package func sum(of entry: Int) -> Double { entries[entry].sum }
  package func targets(of entry: Int) -> Int { entries[entry].targets }

  /// The number of targets that a metric is a mean over.
  package func targets(of metric: Metric) -> Int {
    kinds.firstIndex(of: metric).map { targets(of: Metrics.entry(ofMetric: $0)) } ?? 0
  }

  /// The mean over targets that count, 0 where there are none; the loss includes those of outputs.
  package func mean(of entry: Int) -> Double {
    let own = entries[entry].mean ?? entries[entry].sum
    return entry == Metrics.loss ? own + lossOfOutputs : own
  }

  /// The weighted sum of the losses of several outputs, 0 where there is one.
  private var lossOfOutputs: Double {
    var sum = 0.0
    for (place, metric) in kinds.enumerated() {
      guard let weight = metric.lossWeight else { continue }
      sum += weight * mean(of: Metrics.entry(ofMetric: place))
    }
    return sum
  }

  /// Sets the sum of an entry to that which has this mean.
  package mutating func setMean(_ mean: Double, of entry: Int) {
    let outputs = entry == Metrics.loss ? lossOfOutputs : 0
    entries[entry].sum = (mean - outputs) * Double(entries[entry].targets)
  }

  // MARK: Values

  /// The mean loss.
  package var loss: Double { mean(of: Metrics.loss) }

  /// The metrics for which there were targets.
  package var values: [(metric: Metric, value: Double)] {
    kinds.enumerated().compactMap { place, metric in
      metric.value(entries[Metrics.entry(ofMetric: place)], parts(ofMetric: place))
        .map { (metric, $0) }
    }
  }

  /// The loss, or a metric by its name; nil where there is none.
  package subscript(name: String) -> Double? {
    name == "loss" ? loss : values.first { $0.metric.name == name }?.value
  }

  /// The metrics as members of a JSON object.
  package var members: [(String, JSONValue)] {
    values.map { ($0.metric.name, .number($0.value)) }
  }

  // MARK: As words that ranks exchange

  package static func wordCount(of kinds: [Metric]) -> Int { 1 + 2 * entryCount(of: kinds) }
  package var wordCount: Int { 1 + 2 * entries.count }

  package func write(to words: UnsafeMutablePointer<UInt64>) {
    unsafe words[0] = UInt64(samples)
    for (place, entry) in entries.enumerated() {
      unsafe words[1 + 2 * place] = entry.sum.bitPattern
      unsafe words[2 + 2 * place] = UInt64(entry.targets)
    }
  }

  /// Adds a written record of the same metrics.
  package mutating func add(_ words: UnsafePointer<UInt64>) {
    unsafe samples += Int(words[0])
    for place in entries.indices {
      unsafe add(
        Double(bitPattern: words[1 + 2 * place]), targets: Int(words[2 + 2 * place]), to: place)
    }
  }

  // MARK: As numbers of a checkpoint

  package var names: [String] {
    ["loss"] + kinds.map(\.name)
      + kinds.flatMap { metric in (0..<metric.partCount).map { "\(metric.name)/\($0)" } }
  }
  package var sums: [Double] { entries.map(\.sum) }
  package var targets: [Double] { entries.map { Double($0.targets) } }

  /// A record of these numbers, nil where there is not one of each for every entry.
  package init?(_ kinds: [Metric], samples: Int, sums: [Double], targets: [Double]) {
    self.init(kinds)
    let counts = targets.compactMap { Int(exactly: $0) }
    guard sums.count == entries.count, counts.count == entries.count, targets.count == counts.count
    else { return nil }
    self.samples = samples
    entries = zip(sums, counts).map { Sum(sum: $0, targets: $1) }
  }
}
