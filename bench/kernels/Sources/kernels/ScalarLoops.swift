/// The meaning of the kernels: the same chains, one product at a time.
enum ScalarLoops {
  static func multiply(_ shape: ProductShape, _ a: Buffer, _ b: Buffer) -> Buffer {
    let result = Buffer(shape.rows * shape.columns)
    for i in 0..<shape.rows {
      for j in 0..<shape.columns {
        var sum: Float = 0
        for k in 0..<shape.inner {
          let left = shape.kind == .transposedLeft ? k * shape.rows + i : i * shape.inner + k
          let right = shape.kind == .transposedRight ? j * shape.inner + k : k * shape.columns + j
          sum.addProduct(a.pointer[left], b.pointer[right])
        }
        result.pointer[i * shape.columns + j] = sum
      }
    }
    return result
  }

  static func forward(
    _ shape: ConvolutionShape, _ input: Buffer, _ weights: Buffer, reversed: Bool
  ) -> Buffer {
    let result = Buffer(shape.outputCount)
    let block = min(16, shape.inputs)
    for (place, (sample, y, x)) in pixels(shape).enumerated() {
      for o in 0..<shape.outputs {
        var sum: Float = 0
        for plane in stride(from: 0, to: shape.inputs, by: block) {
          for tap in 0..<9 where (0..<shape.height).contains(y + tap / 3 - 1) {
            for c in plane..<plane + block {
              let weight =
                reversed
                ? weights.pointer[(c * shape.outputs + o) * 9 + 8 - tap]
                : weights.pointer[(o * shape.inputs + c) * 9 + tap]
              sum.addProduct(
                element(shape, input, sample, y + tap / 3 - 1, x + tap % 3 - 1, c), weight)
            }
          }
        }
        result.pointer[place * shape.outputs + o] = sum
      }
    }
    return result
  }

  static func filterGradient(
    _ shape: ConvolutionShape, _ input: Buffer, _ outputGradient: Buffer
  ) -> Buffer {
    let result = Buffer(shape.filterCount)
    for c in 0..<shape.inputs {
      for tap in 0..<9 {
        for o in 0..<shape.outputs {
          var sum: Float = 0
          for (place, (sample, y, x)) in pixels(shape).enumerated()
          where (0..<shape.height).contains(y + tap / 3 - 1) {
            sum.addProduct(
              element(shape, input, sample, y + tap / 3 - 1, x + tap % 3 - 1, c),
              outputGradient.pointer[place * shape.outputs + o])
          }
          result.pointer[filterPlace(shape, o, c, tap)] = sum
        }
      }
    }
    return result
  }

  /// Where a filter gradient has the element `[o, c, tap]`.
  static func filterPlace(_ shape: ConvolutionShape, _ o: Int, _ c: Int, _ tap: Int) -> Int {
    guard shape.inputs > 1 else { return tap * shape.outputs + o }
    return o * 9 * shape.inputs + c / 16 * 144 + tap * 16 + c % 16
  }

  private static func pixels(_ shape: ConvolutionShape) -> [(Int, Int, Int)] {
    (0..<shape.samples * shape.height * shape.width).map {
      ($0 / shape.width / shape.height, $0 / shape.width % shape.height, $0 % shape.width)
    }
  }

  private static func element(
    _ shape: ConvolutionShape, _ map: Buffer, _ sample: Int, _ y: Int, _ x: Int, _ channel: Int
  ) -> Float {
    guard (0..<shape.width).contains(x) else { return 0 }
    return map.pointer[
      ((sample * shape.height + y) * shape.width + x) * shape.inputs + channel]
  }
}
