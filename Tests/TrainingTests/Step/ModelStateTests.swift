import Graphs
import Networks
import Testing
import Training

@Suite struct ModelStateTests {
  @Test func startsAsInitialised() throws {
    let experiment = try Sample(seed: 7).experiment()
    let state = try ModelState(experiment, slices: [100..<300])
    #expect(state.step == 0)
    #expect(state.count == 24 * 784 + 24 + 10 * 24 + 10)
    let moments = unsafe state.networks[0].moments
    #expect(unsafe moments.map(\.name) == ["exp_avg", "exp_avg_sq"])
    for unsafe(_, values) in unsafe moments {
      #expect(unsafe values.count == 200 && values.allSatisfy { $0 == 0 })
    }
    for (parameter, tensor) in zip(experiment.network.parameters, state.parameters) {
      let range = tensor.range
      #expect(parameter.name == tensor.name && parameter.count == range.count)
      let first = unsafe [Float](unsafeUninitializedCapacity: range.count) { buffer, count in
        unsafe buffer.initialize(repeating: .nan)
        unsafe parameter.initialise(buffer, seed: 7)
        count = range.count
      }
      let areEqual = zip(range, first).allSatisfy { unsafe state.weights[$0] == $1 }
      #expect(areEqual, "\(tensor.name)")
    }
  }

  @Test func findsTheParameterOfAnElement() throws {
    let state = try ModelState(Sample().experiment())
    let (weights, biases) = (24 * 784, 24)
    #expect(state.networks[0].parameter(at: 0) == "dense1/weight")
    #expect(state.networks[0].parameter(at: weights - 1) == "dense1/weight")
    #expect(state.networks[0].parameter(at: weights) == "dense1/bias")
    #expect(state.networks[0].parameter(at: weights + biases) == "dense2/weight")
    #expect(state.networks[0].parameter(at: state.count - 1) == "dense2/bias")
  }
}
