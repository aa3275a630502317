package import Communication
package import Datasets
package import Diagnostics

/// Predicts the samples of a file of any length: rank 0 reads and writes, all ranks compute.
///
/// Rank 0 reads a block of samples while the one before is computed and the one before that is
/// written. Each rank computes its part of the shards of a block, always of the same samples, so
/// that predictions are the same on any number of ranks and workers.
package struct FilePrediction {
  private let predictor: Predictor
  private let communicator: Communicator
  /// The most samples of a block.
  private let room: Int

  /// The bytes of samples and predictions in a block, unless its ranks need more to compute.
  private static let blockBytes = 8 << 20
  private static let mostShards = 512

  /// Collective.
  package init(_ predictor: Predictor, _ communicator: Communicator) throws(Failure) {
    self.predictor = predictor
    self.communicator = communicator
    let workers = try communicator.maximum([Double(predictor.workers)])[0]
    let shardBytes =
      Predictor.shardSize
      * (SampleBlock.inputs(of: predictor.coding).reduce(0) { $0 + $1.size } + 4 * predictor.width)
    let shards = min(Self.mostShards, Self.blockBytes / shardBytes)
    room = Predictor.shardSize * max(shards, Int(workers) * communicator.size)
  }

  /// The samples of a file and what becomes of their predictions; on rank 0 alone.
  ///
  /// One thread at a time uses each of them.
  private final class Files: @unchecked Sendable {
    let samples: any InputSamples
    let output: any PredictionOutput

    init(_ samples: any InputSamples, _ output: any PredictionOutput) {
      self.samples = samples
      self.output = output
    }
  }

  /// Writes the predictions for all samples; returns the number of samples.
  ///
  /// Rank 0 gives the samples and the output. `progress` is called there with the number of samples
  /// and the share of the file that are done. Ends early when nobody reads the output. If a sample
  /// cannot be read, the predictions of the blocks before are written, and the output is not
  /// finished. Collective.
  package func run(
    _ samples: (any InputSamples)?, to output: (any PredictionOutput)?,
    progress: (Int, Double?) -> Void
  ) throws(Failure) -> Int {
    let files = if let samples, let output { Files(samples, output) } else { nil as Files? }
    var (block, next) = try communicator.together { () throws(Failure) in
      (try predictor.makeBlock(room: room), try predictor.makeBlock(room: room))
    }
    var reading = try files.map { files throws(Failure) in try read(next, of: files, after: 0) }
    var writing: BackgroundTask<Void>?
    // A thread that writes must not outlive the file.
    defer { writing?.wait() }
    var (done, failure) = (0, nil as Failure?)
    while true {
      failure = try communicator.result(of: reading).flatMap(\.self)
      swap(&block, &next)
      let isWanted = failure == nil && files?.output.isOpen != false
      let count = try broadcast(isWanted ? block.count : 0)
      guard count > 0 else { break }
      let isLast = count < room
      if let files, !isLast { reading = try read(next, of: files, after: done + count) }
      let predictions = try predictions(for: block, count, after: done)
      _ = try communicator.result(of: writing)
      if let files {
        let found = Predictions(PredictionMeaning(predictor), block, predictions)
        writing = try BackgroundTask { () throws(Failure) in try files.output.write(found) }
      }
      done += count
      progress(done, block.share)
      if isLast { break }
    }
    _ = try communicator.result(of: writing)
    try communicator.together { () throws(Failure) in if let failure { throw failure } }
    writing = try files.map { files throws(Failure) in
      try BackgroundTask { () throws(Failure) in try files.output.finish() }
    }
    _ = try communicator.result(of: writing)
    return done
  }

  /// Reads a block on another thread; the result is the failure, so that what was predicted before
  /// can still be written.
  private func read(
    _ block: SampleBlock, of files: Files, after first: Int
  ) throws(Failure) -> BackgroundTask<Failure?> {
    let predictor = predictor
    return try BackgroundTask {
      do throws(Failure) {
        try predictor.read(block, of: files.samples, after: first)
        return nil
      } catch { return error }
    }
  }

  private func broadcast(_ count: Int) throws(Failure) -> Int {
    var count = count
    try unsafe communicator.broadcast(&count, count: MemoryLayout<Int>.size)
    return count
  }

  /// The predictions for a block of rank 0 there; on other ranks those that they have computed.
  private func predictions(
    for block: SampleBlock, _ count: Int, after first: Int
  ) throws(Failure) -> [Float] {
    if communicator.rank > 0 { block.receive(count, after: first) }
    for input in block.inputs.indices where communicator.size > 1 {
      let bytes = unsafe block.bytes(input)
      if let start = bytes.baseAddress {
        try unsafe communicator.broadcast(start, count: bytes.count)
      }
    }
    let parts = (0..<communicator.size).map { part(of: $0, of: count) }
    let own = try communicator.together { () throws(Failure) in
      try predictor.predictions(for: block, parts[communicator.rank])
    }
    guard communicator.size > 1 else { return own }
    var all = own
    if communicator.rank == 0 {
      all += Array(repeating: 0, count: count * predictor.width - own.count)
    }
    let size = 4 * predictor.width
    try unsafe communicator.gather(
      own, into: &all, ranges: parts.map { $0.lowerBound * size..<$0.upperBound * size })
    return all
  }

  /// The samples of a rank: whole shards but for the last of a file.
  private func part(of rank: Int, of count: Int) -> Range<Int> {
    let size = Predictor.shardSize
    let shards = (count + size - 1) / size
    func start(_ rank: Int) -> Int { min(count, shards * rank / communicator.size * size) }
    return start(rank)..<start(rank + 1)
  }
}
