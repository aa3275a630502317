import Communication
import Datasets
import Execution
import Foundation
import TestSupport
import Testing

import Training

/// What a step allocates, counted by the library in `Tests/AllocationCounter`.
///
/// It must be there before the process begins, so these tests run other processes.
@Suite struct AllocationTests {
  private static let environment = ProcessInfo.processInfo.environment
  private static let isCounted = environment["NN_DIST_COUNTS_ALLOCATIONS"] != nil
  private static let sample = Sample(
    shards: 4, samples: 64, batch: 16, model: Sample.conv, optimizer: "{adam: {amsgrad: true}}",
    rules: "schedule: cosine\nclip: {norm: 0.5}\npenalty: {l1: 0.001}")

  /// Runs itself in a process of its own, where nothing but the steps takes memory.
  @Test(
    .enabled(
      if: CProgram.compiler != nil,
      "no cc and no clang: allocations of a step are not counted"))
  func aSteadyStepAllocatesNothing() throws {
    guard !Self.isCounted else { return try countSteps() }
    let test = try #require(Bundle.main.executablePath)
    let (status, output) = try counting(
      test,
      ["--testing-library", "swift-testing", "--filter", "aSteadyStepAllocatesNothing"])
    #expect(status == 0, "\(output)")
    #expect(output.contains("aSteadyStepAllocatesNothing() passed"), "\(output)")
  }

  private func countSteps() throws {
    let bytesInUse = try unsafe #require(dlsym(nil, "nn_dist_bytes_in_use"))
    let inUse = unsafe unsafeBitCast(bytesInUse, to: (@convention(c) () -> UInt64).self)
    for engine in Engine.allCases where engine != .reference {
      var sample = Self.sample
      sample.engine = engine.rawValue
      try withTrainer(sample.experiment()) { trainer in
        var sampler = trainer.experiment.sampler
        // An order of samples is made once an epoch; steps of one epoch serve for all.
        let batches = (0..<sampler.stepsPerEpoch).map { sampler.batch(atStep: $0) }
        func train(to end: Int) throws {
          while trainer.state.step < end {
            _ = try trainer.step(batches[trainer.state.step % batches.count])
          }
        }
        try train(to: 10)
        // What runs the tests gives back memory of its own for a while after it has begun one, so
        // there are a few tries. What a step keeps shows in all of them.
        var (early, late) = (inUse(), UInt64.max)
        for attempt in 1...5 where late != early {
          early = inUse()
          try train(to: 10 + 990 * attempt)
          late = inUse()
        }
        #expect(late == early, "bytes in use before and after 990 steps")

        let benchmark = try Benchmark(trainer, communicator: .start(), steps: 50)
        #expect(benchmark.allocationsPerStep == 0)
        try expectLibraryAllocations(benchmark.libraryAllocationsPerStep, of: engine)
      }
    }
  }

  @Test(
    .enabled(
      if: CProgram.compiler != nil,
      "no cc and no clang: allocations of a step are not counted"),
    .enabled(
      if: environment["NN_DIST_BINARY"] != nil,
      "NN_DIST_BINARY names no program: its allocations are not counted"))
  func theProgramReportsAllocations() throws {
    let program = try #require(Self.environment["NN_DIST_BINARY"])
    let file = FileManager.default.temporaryDirectory
      .appendingPathComponent("\(UUID().uuidString).yaml")
    try Self.sample.text.write(to: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: file) }
    let (status, output) = try counting(program, ["bench", file.path, "--steps", "50", "--json"])
    #expect(status == 0, "\(output)")
    let json = try JSONSerialization.jsonObject(with: Data(output.utf8))
    let figures = try #require(json as? [String: Any])
    #expect(figures["allocations_per_step"] as? Double == 0)
    try expectLibraryAllocations(
      figures["library_allocations_per_step"] as? Double, of: .standard)
  }

  /// oneDNN takes memory in each call; OpenBLAS keeps what it has.
  private func expectLibraryAllocations(_ count: Double?, of engine: Engine) throws {
    let count = try #require(count, "they are counted")
    #expect(engine == .openblas ? count == 0 : count > 0, "\(engine): \(count)")
  }

  /// Runs a program with the counter and returns its status and what it says.
  private func counting(
    _ program: String, _ arguments: [String]
  ) throws -> (status: Int32, output: String) {
    let folder = try TemporaryFolder()
    let library = try #require(
      try CProgram.build("AllocationCounter/allocation_counter.c", asLibrary: true, in: folder))
    return try run(
      program, arguments,
      environment: Self.environment.merging([
        "LD_PRELOAD": library, "NN_DIST_COUNTS_ALLOCATIONS": "1",
      ]) { $1 })
  }

  private func run(
    _ program: String, _ arguments: [String], environment: [String: String] = environment
  ) throws -> (status: Int32, output: String) {
    let (process, pipe) = (Process(), Pipe())
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.environment = environment
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
