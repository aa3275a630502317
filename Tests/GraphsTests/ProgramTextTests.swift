import Graphs
import TestSupport
import Testing

@Suite struct ProgramTextTests {
  @Test func oneLineAnInstruction() {
    var builder = Builder()
    let x = builder.input("images", TensorType(.float32, [8, 6, 6, 3]))
    let w = builder.parameter("conv1/weight", [4, 3, 3, 3])
    let axis = SlidingAxis.same(kernel: 3, stride: 1, dilation: 1, extent: 6)
    let y = builder.emit(.convolution(Convolution(vertical: axis, horizontal: axis)), x, w)
    let relu = builder.maximum(y, builder.constant(0, [8, 6, 6, 4]))
    let two = SlidingAxis(kernel: 2, stride: 2)
    let window = Window(vertical: two, horizontal: two)
    let pooled = builder.maxPool(relu, window)
    let argmax = builder.results(of: .maxPool(window), [y])[1]
    let sums = builder.sum(pooled, axes: [1, 2])
    let program = builder.program(
      outputs: [Output("features", sums), Output("argmax", argmax)])
    #expect(
      program.description == """
        %0: float32[8, 6, 6, 3] = input 'images'
        %1: float32[4, 3, 3, 3] = parameter 'conv1/weight'
        %2: float32[8, 6, 6, 4] = convolution(3x3 padding [1, 1, 1, 1]) %0 %1
        %3: float32[8, 3, 3, 4], uint8[8, 3, 3, 4] = maxPool(2x2 stride 2x2) %2
        %4: float32[8, 3, 3, 4] = constant 0.0
        %5: float32[8, 3, 3, 4] = maximum %3 %4
        %6: float32[8, 1, 1, 4] = reduce(sum, axes [1, 2]) %5
        features = %6
        argmax = %3.1
        """)
  }

  /// Two operations that differ are never written the same.
  @Test func textTellsOperationsApart() {
    var known: [String: Operation] = [:]
    for operation in OperationCase.all.map(\.operation) {
      let other = known[operation.description]
      #expect(other == nil || other == operation, "\(operation)")
      known[operation.description] = operation
    }
  }
}
