internal import Communication
internal import Diagnostics
internal import Graphs
internal import Networks
internal import Reports

/// The samples of an evaluation with the greatest losses, and the predictions for evenly spaced
/// ones, as a worker meets them.
///
/// Each worker has one, so that workers share no memory. Ranks exchange them as words of one size.
@safe final class SampleFindings {
  /// A sample with a great loss.
  struct Worst {
    var sample = Int32.max
    var loss: Float = -.infinity
    /// The chosen class of each target, or the predicted values.
    var answers: [UInt32]
    /// The same of what is true.
    var truth: [UInt32]
    /// The probability of a single chosen class.
    var probability: Float = .nan

    /// Whether it stands before another one; of equal losses, the first sample does.
    func precedes(_ other: Worst) -> Bool {
      // A loss that is not a number is the worst of all.
      let (own, others) = (loss.isNaN ? .infinity : loss, other.loss.isNaN ? .infinity : other.loss)
      return own > others || own == others && sample < other.sample
    }
  }

  /// The prediction for a real target.
  struct Pair: Equatable {
    let truth: Float
    let prediction: Float
  }

  static let worstCount = 12
  static let pairCount = 500
  /// With more targets, the answers for a sample are not kept.
  private static let targetLimit = 4096

  let output: NetworkOutput
  private let order: [Int32]
  private let decision: Decision
  /// The targets of a sample whose answers are kept, and those that it has.
  private let kept: Int
  private let targets: Int
  /// The number of the pair that a sample gives, by its place.
  private let pairs: [Int32: Int]
  private(set) var worst: [Worst] = []
  private(set) var found: [Pair?]

  init(_ output: NetworkOutput, _ shards: EvaluationShards) {
    self.output = output
    order = shards.order
    decision = Decision(ClassForm(output))
    targets = output.targets.shape.count
    kept = targets <= Self.targetLimit ? targets : 0
    let count = shards.order.count
    guard output.targets.kind == .values, count > 0 else {
      (pairs, found) = ([:], [])
      return
    }
    let number = min(count, Self.pairCount)
    pairs = Dictionary(
      uniqueKeysWithValues: (0..<number).map { (Int32($0 * count / number), $0) })
    found = Array(repeating: nil, count: number)
  }

  func reset() {
    worst.removeAll(keepingCapacity: true)
    for place in found.indices { found[place] = nil }
  }

  /// Looks at the samples at consecutive positions.
  func add(
    _ losses: UnsafePointer<Float>, _ predictions: UnsafePointer<Float>, _ truth: UnsafeRawPointer,
    at positions: Range<Int>
  ) {
    let truth = unsafe truth.assumingMemoryBound(to: UInt32.self)
    let width = output.targets.outputs.count
    for (place, position) in positions.enumerated() {
      let sample = order[position]
      let (own, wanted) = unsafe (predictions + place * width, truth + place * targets)
      unsafe add(loss: losses[place], own, wanted, of: sample)
      guard let pair = pairs[sample] else { continue }
      // Another target of each sample, so that all are shown where they are alike.
      let target = targets > 1 && areAlike ? pair % targets : 0
      unsafe found[pair] = Pair(
        truth: Float(bitPattern: wanted[target]), prediction: own[target])
    }
  }

  /// Whether all targets of a sample are numbers of one kind, as those of a picture.
  private var areAlike: Bool { output.output.target != nil }

  private func add(
    loss: Float, _ predictions: UnsafePointer<Float>, _ truth: UnsafePointer<UInt32>,
    of sample: Int32
  ) {
    var new = Worst(sample: sample, loss: loss, answers: [], truth: [])
    let isFull = worst.count == Self.worstCount
    guard !isFull || new.precedes(worst[worst.count - 1]) else { return }
    for target in 0..<kept {
      unsafe new.truth.append(truth[target])
      guard let classes = output.targets.classes else {
        unsafe new.answers.append(predictions[target].bitPattern)
        continue
      }
      let choice = unsafe decision.choice(predictions + target * classes, classes)
      new.answers.append(UInt32(choice))
      if targets == 1, output.givesProbabilities {
        new.probability = unsafe Float(
          decision.probability(of: choice, predictions + target * classes, classes))
      }
    }
    if isFull { worst.removeLast() }
    let place = worst.firstIndex { new.precedes($0) } ?? worst.count
    worst.insert(new, at: place)
  }

  /// Adds what another worker or rank found.
  func merge(_ worst: [Worst], _ found: [Pair?]) {
    self.worst = Array(
      (self.worst + worst).sorted { $0.precedes($1) }.prefix(Self.worstCount))
    for (place, pair) in found.enumerated() where pair != nil { self.found[place] = pair }
  }

  // MARK: As words that ranks exchange

  private var wordsOfWorst: Int { 3 + 2 * kept }
  var wordCount: Int { Self.worstCount * wordsOfWorst + 3 * found.count }

  var words: [UInt32] {
    var words: [UInt32] = []
    for place in 0..<Self.worstCount {
      let nothing = [UInt32](repeating: 0, count: kept)
      let one = place < worst.count ? worst[place] : Worst(answers: nothing, truth: nothing)
      words += [UInt32(bitPattern: one.sample), one.loss.bitPattern, one.probability.bitPattern]
      words += one.answers + one.truth
    }
    for pair in found {
      words += pair.map { [1, $0.truth.bitPattern, $0.prediction.bitPattern] } ?? [0, 0, 0]
    }
    return words
  }

  /// Adds what the words of another rank hold.
  func merge(_ words: ArraySlice<UInt32>) {
    var place = words.startIndex
    func next(_ count: Int) -> ArraySlice<UInt32> {
      defer { place += count }
      return words[place..<place + count]
    }
    var worst: [Worst] = []
    for _ in 0..<Self.worstCount {
      let head = Array(next(3))
      let (answers, truth) = (Array(next(kept)), Array(next(kept)))
      guard Int32(bitPattern: head[0]) != .max else { continue }
      worst.append(
        Worst(
          sample: Int32(bitPattern: head[0]), loss: Float(bitPattern: head[1]), answers: answers,
          truth: truth, probability: Float(bitPattern: head[2])))
    }
    let found = found.map { _ in
      let pair = Array(next(3))
      return pair[0] == 0
        ? nil
        : Pair(truth: Float(bitPattern: pair[1]), prediction: Float(bitPattern: pair[2]))
    }
    merge(worst, found)
  }
}
