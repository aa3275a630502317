package import Communication
internal import Datasets
package import Diagnostics
internal import Execution
internal import Glibc
internal import Graphs
internal import Kernels
internal import Networks

extension Benchmark {
  /// The cycles before a measurement: they touch the memory and let processors reach their speed.
  private static let warmUp = 10

  /// Measures `wanted` steps of a trainer, or as many as take about three seconds.
  ///
  /// Each rank measures its own times. A request to stop ends the measurement early. Collective.
  package init(
    _ trainer: Trainer, communicator: Communicator, steps wanted: Int? = nil
  ) throws(Failure) {
    var stepper = Stepper(trainer)
    try stepper.run(Benchmark.warmUp)
    let fitting = 3 / (stepper.seconds.min() ?? 1)
    var count = wanted ?? max(30, Int(min(fitting, 1_000_000)))
    // Times differ between ranks, but the number of steps must be equal.
    try unsafe communicator.broadcast(&count, count: MemoryLayout<Int>.size)
    try stepper.run(count)

    let times = stepper.seconds
    steps = times.count
    samples = stepper.batchSize
    medianSeconds = times.median
    minSeconds = times.min() ?? 0
    allocations = stepper.allocations
    flops = try Benchmark.flops(of: trainer.experiment, samples: stepper.batchSize)
    let peaks = try Benchmark.arithmeticPeaks(of: trainer.pool, communicator)
    peak = peaks.reduce(0, +)
    peakBytes = Benchmark.peakBytes()
    let (recording, recorded) = try Benchmark.record(trainer, steps: min(count, 100))
    profile = StepProfile(
      recording, steps: recorded.count,
      seconds: recorded.reduce(0, +) / Double(recorded.count), peak: peaks[communicator.rank])
  }

  /// Takes steps of a trainer and records the times of their parts, which slows them a little.
  package static func record(
    _ trainer: Trainer, steps: Int
  ) throws(Failure) -> (recording: Recording, seconds: [Double]) {
    var stepper = Stepper(trainer)
    let recording = Recording(workers: trainer.pool.count)
    trainer.record(recording)
    defer { trainer.record(nil) }
    try stepper.run(steps)
    return (recording, stepper.seconds)
  }

  /// Takes cycles of full steps and measures each of them.
  private struct Stepper {
    let batchSize: Int
    private(set) var seconds: [Double] = []
    private(set) var allocations: Allocations?
    private let trainer: Trainer
    private let counter = AllocationCounter()
    private let cycle: Cycle
    private var sampler: Sampler
    private var place = 0
    private var ahead: Batch

    init(_ trainer: Trainer) {
      self.trainer = trainer
      cycle = trainer.experiment.compiled.cycle
      sampler = trainer.experiment.sampler
      batchSize = sampler.batchSizes[0]
      ahead = sampler.batch(atStep: 0)
    }

    /// Takes at least one cycle of steps; replaces the earlier measurements.
    mutating func run(_ cycles: Int) throws(Failure) {
      seconds = []
      seconds.reserveCapacity(cycles)
      allocations = counter.map { _ in Allocations(own: 0, library: 0) }
      var isStopped = false
      repeat {
        var time = 0.0
        for _ in 0..<cycle.length {
          let batch = ahead
          if cycle.turn(ofStep: trainer.state.step) == 0 { ahead = nextBatch() }
          let (before, start) = (counter?.allocations, Timeline.now)
          let report = try trainer.step(
            batch, next: ahead, requests: StopRequest.isRequested ? .stop : [])
          let (end, after) = (Timeline.now, counter?.allocations)
          time += Double(end - start) / 1e9
          if let before, let after { allocations? += after - before }
          isStopped = isStopped || report.requests.contains(.stop)
        }
        seconds.append(time)
      } while seconds.count < cycles && !isStopped
    }

    /// The next full batch: the last batch of an epoch may be smaller.
    private mutating func nextBatch() -> Batch {
      while true {
        place += 1
        let batch = sampler.batch(atStep: place)
        if batch.count == batchSize { return batch }
      }
    }
  }

  /// The floating-point operations of a cycle on all shards.
  private static func flops(of experiment: Experiment, samples: Int) throws(Failure) -> Int {
    let layout = experiment.configuration.layout
    var sum = 0
    for size in layout.sizes(in: samples) {
      let shards = (0..<layout.shards).count { layout.places(of: $0, in: samples).count == size }
      for (group, steps) in zip(experiment.parameterGroups, experiment.compiled.cycle.lengths) {
        sum += try steps * shards * group.program(size).cost.flops
      }
    }
    return sum
  }

  /// The peak of each rank when all workers compute.
  private static func arithmeticPeaks(
    of pool: WorkerPool, _ communicator: Communicator
  ) throws(Failure) -> [Double] {
    var workers = [Double](repeating: 0, count: pool.count)
    try communicator.barrier()
    unsafe workers.withUnsafeMutableBufferPointer { buffer in
      let workers = unsafe buffer
      pool.run { unsafe workers[$0] = ArithmeticPeak.measure() }
    }
    var ranks = [Double](repeating: 0, count: communicator.size)
    ranks[communicator.rank] = workers.reduce(0, +)
    try unsafe communicator.allGather(
      &ranks, ranges: ranks.indices.map { 8 * $0..<8 * ($0 + 1) })
    return ranks
  }

  /// The high-water mark of resident memory, from the Linux kernel.
  private static func peakBytes() -> Int {
    let file = unsafe open("/proc/self/status", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return 0 }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe read(file, $0.baseAddress, $0.count) }
    let lines = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: "\n")
    guard let line = lines.first(where: { $0.hasPrefix("VmHWM:") }) else { return 0 }
    return 1024 * (Int(line.filter(\.isWholeNumber)) ?? 0)
  }
}
