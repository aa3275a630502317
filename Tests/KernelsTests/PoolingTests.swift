import Kernels
import TestSupport
import Testing

@Suite struct PoolingTests {
  /// Kernel, stride, dilation, low padding, extent of the map and of the result.
  typealias Axis = (kernel: Int, stride: Int, dilation: Int, low: Int, input: Int, output: Int)

  private static let axes: [(Axis, Axis)] = [
    ((2, 2, 1, 0, 4, 2), (2, 2, 1, 0, 6, 3)),
    ((3, 2, 1, 1, 7, 4), (3, 2, 1, 1, 6, 3)),
    ((3, 1, 2, 2, 5, 5), (2, 3, 3, 1, 7, 2)),
    ((1, 1, 1, 0, 2, 2), (4, 1, 1, 3, 4, 7)),
    ((2, 3, 1, 0, 7, 2), (1, 2, 1, 0, 3, 2)),
    ((2, 2, 1, 0, 5, 3), (3, 2, 1, 0, 6, 3)),
    ((2, 2, 1, 1, 4, 3), (3, 3, 1, 1, 4, 2)),
    ((17, 1, 1, 8, 3, 3), (17, 1, 1, 8, 20, 20)),
  ]

  private static func shape(_ index: Int, channels: Int) -> PoolingShape {
    func axis(_ axis: Axis) -> PoolingShape.Axis {
      PoolingShape.Axis(
        input: axis.input, output: axis.output, kernel: axis.kernel, stride: axis.stride,
        dilation: axis.dilation, low: axis.low)
    }
    return PoolingShape(
      samples: 2, channels: channels, vertical: axis(axes[index].0),
      horizontal: axis(axes[index].1))
  }

  /// For each result its window: the places on the map, each with its number in the window.
  private static func windows(_ index: Int, channels: Int) -> [[(place: Int, element: Int)]] {
    let (vertical, horizontal) = axes[index]
    var windows: [[(place: Int, element: Int)]] = []
    for sample in 0..<2 {
      for row in 0..<vertical.output {
        for column in 0..<horizontal.output {
          for channel in 0..<channels {
            var window: [(place: Int, element: Int)] = []
            for element in 0..<vertical.kernel * horizontal.kernel {
              let (i, j) = (element / horizontal.kernel, element % horizontal.kernel)
              let y = row * vertical.stride - vertical.low + i * vertical.dilation
              let x = column * horizontal.stride - horizontal.low + j * horizontal.dilation
              guard y >= 0, y < vertical.input, x >= 0, x < horizontal.input else { continue }
              let pixel = (sample * vertical.input + y) * horizontal.input + x
              window.append((pixel * channels + channel, element))
            }
            windows.append(window)
          }
        }
      }
    }
    return windows
  }

  /// Four kinds of maps: random, with many equal elements, with NaN, with nothing but -infinity.
  private static func map(_ kind: Int, _ count: Int) -> [Float] {
    var generator = XorShift(seed: 31)
    switch kind {
    case 0: return generator.floats(count, in: -2...(-1))
    case 1: return generator.ties(count)
    case 2: return generator.ties(count).map { $0 == 0 ? .nan : $0 }
    default: return [Float](repeating: -.infinity, count: count)
    }
  }

  @Test(arguments: 0..<8, [1, 3, 15, 16, 17, 33])
  func agreesWithTheDefinition(axes: Int, channels: Int) {
    let shape = PoolingTests.shape(axes, channels: channels)
    let windows = PoolingTests.windows(axes, channels: channels)
    for kind in 0...3 {
      let x = PoolingTests.map(kind, shape.inputCount)
      let argmax = windows.map { window in
        window.dropFirst().reduce(window[0]) { best, next in
          let (a, b) = (x[best.place], x[next.place])
          return a.isNaN || !(b > a || b.isNaN) ? best : next
        }
      }
      let (map, index) = (Buffer(x), Buffer<Int32>(count: windows.count))
      let maxima = Buffer<Float>(count: windows.count)
      unsafe Pooling.maxima(maxima.start, index: index.start, map.start, shape)
      #expect(index.elements == argmax.map { Int32($0.element) } && index.isGuarded)
      #expect(same(maxima.elements, argmax.map { x[$0.place] }) && maxima.isGuarded)

      let limited = Buffer<Float>(count: windows.count)
      for keepsArgmax in [true, false] {
        let places = unsafe keepsArgmax ? index.start : nil
        unsafe Pooling.maxima(
          limited.start, index: places, appliesReLU: true, map.start, shape)
        #expect(index.elements == argmax.map { Int32($0.element) })
        #expect(same(limited.elements, argmax.map { x[$0.place] <= 0 ? 0 : x[$0.place] }))
      }

      let gathered = Buffer<Float>(count: windows.count)
      unsafe Pooling.gather(gathered.start, index.start, map.start, shape)
      #expect(same(gathered.elements, maxima.elements) && gathered.isGuarded)

      let y = windows.indices.map { Float($0 % 7) }
      var sums = [Float](repeating: 0, count: x.count)
      for (winner, element) in zip(argmax, y) { sums[winner.place] += element }
      let scattered = Buffer<Float>(count: x.count)
      unsafe Pooling.scatter(scattered.start, index.start, Buffer(y).start, shape)
      #expect(scattered.elements == sums && scattered.isGuarded)

      guard axes < 7 else { continue }
      let bytes = Buffer<UInt8>(count: windows.count)
      unsafe Pooling.maxima(nil, index: bytes.start, map.start, shape)
      #expect(bytes.elements == argmax.map { UInt8($0.element) } && bytes.isGuarded)
      unsafe Pooling.gather(gathered.start, bytes.start, map.start, shape)
      #expect(same(gathered.elements, maxima.elements))
      unsafe Pooling.scatter(scattered.start, bytes.start, Buffer(y).start, shape)
      #expect(scattered.elements == sums)
    }
  }
}
