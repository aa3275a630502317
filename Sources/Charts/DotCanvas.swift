/// A grid of characters that are made of dots: eight of braille, or one.
struct DotCanvas {
  /// Dots, beside and below each other.
  let width: Int
  let height: Int

  private let columns: Int
  private let cell: (width: Int, height: Int)
  /// For each character its dots as bits, and the curve that was drawn last.
  private var dots: [UInt8]
  private var owners: [Int]

  /// The bits of the eight dots, column by column.
  private static let bits: [UInt8] = [0x01, 0x02, 0x04, 0x40, 0x08, 0x10, 0x20, 0x80]

  init(columns: Int, rows: Int, isBraille: Bool) {
    self.columns = columns
    cell = isBraille ? (2, 4) : (1, 1)
    width = columns * cell.width
    height = rows * cell.height
    dots = Array(repeating: 0, count: columns * rows)
    owners = Array(repeating: 0, count: columns * rows)
  }

  /// Draws a straight line between two dots; what is outside is left out.
  mutating func line(
    from start: (x: Double, y: Double), to end: (x: Double, y: Double), _ curve: Int
  ) {
    let (x, y) = (end.x - start.x, end.y - start.y)
    let steps = max(1, Int(max(abs(x), abs(y)).rounded(.up)))
    for step in 0...steps {
      let share = Double(step) / Double(steps)
      set(start.x + share * x, start.y + share * y, curve)
    }
  }

  private mutating func set(_ x: Double, _ y: Double, _ curve: Int) {
    let (x, y) = (Int(x.rounded()), Int(y.rounded()))
    guard 0..<width ~= x, 0..<height ~= y else { return }
    let place = y / cell.height * columns + x / cell.width
    dots[place] |= Self.bits[4 * (x % cell.width) + y % cell.height]
    owners[place] = curve
  }

  /// The characters of a row, and for each the curve; nil where nothing is drawn.
  func row(_ row: Int, marks: [Character]) -> [(character: Character, curve: Int?)] {
    (row * columns..<(row + 1) * columns).map { place in
      guard dots[place] != 0 else { return (" ", nil) }
      let braille = Unicode.Scalar(0x2800 + UInt32(dots[place])).map(Character.init) ?? " "
      return (cell.width == 1 ? marks[owners[place] % marks.count] : braille, owners[place])
    }
  }
}
