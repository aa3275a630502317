internal import Graphs

extension Draw {
  mutating func maxPoolCases() -> [OperationCase] {
    Draw.windows.flatMap { window, map in
      [
        OperationCase(.maxPool(window), [apart(map)]),
        OperationCase(.maxPool(window), [ties(map)], isSmooth: false),
        // All below 0, where zeros of the padding would win.
        OperationCase(.maxPool(window), [floats(map, in: -2...(-1))], isSmooth: false),
      ]
    } + [
      OperationCase(
        .maxPool(Draw.windows[0].0),
        [Operand(.float32, [1, 2, 4, 1], [1, .nan, -.infinity, -.infinity, .nan, 2, 0, 3])],
        isSmooth: false)
    ]
  }

  mutating func poolGatherCases() -> [OperationCase] {
    Draw.windows.map { window, map in
      OperationCase(.poolGather(window), [argmax(window, map), floats(map)])
    }
      + Draw.windows.prefix(1).map { window, map in
        OperationCase(
          .poolGather(window), [argmax(window, map), halves(map)], isSmooth: false)
      }
  }

  mutating func poolScatterCases() -> [OperationCase] {
    Draw.windows.map { window, map in
      let argmax = argmax(window, map)
      return OperationCase(
        .poolScatter(window, height: map[1], width: map[2]),
        [argmax, floats(argmax.type.shape)])
    }
      + Draw.windows.prefix(1).map { window, map in
        let argmax = argmax(window, map)
        return OperationCase(
          .poolScatter(window, height: map[1], width: map[2]),
          [argmax, halves(argmax.type.shape)], isSmooth: false)
      }
  }

  mutating func poolSumCases() -> [OperationCase] {
    Draw.windows.map { window, map in OperationCase(.poolSum(window), [floats(map)]) }
      + Draw.windows.prefix(1).map { window, map in
        OperationCase(.poolSum(window), [halves(map)], isSmooth: false)
      }
  }

  mutating func poolSpreadCases() -> [OperationCase] {
    Draw.windows.map { window, map in
      OperationCase(
        .poolSpread(window, height: map[1], width: map[2]), [floats(output(of: window, map))])
    }
      + Draw.windows.prefix(1).map { window, map in
        OperationCase(
          .poolSpread(window, height: map[1], width: map[2]), [halves(output(of: window, map))],
          isSmooth: false)
      }
  }

  private func output(of window: Window, _ map: Shape) -> Shape {
    [
      map[0], window.vertical.positions(along: map[1]),
      window.horizontal.positions(along: map[2]), map[3],
    ]
  }

  /// Windows with maps that they fit.
  private static let windows: [(Window, Shape)] = [
    (square(SlidingAxis(kernel: 2, stride: 2)), [2, 4, 6, 3]),
    (square(SlidingAxis(kernel: 2, stride: 2)), [1, 5, 5, 1]),
    (square(SlidingAxis(kernel: 3, stride: 2, low: 1, high: 1)), [2, 5, 6, 2]),
    (square(SlidingAxis(kernel: 3, low: 2, high: 1)), [1, 3, 4, 2]),
    (square(SlidingAxis(kernel: 2)), [1, 3, 3, 19]),
    (
      Window(
        vertical: SlidingAxis(kernel: 1, stride: 2),
        horizontal: SlidingAxis(kernel: 3, dilation: 2, low: 1, high: 2)), [2, 4, 6, 2]
    ),
    // Padding that differs by side, and windows that reach beyond the map.
    (square(SlidingAxis(kernel: 2, stride: 2, high: 1)), [2, 5, 3, 18]),
    (
      Window(
        vertical: SlidingAxis(kernel: 2, stride: 2, low: 1),
        horizontal: SlidingAxis(kernel: 3, stride: 2, high: 2)), [1, 5, 6, 3]
    ),
    // More than 256 elements are numbered in int32.
    (square(SlidingAxis(kernel: 17, low: 8, high: 8)), [1, 3, 17, 1]),
  ]

  private static func square(_ axis: SlidingAxis) -> Window {
    Window(vertical: axis, horizontal: axis)
  }

  /// A random element of each window that lies on the map.
  private mutating func argmax(_ window: Window, _ map: Shape) -> Operand {
    let shape = output(of: window, map)
    let elements = (0..<shape.count).map { place in
      let (row, column) = (place / (shape[2] * shape[3]) % shape[1], place / shape[3] % shape[2])
      let y = element(of: window.vertical, at: row, extent: map[1])
      let x = element(of: window.horizontal, at: column, extent: map[2])
      return Double(y * window.horizontal.kernel + x)
    }
    return Operand(window.indexType, shape, elements)
  }

  private mutating func element(of axis: SlidingAxis, at position: Int, extent: Int) -> Int {
    while true {
      let element = generator.integer(in: 0...axis.kernel - 1)
      let place = position * axis.stride - axis.low + element * axis.dilation
      if (0..<extent).contains(place) { return element }
    }
  }
}
