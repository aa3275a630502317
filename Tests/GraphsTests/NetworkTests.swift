import Graphs
import TestSupport
import Testing

/// Whole networks, in which the rules meet.
@Suite struct NetworkTests {
  /// Convolutions, relu, pooling, dense layers and cross-entropy on 28x28 images.
  @Test func gradientsOfAConvolutionalNetwork() throws {
    var builder = Builder()
    var draw = XorShift(seed: 5)
    var inputs: [String: Tensor] = [:]
    var sources: [(String, Value)] = []
    func weight(_ name: String, _ shape: Shape) -> Value {
      let bound = (3 / Double(shape.count / shape[0])).squareRoot()
      inputs[name] = Tensor(shape, (0..<shape.count).map { _ in draw.number(in: -bound...bound) })
      sources.append((name, builder.input(name, TensorType(.float32, shape))))
      return sources[sources.count - 1].1
    }
    func relu(_ x: Value) -> Value {
      builder.maximum(x, builder.constant(0, builder.shape(of: x)))
    }
    let two = SlidingAxis(kernel: 2, stride: 2)
    func block(_ x: Value, _ name: String, filters: Int) -> Value {
      let shape = builder.shape(of: x)
      let axis = SlidingAxis.same(kernel: 3, stride: 1, dilation: 1, extent: shape[1])
      let y = builder.emit(
        .convolution(Convolution(vertical: axis, horizontal: axis)), x,
        weight(name, [filters, shape[3], 3, 3]))
      return builder.maxPool(relu(y), Window(vertical: two, horizontal: two))
    }
    inputs["images"] = Tensor([2, 28, 28, 1], (0..<1568).map { _ in draw.number(in: 0...1) })
    inputs["labels"] = Tensor([2], [3, 7])
    let images = builder.input("images", TensorType(.float32, [2, 28, 28, 1]))
    let features = block(block(images, "conv1", filters: 8), "conv2", filters: 12)
    let flat = builder.reshape(features, [2, 588])
    let hidden = relu(
      builder.matrixProduct(flat, weight("dense1", [32, 588]), transposeRight: true))
    let logits = builder.matrixProduct(
      hidden, weight("dense2", [10, 32]), transposeRight: true)
    let labels = builder.input("labels", TensorType(.int32, [2]))
    let losses = builder.emit(.composite(.softmaxCrossEntropy), logits, labels)
    let loss = builder.multiply(builder.total(losses), by: 0.5)
    let function = Loss(try builder.gradientProgram(loss, by: sources), inputs: inputs)
    for (name, _) in sources {
      try function.expectGradient(of: name, step: 1e-6, relative: 1e-6, "\(name)")
    }
  }
}
