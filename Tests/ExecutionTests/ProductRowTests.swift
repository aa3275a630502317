import Execution
import Graphs
import TestSupport
import Testing

/// A row of a product of tiles has the same bits whatever rows are computed beside it; OpenBLAS, which
/// does not promise that, computes each shard by itself.
@Suite struct ProductRowTests {
  /// Rows of weights that fill vectors and that do not, transposed as a layer has them and not.
  ///
  /// The reference stands beside them, also in a build that has no tiles.
  @Test(arguments: Engine.allCases.filter { $0 != .openblas }, [false, true])
  func aRowIsTheSameBesideOthers(on engine: Engine, isTransposed: Bool) throws {
    var generator = XorShift(seed: 17)
    func draw(_ shape: Shape) -> Tensor {
      Tensor(shape, (0..<shape.count).map { _ in Double(Float(generator.number(in: -1...1))) })
    }
    for (inner, columns) in [(37, 65), (128, 512), (1, 16)] {
      let rows = draw([64, inner])
      let weight = draw(isTransposed ? [columns, inner] : [inner, columns])
      func product(_ count: Int) throws -> [Double] {
        var builder = Builder()
        let x = builder.input("x", TensorType(.float32, [count, inner]))
        let w = builder.parameter("w", weight.shape)
        let y = builder.matrixProduct(x, w, transposeRight: isTransposed)
        let some = Tensor([count, inner], Array(rows.elements.prefix(count * inner)))
        return try #require(
          outputs(
            of: builder.program(outputs: [Output("y", y)]), on: engine, inputs: ["x": some],
            parameters: ["w": weight])["y"]
        ).elements
      }
      let all = try product(64)
      for count in 1..<64 {
        #expect(try product(count) == Array(all.prefix(count * columns)), "\(count) rows")
      }
    }
  }
}
