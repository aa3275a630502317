import Graphs
import TestSupport
import Testing

@Suite struct ProgramCostTests {
  private func cost(_ operation: Operation, _ operands: [Operand]) -> Cost {
    OperationCase(operation, operands).program.cost
  }

  private func zeros(_ shape: Shape, _ number: NumberType = .float32) -> Operand {
    Operand(number, shape, [Double](repeating: 0, count: shape.count))
  }

  /// 2·m·n·k operations; operands read and the result written once.
  @Test(arguments: [(false, false), (false, true), (true, false), (true, true)])
  func matrixProduct(left: Bool, right: Bool) {
    let a: Shape = left ? [3, 5, 4] : [3, 4, 5]
    let b: Shape = right ? [3, 6, 5] : [3, 5, 6]
    #expect(
      cost(.matrixProduct(transposeLeft: left, transposeRight: right), [zeros(a), zeros(b)])
        == Cost(flops: 2 * 3 * 4 * 5 * 6, bytes: 4 * 3 * (4 * 5 + 5 * 6 + 4 * 6)))
  }

  /// The three convolutions of a layer cost the same.
  @Test func convolution() {
    let axis = SlidingAxis(kernel: 3, stride: 2, low: 1, high: 1)
    let geometry = Convolution(vertical: axis, horizontal: axis, groups: 2)
    let (x, w, y) = (zeros([2, 8, 8, 4]), zeros([6, 2, 3, 3]), zeros([2, 4, 4, 6]))
    let expected = Cost(
      flops: 2 * (2 * 4 * 4 * 6) * (2 * 3 * 3), bytes: 4 * (2 * 64 * 4 + 6 * 18 + 2 * 16 * 6))
    #expect(cost(.convolution(geometry), [x, w]) == expected)
    #expect(cost(.convolutionInputGradient(geometry, height: 8, width: 8), [y, w]) == expected)
    #expect(cost(.convolutionFilterGradient(geometry), [x, y]) == expected)
  }

  @Test func elementsAndMovement() {
    #expect(
      cost(.binary(.add), [zeros([6]), zeros([6])]) == Cost(flops: 6, bytes: 72))
    #expect(
      cost(.compare(.less), [zeros([6]), zeros([6])]) == Cost(flops: 6, bytes: 54))
    #expect(cost(.reduce(.sum, axes: [0]), [zeros([6])]) == Cost(flops: 6, bytes: 28))
    #expect(cost(.permute([1, 0]), [zeros([2, 3])]) == Cost(flops: 0, bytes: 48))
    #expect(cost(.reshape([6]), [zeros([2, 3])]) == Cost(flops: 0, bytes: 0))
  }

  /// A composite does the work of its expansion, but reads and writes only its own tensors.
  @Test func composite() {
    let softmax = OperationCase(.composite(.softmax), [zeros([2, 5])]).program
    #expect(softmax.cost == Cost(flops: softmax.expanded().cost.flops, bytes: 80))
    #expect(softmax.cost.flops == 5 * 10)
  }
}
