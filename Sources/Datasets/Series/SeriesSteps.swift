/// The steps of a series as a network sees them.
struct SeriesSteps {
  /// Step by step, the numbers of its columns, then of the calendar.
  private(set) var numbers: [Float]
  let width: Int
  /// The places in a step of the columns that are predicted.
  private let targetPlaces: [Int]

  init(_ series: SeriesTable.Series, _ columns: CSVColumns) {
    width = columns.width
    targetPlaces = columns.targetPlaces
    numbers = []
    numbers.reserveCapacity(series.rows * width)
    let inputs = columns.features.count
    for row in 0..<series.rows {
      for (place, feature) in columns.features.enumerated() {
        let number = series.numbers[row * inputs + place]
        switch feature.content {
        case .number(let column):
          numbers.append(Float((number - column.mean) / column.deviation))
        case .category(let column):
          for word in column.words.indices { numbers.append(word == Int(number) ? 1 : 0) }
        case .embedded, .date, .words, .text: preconditionFailure("no column of a series")
        }
      }
      guard let cycles = columns.window?.calendar, !cycles.isEmpty else { continue }
      for cycle in cycles { numbers += cycle.numbers(series.times[row]) }
    }
  }

  var count: Int { numbers.count / width }

  /// The numbers of successive steps.
  subscript(steps: Range<Int>) -> ArraySlice<Float> {
    numbers[steps.lowerBound * width..<steps.upperBound * width]
  }

  /// What is predicted for successive steps.
  func targets(_ steps: Range<Int>) -> [Float] {
    steps.flatMap { step in targetPlaces.map { numbers[step * width + $0] } }
  }
}

extension CSVColumns {
  /// The places in a step of the columns that are predicted; fewer if a column is no input.
  var targetPlaces: [Int] {
    guard case .targets(let names) = target else { return [] }
    return names.compactMap { name in
      guard let column = features.firstIndex(where: { $0.name == name }) else { return nil }
      return features[..<column].reduce(0) { $0 + $1.width }
    }
  }

  /// The scales of the columns that are predicted.
  var targetScales: [(mean: Double, deviation: Double)] {
    guard case .targets(let names) = target else { return [] }
    return names.compactMap { name in
      guard let feature = features.first(where: { $0.name == name }),
        case .number(let column) = feature.content
      else { return nil }
      return (column.mean, column.deviation)
    }
  }
}
