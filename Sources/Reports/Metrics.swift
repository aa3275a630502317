/// The loss and the metrics over some samples: for each a sum and the number of its targets.
///
/// The same record serves a shard, a step, an epoch and an evaluation. Each entry has its own
/// number of targets that count, which its mean is over. Memory is taken when a record is made,
/// once for all metrics of a run; adding to it in place allocates nothing.
package struct Metrics: Equatable, Sendable {
  /// The metrics beside the loss, in the order of their entries.
  package let kinds: [Metric]
  /// Samples of the data.
  package var samples = 0
  /// The loss, then one entry for each metric, then one for each class of the intersection over
  /// union.
  private var entries: [Entry]

  private struct Entry: Equatable {
    var sum = 0.0
    var targets = 0
  }

  /// The entry of the loss.
  package static let loss = 0

  /// The entry of the metric that stands at a place of `kinds`.
  package static func entry(ofMetric place: Int) -> Int { 1 + place }

  /// Adds a target of one class that was taken for a class to the intersections and unions of both.
  package mutating func add(label: Int, found: Int) {
    let first = 1 + kinds.count
    guard entries.count > first else { return }
    add(label == found ? 1 : 0, to: first + label)
    if label != found { add(0, to: first + found) }
  }

  /// The mean over the classes that were there or found.
  private var intersectionOverUnion: Double? {
    let classes = entries[(1 + kinds.count)...].filter { $0.targets > 0 }
    guard !classes.isEmpty else { return nil }
    return classes.reduce(0) { $0 + $1.sum / Double($1.targets) } / Double(classes.count)
  }

  /// A record of nothing yet.
  package init(_ kinds: [Metric] = []) {
    self.kinds = kinds
    entries = Array(repeating: Entry(), count: Metrics.entryCount(of: kinds))
  }

  private static func entryCount(of kinds: [Metric]) -> Int {
    1 + kinds.count + kinds.reduce(0) { $0 + $1.classes }
  }

  // MARK: Sums

  /// Adds what some targets that count have come to.
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

  /// Forgets everything but what is followed.
  package mutating func reset() {
    samples = 0
    for place in entries.indices { entries[place] = Entry() }
  }

  package func sum(of entry: Int) -> Double { entries[entry].sum }
  package func targets(of entry: Int) -> Int { entries[entry].targets }

  /// How many targets a metric is a mean over.
  package func targets(of metric: Metric) -> Int {
    kinds.firstIndex(of: metric).map { targets(of: Metrics.entry(ofMetric: $0)) } ?? 0
  }

  /// The mean over targets that count, 0 where there are none.
  package func mean(of entry: Int) -> Double {
    entries[entry].sum / Double(max(1, entries[entry].targets))
  }

  /// Sets the sum of an entry to that which has this mean.
  package mutating func setMean(_ mean: Double, of entry: Int) {
    entries[entry].sum = mean * Double(entries[entry].targets)
  }

  // MARK: Values

  /// The mean loss.
  package var loss: Double { mean(of: Metrics.loss) }

  /// The metrics for which there were targets.
  package var values: [(metric: Metric, value: Double)] {
    kinds.enumerated().compactMap { place, metric in
      if case .intersectionOverUnion = metric {
        return intersectionOverUnion.map { (metric, $0) }
      }
      let entry = Metrics.entry(ofMetric: place)
      guard targets(of: entry) > 0 else { return nil }
      return (metric, metric.value(ofMean: mean(of: entry)))
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

  /// Adds a record of the same metrics that was written.
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
      + kinds.flatMap { metric in (0..<metric.classes).map { "\(metric.name)/\($0)" } }
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
    entries = zip(sums, counts).map { Entry(sum: $0, targets: $1) }
  }
}
