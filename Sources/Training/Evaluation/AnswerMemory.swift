internal import Communication
internal import Datasets
internal import Diagnostics
internal import Graphs
internal import Networks
internal import Processes
internal import Reports

/// The answers of a network for all samples of a set beside what is true, which ranks fill
/// together.
///
/// Each rank writes those of its own shards; a gather copies them to all ranks. A sample has a row
/// of its predictions and then its targets, at its position in the order in which shards read.
@safe final class AnswerMemory: @unchecked Sendable {
  /// One output, with the numbers and the targets that it has for each sample.
  @safe private struct Part {
    let output: NetworkOutput
    let numbers: Int
    let targets: Int
    let start: UnsafeMutablePointer<UInt32>
    let plan: GatherPlan

    var row: Int { numbers + targets }
  }

  private let parts: [Part]
  private let count: Int
  private let order: [Int32]

  /// Nil for no outputs; `purpose` says in a failure what needs the memory.
  init?(
    of outputs: [NetworkOutput], _ shards: EvaluationShards, scores: [WholeSetScore],
    communicator: Communicator, for purpose: String
  ) throws(Failure) {
    guard !outputs.isEmpty else { return nil }
    count = shards.order.count
    order = shards.order
    let count = count
    let bytes = outputs.reduce(0) { sum, output in
      let (targets, numbers) = (output.targets.shape.count, output.targets.outputs.count)
      // Once as ranks exchange them, once in the order of samples.
      return sum + 8 * count * (numbers + targets) + 8 * count
        + WholeSetScores.byteCount(
          scores, targets: count * targets, columns: max(1, numbers / max(1, targets)))
    }
    try MemoryLimits.require(
      bytes, for: "the answers for \(count.grouped) samples, which \(purpose) at once",
      ranks: communicator.localSize)
    parts = outputs.map { output in
      let (targets, numbers) = (output.targets.shape.count, output.targets.outputs.count)
      let row = numbers + targets
      let start = UnsafeMutablePointer<UInt32>.allocate(capacity: max(1, count * row))
      unsafe start.initialize(repeating: 0, count: max(1, count * row))
      let plan = communicator.gatherPlan(
        (0..<communicator.size).map { rank in
          let own = shards.part(rank, of: communicator.size)
          guard let first = own.first, let last = own.last else { return 0..<0 }
          let (from, to) = (shards.places[first].lowerBound, shards.places[last].upperBound)
          return 4 * row * from..<4 * row * to
        })
      return unsafe Part(
        output: output, numbers: numbers, targets: targets, start: start, plan: plan)
    }
  }

  deinit { for part in parts { unsafe part.start.deallocate() } }

  /// Keeps the answers of an output for consecutive positions; those of other outputs are not kept.
  func write(
    _ predictions: UnsafePointer<Float>, _ truth: UnsafeRawPointer, of output: String,
    at positions: Range<Int>
  ) {
    for part in parts where part.output.name == output {
      for (sample, position) in positions.enumerated() {
        let row = unsafe UnsafeMutableRawPointer(part.start + position * part.row)
        unsafe row.copyMemory(
          from: predictions + sample * part.numbers, byteCount: 4 * part.numbers)
        unsafe (row + 4 * part.numbers).copyMemory(
          from: truth + 4 * sample * part.targets, byteCount: 4 * part.targets)
      }
    }
  }

  /// Copies the answers of all ranks to all of them.
  func gather(_ communicator: Communicator) throws(Failure) {
    for part in parts {
      try unsafe communicator.allGather(UnsafeMutableRawPointer(part.start), part.plan)
    }
  }

  /// The answers of each output, in the order of samples.
  func answers(_ weights: [Float]?) -> [(output: NetworkOutput, answers: Answers)] {
    parts.map { part in
      let output = part.output
      var numbers = [Float](repeating: 0, count: count * part.numbers)
      var words = [UInt32](repeating: 0, count: count * part.targets)
      for (position, sample) in order.enumerated() {
        let row = unsafe part.start + position * part.row
        for place in 0..<part.numbers {
          unsafe numbers[Int(sample) * part.numbers + place] = Float(bitPattern: row[place])
        }
        for place in 0..<part.targets {
          unsafe words[Int(sample) * part.targets + place] = row[part.numbers + place]
        }
      }
      let truth: Answers.Truth =
        output.targets.classes.map {
          .labels(words.map { Int32(bitPattern: $0) }, classes: $0)
        } ?? .values(words.map { Float(bitPattern: $0) })
      return (
        output,
        Answers(
          numbers, truth, samples: count, size: part.targets,
          width: output.targets.shape.extents.last ?? 1, ignoresSome: output.targets.ignoresSome,
          form: ClassForm(output), weights: weights)
      )
    }
  }
}

extension ClassForm {
  /// What an output's numbers for classes are.
  init(_ output: NetworkOutput) {
    guard output.givesProbabilities else {
      self = .scores
      return
    }
    self =
      output.predictsProbabilities || output.targets.classes == nil
      ? .probabilities : output.output.loss is CrossEntropy ? .logits : .logOdds
  }
}

extension Dataset {
  /// The weight of each sample in metrics; nil if all count alike.
  var metricWeights: [Float]? {
    guard isWeighted, weighsMetrics else { return nil }
    var weights = [Float](repeating: 0, count: count)
    unsafe weights.withUnsafeMutableBytes {
      unsafe copy(weights: Array(0..<Int32(count))[...], into: $0)
    }
    return weights
  }
}
