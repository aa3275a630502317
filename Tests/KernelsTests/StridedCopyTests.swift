import Kernels
import TestSupport
import Testing

@Suite struct StridedCopyTests {
  @Test(arguments: 1...200)
  func agreesWithIndexArithmetic(seed: Int) {
    var generator = XorShift(seed: UInt64(seed) &* 0x9E37_79B9_7F4A_7C15)
    let rank = generator.integer(in: 0...4)
    let extents = (0..<rank).map { _ in generator.integer(in: 1...5) }

    // The destination is the whole or a grid in a larger block, in any order of axes.
    var (destination, room) = ([Int](repeating: 0, count: rank), 1)
    for axis in Array(0..<rank).shuffled(using: &generator) {
      let gap = generator.integer(in: 1...2)
      destination[axis] = room * gap
      room *= extents[axis] * gap
    }
    // The source is read forwards, backwards or again and again.
    let source = (0..<rank).map { _ in generator.integer(in: -3...6) }
    let lowest = zip(source, extents).reduce(0) { $0 + min(0, $1.0 * ($1.1 - 1)) }
    let highest = zip(source, extents).reduce(0) { $0 + max(0, $1.0 * ($1.1 - 1)) }
    let offset = generator.integer(in: 0...3)

    let numbers = (0...highest - lowest).map { Int32($0 + 1) }
    var expected = [Int32](repeating: -1, count: room + offset)
    for index in 0..<extents.reduce(1, *) {
      var (rest, from, to) = (index, -lowest, offset)
      for axis in (0..<rank).reversed() {
        let i = rest % extents[axis]
        rest /= extents[axis]
        from += i * source[axis]
        to += i * destination[axis]
      }
      expected[to] = numbers[from]
    }

    func copy(_ size: Int) -> StridedCopy {
      StridedCopy(
        extents: extents, sourceStrides: source, destinationStrides: destination,
        sourceOffset: -lowest, destinationOffset: offset, elementSize: size)
    }
    let words = Buffer<Int32>(count: room + offset)
    unsafe copy(4).run(from: Buffer(numbers).start, to: words.start)
    #expect(words.elements == expected && words.isGuarded)
    let bytes = Buffer<UInt8>(count: room + offset)
    unsafe copy(1).run(
      from: Buffer(numbers.map { UInt8(truncatingIfNeeded: $0) }).start, to: unsafe bytes.start)
    #expect(bytes.elements == expected.map { UInt8(truncatingIfNeeded: $0) } && bytes.isGuarded)
  }

  /// Maps to planes and back, in blocks of 16 x 16 and what is left of them.
  @Test(arguments: [(1, 16), (16, 1), (49, 32), (31, 17), (16, 16), (5, 3)])
  func transposes(_ extents: (rows: Int, columns: Int)) {
    let (rows, columns) = extents
    let numbers = (0..<2 * rows * columns).map { Int32($0) * -77_777 }
    let copy = StridedCopy(
      extents: [2, columns, rows], sourceStrides: [rows * columns, 1, columns],
      destinationStrides: [rows * columns, rows, 1], elementSize: 4)
    let words = Buffer<Int32>(count: numbers.count)
    unsafe copy.run(from: Buffer(numbers).start, to: words.start)
    for matrix in 0..<2 {
      for row in 0..<rows {
        for column in 0..<columns {
          let from = (matrix * rows + row) * columns + column
          #expect(words.elements[(matrix * columns + column) * rows + row] == numbers[from])
        }
      }
    }
    #expect(words.isGuarded)
  }
}
