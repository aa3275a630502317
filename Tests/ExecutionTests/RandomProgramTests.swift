import Execution
import Graphs
import Testing

/// Whole programs, in which values die, are replaced, shared and moved.
@Suite struct RandomProgramTests {
  @Test(arguments: 0..<1000, Engine.allCases.filter { $0 != .reference })
  func agreesToTheLastBit(seed: Int, on engine: Engine) throws {
    let random = RandomProgram(seed: seed)
    let (program, inputs, parameters) = (random.program, random.inputs, random.parameters)
    // Loops may multiply a number many times.
    if try program.hasLoops && !random.isExact() { return }
    let expected = try program.meaning(inputs: inputs, parameters: parameters)
    let actual = try outputs(of: program, on: engine, inputs: inputs, parameters: parameters)
    for output in program.outputs {
      let (y, z) = try (#require(actual[output.name]), #require(expected[output.name]))
      #expect(y.disagreement(with: z, allowance: 0) == nil, "\(output.name) of\n\(program)")
    }
  }
}
