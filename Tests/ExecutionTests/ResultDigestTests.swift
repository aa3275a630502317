import Execution
import Graphs
import Kernels
import TestSupport
import Testing

/// What the steps of a program wrote, as numbers.
@Suite struct ResultDigestTests {
  private func digests(
    _ engine: Engine, isChanged: Bool = false, times: Int = 1
  ) throws -> (digests: [ResultDigest], gradient: [UInt8], executable: any Executable) {
    NumericThread.prepare()
    let (program, values) = PlanTests.network
    let parameters = try Parameters(values)
    let executable = try engine.prepare(program, parameters: parameters.vector)
    let session = try executable.makeSession(in: Arena(byteCount: executable.arenaByteCount))
    executable.packWeights()
    let gradient = try Memory(byteCount: 4 * parameters.vector.count)
    var digests: [ResultDigest] = []
    for _ in 0..<times {
      for (name, type) in program.inputs {
        var value = try #require(PlanTests.inputs[name])
        if isChanged { value = Tensor(value.shape, value.elements.reversed()) }
        try unsafe #require(session.input(name)).write(value, type.number)
      }
      digests = unsafe session.digests(
        .somewhere, gradient: gradient.start.assumingMemoryBound(to: Float.self))
    }
    return (digests, gradient.bytes, executable)
  }

  @Test(arguments: Engine.allCases)
  func digestsAreThoseOfWhatWasComputed(_ engine: Engine) throws {
    let (first, gradient, _) = try digests(engine)
    #expect(!first.isEmpty)
    let second = try digests(engine, times: 2).digests
    #expect(zip(second, first).filter { $0 != $1 }.map(\.0.step) == [], "run twice")
    #expect(try digests(engine).gradient == gradient)
    let other = try digests(engine, isChanged: true).digests
    #expect(other.map(\.step) == first.map(\.step))
    #expect(zip(other, first).contains { $0 != $1 })
  }

  /// One for each value that is computed, after the step that completes it.
  @Test func everyValueHasADigest() throws {
    let (digests, _, executable) = try digests(.standard)
    let names = try #require(executable.description).instructions.map(\.name)
    func values(_ names: [String]) -> Set<Substring> { Set(names.map { $0.prefix { $0 != "=" } }) }
    #expect(values(names) == values(digests.map(\.step)))
    let places = digests.compactMap { names.lastIndex(of: $0.step) }
    #expect(places.count == digests.count && places == places.sorted())
  }

  @Test func aRunMakesTheSameGradient() throws {
    let (_, gradient, _) = try digests(.standard)
    let (program, values) = PlanTests.network
    let parameters = try Parameters(values)
    let executable = try Engine.standard.prepare(program, parameters: parameters.vector)
    let session = try executable.makeSession(in: Arena(byteCount: executable.arenaByteCount))
    executable.packWeights()
    for (name, type) in program.inputs {
      try unsafe #require(session.input(name)).write(
        #require(PlanTests.inputs[name]), type.number)
    }
    let memory = try Memory(byteCount: 4 * parameters.vector.count)
    unsafe session.run(.somewhere, gradient: memory.start.assumingMemoryBound(to: Float.self))
    #expect(memory.bytes == gradient)
  }
}
