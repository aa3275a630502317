import Glibc
import Graphs
import TestSupport
import Testing

/// A selective scan beside what every composite is tested for.
@Suite struct SelectiveScanTests {
  /// One channel with two states, three steps: the numbers of the paper's reference code.
  @Test func aKnownExample() throws {
    let delta = [0.1, -0.3, 0.7].map { log1p(exp($0)) }
    let example = OperationCase(
      .composite(.selectiveScan),
      [
        Operand(.float32, [1, 3, 1], [1, -0.5, 2]), Operand(.float32, [1, 3, 1], delta),
        Operand(.float32, [2, 1], [-1, -2]),
        Operand(.float32, [1, 3, 2], [0.5, -0.2, 1, 0.3, -0.4, 0.8]),
        Operand(.float32, [1, 3, 2], [1, 0.5, 0.2, -1, 0.7, 0.6]),
        Operand(.float32, [1, 2, 1], [0, 0]),
      ])
    let values = try ReferenceEvaluator(example.program).evaluate(inputs: example.inputs)
    // The paper's code adds u.
    let y = Tensor([1, 3, 1], [0.2977586640, 0.1196068993, 0.4178168716])
    #expect(values["y"]?.difference(from: y, relative: 1e-8) == nil)
    let states = Tensor([1, 2, 2, 1], [0, 0, -0.9035761373, 1.7505336129])
    #expect(values["y1"]?.difference(from: states, relative: 1e-8) == nil)
  }

  /// What was saved of a sequence begins the rest of it: the same numbers.
  @Test func aSequenceInTwoParts() throws {
    var generator = XorShift(seed: 20)
    func tensor(_ shape: Shape, in range: ClosedRange<Double> = -1...1) -> Tensor {
      Tensor(shape, (0..<shape.count).map { _ in generator.number(in: range) })
    }
    let steps = 2 * Composite.SelectiveScan.interval + 3
    let sequences = [
      tensor([2, steps, 3]), tensor([2, steps, 3], in: 0...0.5), tensor([2, steps, 2]),
      tensor([2, steps, 2]),
    ]
    let (a, first) = (tensor([2, 3], in: -2...0), tensor([2, 2, 3]))
    func run(_ range: Range<Int>, from first: Tensor) throws -> (y: Tensor, states: Tensor) {
      let parts = sequences.map { whole in
        Tensor(whole.shape.replacing([1], with: range.count)) {
          whole[[$0[0], $0[1] + range.lowerBound, $0[2]]]
        }
      }
      let operands = [parts[0], parts[1], a, parts[2], parts[3], first]
      let scan = OperationCase(
        .composite(.selectiveScan),
        operands.map { Operand(.float32, $0.shape, $0.elements) })
      let values = try ReferenceEvaluator(scan.program).evaluate(inputs: scan.inputs)
      return (try #require(values["y"]), try #require(values["y1"]))
    }
    let whole = try run(0..<steps, from: first)
    for cut in [1, 16, 17, steps - 1] {
      let before = try run(0..<cut, from: first)
      let slot = before.states.shape[1] - 1
      let after = try run(
        cut..<steps,
        from: Tensor(first.shape) { before.states[[$0[0], slot, $0[1], $0[2]]] })
      let y = Tensor(whole.y.shape) {
        $0[1] < cut ? before.y[$0] : after.y[[$0[0], $0[1] - cut, $0[2]]]
      }
      #expect(y == whole.y)
    }
  }
}
