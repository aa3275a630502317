internal import Graphs

extension Draw {
  mutating func reshapeCases() -> [OperationCase] {
    let choices: [(Shape, Shape)] = [
      ([], [1, 1]), ([1], []), ([6], [2, 3]), ([2, 3, 4], [4, 6]), ([2, 3], [2, 1, 3]),
    ]
    return choices.flatMap { from, to in
      NumberType.allCases.map { OperationCase(.reshape(to), [any(from, $0)]) }
    }
  }

  mutating func permuteCases() -> [OperationCase] {
    let orders = [
      [0], [1, 0], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0], [0, 3, 1, 2],
      [0, 2, 3, 1], [3, 1, 0, 2],
    ]
    return orders.flatMap { order in
      NumberType.allCases.map {
        OperationCase(.permute(order), [any(shape(rank: order.count), $0)])
      }
    }
  }

  mutating func broadcastCases() -> [OperationCase] {
    let choices: [(Shape, Shape)] = [
      ([], []), ([1], [5]), ([1, 3], [4, 3]), ([4, 1], [4, 3]), ([1, 1, 1, 3], [2, 2, 2, 3]),
      ([2, 1, 3, 1], [2, 4, 3, 2]),
    ]
    return choices.flatMap { from, to in
      NumberType.allCases.map { OperationCase(.broadcast(to), [any(from, $0)]) }
    }
  }

  mutating func sliceCases() -> [OperationCase] {
    (0...4).flatMap { rank in
      NumberType.allCases.map { number in
        var extents: [Int] = []
        var stretches: [AxisRange] = []
        for _ in 0..<rank {
          let stretch = AxisRange(
            start: generator.integer(in: 0...2), count: generator.integer(in: 1...3),
            stride: generator.integer(in: 1...3))
          let last = stretch.start + (stretch.count - 1) * stretch.stride
          stretches.append(stretch)
          extents.append(last + 1 + generator.integer(in: 0...2))
        }
        return OperationCase(.slice(stretches), [any(Shape(extents), number)])
      }
    }
  }

  mutating func padCases() -> [OperationCase] {
    (0...4).flatMap { rank in
      NumberType.allCases.map { number in
        let paddings = (0..<rank).map { _ in
          Padding(
            low: generator.integer(in: 0...2), high: generator.integer(in: 0...2),
            interior: generator.integer(in: 0...2))
        }
        return OperationCase(.pad(paddings), [any(shape(rank: rank), number)])
      }
    }
  }

  mutating func concatenateCases() -> [OperationCase] {
    (1...3).flatMap { rank in
      (0..<rank).flatMap { axis in
        (1...3).map { parts in
          let whole = shape(rank: rank)
          let operands = (0..<parts).map { _ in
            floats(whole.replacing([axis], with: generator.integer(in: 1...3)))
          }
          return OperationCase(.concatenate(axis: axis), operands)
        }
      }
    }
      + NumberType.allCases.map {
        OperationCase(.concatenate(axis: 0), [any([2, 2], $0), any([1, 2], $0)])
      }
  }

  mutating func reverseCases() -> [OperationCase] {
    [[], [0], [1], [2], [0, 2], [0, 1, 2]].flatMap { axes in
      NumberType.allCases.map { OperationCase(.reverse(axes: axes), [any([2, 3, 4], $0)]) }
    }
  }

  mutating func gatherCases() -> [OperationCase] {
    [[5], [5, 3], [1, 4], [3, 2, 4]].flatMap { (table: Shape) in
      NumberType.allCases.map { number in
        OperationCase(.gather, [any(table, number), integers([6], below: table[0])])
      }
    }
  }

  mutating func scatterAddCases() -> [OperationCase] {
    [([6], 4), ([6, 3], 4), ([1, 2], 1), ([4, 2, 3], 9)].map { (updates: Shape, rows: Int) in
      OperationCase(
        .scatterAdd(rows: rows), [integers([updates[0]], below: rows), floats(updates)])
    } + [
      OperationCase(
        .scatterAdd(rows: 2), [integers([5], below: 2), halves([5, 3])], isSmooth: false)
    ]
  }

  mutating func oneHotCases() -> [OperationCase] {
    [([], 3), ([5], 1), ([5], 4), ([2, 3], 7)].map { (indices: Shape, classes: Int) in
      OperationCase(.oneHot(classes: classes), [integers(indices, below: classes)])
    }
  }
}
