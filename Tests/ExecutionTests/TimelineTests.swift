import Execution
import Graphs
import Kernels
import TestSupport
import Testing

/// What a plan tells of itself: its instructions, its memory and its times.
@Suite struct TimelineTests {
  private func prepare() throws -> (Program, Parameters, any Executable) {
    NumericThread.prepare()
    let (program, values) = PlanTests.network
    let parameters = try Parameters(values)
    let executable = try Engine.standard.prepare(program, parameters: parameters.vector)
    return (program, parameters, executable)
  }

  @Test func everyStepIsNotedOnceAndInOrder() throws {
    let (program, parameters, executable) = try prepare()
    let plan = try #require(executable.description)
    let session = try executable.makeSession(in: Arena(byteCount: executable.arenaByteCount))
    for (name, type) in program.inputs {
      try unsafe #require(session.input(name)).write(
        #require(PlanTests.inputs[name]), type.number)
    }
    let gradient = try Memory(byteCount: 4 * parameters.vector.count)
    var packing: Timeline?
    func run() -> [UInt8] {
      parameters.vector.weightsChanged()
      executable.packWeights(on: nil, timelines: packing.map { [$0] } ?? [])
      unsafe session.run(.somewhere, gradient: gradient.start.assumingMemoryBound(to: Float.self))
      return gradient.bytes
    }

    let expected = run()
    let timeline = Timeline()
    packing = Timeline()
    session.record(to: timeline)
    #expect(run() == expected, "times change no bits")
    let packings = packing?.entries.map(\.activity.name)
    packing = nil
    session.record(to: nil)
    #expect(run() == expected)
    #expect(packings == plan.packings.map(\.name))
    #expect(timeline.entries.map(\.activity.name) == plan.instructions.map(\.name))
    for (entry, next) in zip(timeline.entries, timeline.entries.dropFirst()) {
      #expect(entry.start <= entry.end && entry.end == next.start)
    }
  }

  @Test func theReferenceEngineIsOneActivity() throws {
    let (program, values) = PlanTests.network
    let parameters = try Parameters(values)
    let executable = try Engine.reference.prepare(program, parameters: parameters.vector)
    #expect(executable.description == nil)
    let session = try executable.makeSession(in: Arena(byteCount: executable.arenaByteCount))
    let gradient = try Memory(byteCount: 4 * parameters.vector.count)
    let timeline = Timeline()
    session.record(to: timeline)
    unsafe session.run(.somewhere, gradient: gradient.start.assumingMemoryBound(to: Float.self))
    #expect(timeline.entries.map(\.activity.flops) == [program.cost.flops])
  }

  @Test func instructionsCostWhatTheProgramCosts() throws {
    let (program, _, executable) = try prepare()
    let plan = try #require(executable.description)
    #expect(plan.instructions.reduce(0) { $0 + $1.flops } == program.cost.flops)
    #expect(plan.packings.allSatisfy { $0.flops == 0 } && !plan.packings.isEmpty)
    let kinds = Set(plan.instructions.map(\.kind))
    #expect(kinds.isSuperset(of: ["convolution", "convolution filter gradient", "matrix product"]))
  }

  @Test func blocksOfOneTimeAreApart() throws {
    let (_, parameters, executable) = try prepare()
    let plan = try #require(executable.description)
    #expect(plan.arenaByteCount == executable.arenaByteCount)
    #expect(plan.packedByteCount == parameters.vector.packed.byteCount)
    #expect(0 < plan.peakByteCount && plan.peakByteCount <= plan.arenaByteCount)
    for (i, a) in plan.blocks.enumerated() {
      #expect(a.offset + a.byteCount <= plan.arenaByteCount)
      for b in plan.blocks[..<i] where a.first <= b.last && b.first <= a.last {
        #expect(a.offset >= b.offset + b.byteCount || b.offset >= a.offset + a.byteCount)
      }
    }
  }
}
