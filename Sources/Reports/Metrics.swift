/// The loss and the metrics over some samples, as sums and the numbers of targets in them.
///
/// A shard, a step, an epoch and an evaluation have such a record. Each sum has its own number of
/// targets that count, or the sum of their weights, over which its mean is taken. `init` allocates
/// all memory; adding to a record in place allocates nothing.
package struct Metrics: Equatable, Sendable {
  /// The metrics beside the loss, in the order of their entries.
  package let kinds: [Metric]
  /// Samples of the data.
  package var samples = 0
  /// The loss, then one for each metric, then their parts.
  private var entries: [Sum]
  /// Where those of each metric are.
  private let places: [Place]
  /// The values of metrics that need all answers of a set; nil before they are computed.
  private var wholes: [Double?]

  /// A sum over targets, times their weights.
  package struct Sum: Equatable, Sendable {
    package internal(set) var sum = 0.0
    /// The number of targets, or the sum of their weights.
    package internal(set) var targets = 0.0

    /// Nil where there are no targets.
    var mean: Double? { targets > 0 ? sum / targets : nil }
  }

  /// Where the sums of a metric are.
  package struct Place: Equatable, Sendable {
    package let own: Int
    fileprivate let parts: Range<Int>
    /// Whether it is the first metric of an output with these parts, which adds to them for all.
    let addsParts: Bool

    /// The entry of a part.
    package func part(_ number: Int) -> Int { parts.lowerBound + number }
  }

  /// The entry of the loss.
  package static let loss = 0

  /// The entry of the metric at a place of `kinds`.
  package static func entry(ofMetric place: Int) -> Int { 1 + place }

  /// Where the sums of the metric at a place of `kinds` are.
  package func place(ofMetric place: Int) -> Place { places[place] }

  func parts(ofMetric place: Int) -> ArraySlice<Sum> { entries[places[place].parts] }

  /// An empty record.
  package init(_ kinds: [Metric] = []) {
    self.kinds = kinds
    places = Metrics.places(of: kinds)
    entries = Array(repeating: Sum(), count: Metrics.entryCount(of: places))
    wholes = Array(repeating: nil, count: kinds.count)
  }

  /// Metrics of one output share parts of the same kind.
  private static func places(of kinds: [Metric]) -> [Place] {
    var places: [Place] = []
    var next = 1 + kinds.count
    for (number, metric) in kinds.enumerated() {
      let earlier = kinds[..<number].firstIndex {
        $0.output == metric.output && $0.parts == metric.parts
      }
      let parts = earlier.map { places[$0].parts } ?? next..<next + metric.partCount
      places.append(Place(own: 1 + number, parts: parts, addsParts: earlier == nil))
      next = max(next, parts.upperBound)
    }
    return places
  }

  /// The number of sums.
  package var entryCount: Int { entries.count }

  private static func entryCount(of places: [Place]) -> Int {
    places.reduce(1 + places.count) { max($0, $1.parts.upperBound) }
  }

  // MARK: Sums

  /// Adds the sum over some targets that count.
  package mutating func add(_ sum: Double, targets: Int = 1, to entry: Int) {
    add(sum, over: Double(targets), to: entry)
  }

  /// Adds the number of a target times its weight.
  mutating func add(_ number: Double, weight: Double, to entry: Int) {
    add(number * weight, over: weight, to: entry)
  }

  /// Adds the sum over targets of such weights.
  package mutating func add(_ sum: Double, over targets: Double, to entry: Int) {
    entries[entry].sum += sum
    entries[entry].targets += targets
  }

  /// Sets the value of a metric that needs all answers of a set.
  package mutating func set(_ value: Double?, ofMetric place: Int) { wholes[place] = value }

  /// Takes the sums of the metrics, but not that of the loss, from another record of the same.
  package mutating func takeMetrics(of other: Metrics) {
    precondition(entries.count == other.entries.count, "records of different metrics")
    entries.replaceSubrange(1..., with: other.entries[1...])
  }

  /// Adds a record of the same metrics, entry by entry.
  package static func += (a: inout Metrics, b: Metrics) {
    precondition(a.entries.count == b.entries.count, "records of different metrics are not added")
    a.samples += b.samples
    for place in a.entries.indices {
      a.add(b.entries[place].sum, over: b.entries[place].targets, to: place)
    }
  }

  /// Sets all sums to 0.
  package mutating func reset() {
    samples = 0
    for place in entries.indices { entries[place] = Sum() }
    for place in wholes.indices { wholes[place] = nil }
  }

  package func sum(of entry: Int) -> Double { entries[entry].sum }
  package func targets(of entry: Int) -> Double { entries[entry].targets }

  /// The number of targets that a metric is a mean over, or the sum of their weights.
  package func targets(of metric: Metric) -> Double {
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
    entries[entry].sum = (mean - outputs) * entries[entry].targets
  }

  // MARK: Values

  /// The mean loss.
  package var loss: Double { mean(of: Metrics.loss) }

  /// The metrics for which there were targets.
  package var values: [(metric: Metric, value: Double)] {
    kinds.indices.compactMap { place in value(ofMetric: place).map { (kinds[place], $0) } }
  }

  /// The value of the metric at a place of `kinds`; nil where there were no targets.
  package func value(ofMetric place: Int) -> Double? {
    kinds[place].needsWholeSet
      ? wholes[place]
      : kinds[place].value(entries[Metrics.entry(ofMetric: place)], parts(ofMetric: place))
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

  package static func wordCount(of kinds: [Metric]) -> Int {
    1 + 2 * entryCount(of: places(of: kinds))
  }
  package var wordCount: Int { 1 + 2 * entries.count }

  package func write(to words: UnsafeMutablePointer<UInt64>) {
    unsafe words[0] = UInt64(samples)
    for (place, entry) in entries.enumerated() {
      unsafe words[1 + 2 * place] = entry.sum.bitPattern
      unsafe words[2 + 2 * place] = entry.targets.bitPattern
    }
  }

  /// Adds a written record of the same metrics.
  package mutating func add(_ words: UnsafePointer<UInt64>) {
    unsafe samples += Int(words[0])
    for place in entries.indices {
      unsafe add(
        Double(bitPattern: words[1 + 2 * place]), over: Double(bitPattern: words[2 + 2 * place]),
        to: place)
    }
  }

  // MARK: As numbers of a checkpoint

  package var names: [String] {
    ["loss"] + kinds.map(\.name)
      + zip(kinds, places).flatMap { metric, place in
        (0..<(place.addsParts ? metric.partCount : 0)).map { "\(metric.name)/\($0)" }
      }
  }
  package var sums: [Double] { entries.map(\.sum) }
  package var targets: [Double] { entries.map(\.targets) }

  /// A record of these numbers, nil where there is not one of each for every entry.
  package init?(_ kinds: [Metric], samples: Int, sums: [Double], targets: [Double]) {
    self.init(kinds)
    guard sums.count == entries.count, targets.count == entries.count,
      targets.allSatisfy({ $0 >= 0 && $0.isFinite })
    else { return nil }
    self.samples = samples
    entries = zip(sums, targets).map { Sum(sum: $0, targets: $1) }
  }
}
