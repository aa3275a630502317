package import Diagnostics

/// Forecasts that take no network, to compare one with: the last value again, and a linear
/// autoregression fitted to the training set by least squares.
package struct ForecastBaselines {
  /// The root of the mean squared error of each target, in the units of the data.
  package let lastValue: [Double]
  package let autoregression: [Double]

  /// Errors on windows of series; nil of other data.
  package init?(on set: Dataset, fittedTo training: Dataset) throws(Failure) {
    guard let columns = set.columns, columns.window != nil else { return nil }
    let model = try LinearAutoregression(fittedTo: training, columns)
    let deviations = columns.targetDeviations
    var (last, regression) = (
      [Double](repeating: 0, count: deviations.count),
      [Double](repeating: 0, count: deviations.count)
    )
    let places = columns.targetPlaces
    try set.forEachWindow { (steps, targets) in
      let predictions = model.predictions(for: steps)
      let end = steps.endIndex - columns.width
      for (number, target) in targets.enumerated() {
        let (truth, again) = (Double(target), Double(steps[end + places[number % places.count]]))
        last[number] += (again - truth) * (again - truth)
        regression[number] += (predictions[number] - truth) * (predictions[number] - truth)
      }
    }
    func errors(_ squares: [Double]) -> [Double] {
      zip(squares, deviations).map { ($0 / Double(set.count)).squareRoot() * $1 }
    }
    lastValue = errors(last)
    autoregression = errors(regression)
  }
}

/// For each target a linear function of the values of its column in a window, and a constant.
struct LinearAutoregression {
  private let columns: CSVColumns
  /// For each target the factors of the steps, then the constant.
  private(set) var factors: [[Double]] = []

  init(fittedTo training: Dataset, _ columns: CSVColumns) throws(Failure) {
    self.columns = columns
    let places = columns.targetPlaces
    let size = training.shape[0] + 1
    let horizon = columns.window?.horizon ?? 1
    var systems = places.map { _ in NormalEquations(size: size, solutions: horizon) }
    try training.forEachWindow { (steps, targets) in
      for (number, place) in places.enumerated() {
        systems[number].add(
          Self.row(steps, place, width: columns.width),
          (0..<horizon).map { Double(targets[targets.startIndex + $0 * places.count + number]) })
      }
    }
    let solutions = systems.map { $0.solved() }
    for step in 0..<horizon {
      for number in places.indices { factors.append(solutions[number][step]) }
    }
  }

  /// The values of a column, then 1.
  private static func row(_ steps: ArraySlice<Float>, _ place: Int, width: Int) -> [Double] {
    Swift.stride(from: steps.startIndex + place, to: steps.endIndex, by: width)
      .map { Double(steps[$0]) } + [1]
  }

  func predictions(for steps: ArraySlice<Float>) -> [Double] {
    let rows = columns.targetPlaces.map { Self.row(steps, $0, width: columns.width) }
    return factors.enumerated().map { number, factors in
      zip(factors, rows[number % rows.count]).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }
}

/// Linear least squares with several right sides.
struct NormalEquations {
  private let size: Int
  private var matrix: [Double]
  private var right: [[Double]]

  init(size: Int, solutions: Int) {
    self.size = size
    matrix = Array(repeating: 0, count: size * size)
    right = Array(repeating: Array(repeating: 0, count: size), count: solutions)
  }

  mutating func add(_ row: [Double], _ values: [Double]) {
    for i in 0..<size {
      for j in 0...i { matrix[i * size + j] += row[i] * row[j] }
      for (solution, value) in values.enumerated() { right[solution][i] += row[i] * value }
    }
  }

  /// By Cholesky's decomposition; a column that depends on those before it gets the factor 0.
  func solved() -> [[Double]] {
    var lower = matrix
    var isDropped = [Bool](repeating: false, count: size)
    for column in 0..<size {
      for row in column..<size {
        for k in 0..<column {
          lower[row * size + column] -= lower[row * size + k] * lower[column * size + k]
        }
      }
      let pivot = lower[column * size + column]
      isDropped[column] = pivot <= 1e-11 * matrix[column * size + column]
      let root = isDropped[column] ? 1 : pivot.squareRoot()
      for row in column..<size {
        lower[row * size + column] =
          isDropped[column] ? (row == column ? 1 : 0) : lower[row * size + column] / root
      }
    }
    return right.map { right in
      var solution = right
      for row in 0..<size {
        for k in 0..<row { solution[row] -= lower[row * size + k] * solution[k] }
        solution[row] /= lower[row * size + row]
        if isDropped[row] { solution[row] = 0 }
      }
      for row in (0..<size).reversed() {
        for k in row + 1..<max(size, row + 1) where !isDropped[row] {
          solution[row] -= lower[k * size + row] * solution[k]
        }
        solution[row] /= lower[row * size + row]
      }
      return solution
    }
  }
}

extension Dataset {
  /// Reads all samples with their real targets in order.
  fileprivate func forEachWindow(
    _ body: (_ steps: ArraySlice<Float>, _ targets: ArraySlice<Float>) -> Void
  ) throws(Failure) {
    let (size, width, block) = (sampleSize, targets.perSample, 64)
    var numbers = [Float](repeating: 0, count: block * size)
    var truth = [Float](repeating: 0, count: block * width)
    for first in Swift.stride(from: 0, to: count, by: block) {
      let samples = Array(Int32(first)..<Int32(min(count, first + block)))
      try unsafe numbers.withUnsafeMutableBufferPointer { numbers throws(Failure) in
        try unsafe copy(
          samples: samples[...],
          into: UnsafeMutableRawBufferPointer(
            UnsafeMutableBufferPointer(rebasing: numbers[..<(samples.count * size)])))
      }
      unsafe truth.withUnsafeMutableBytes { bytes in
        unsafe copy(
          targets: samples[...],
          into: UnsafeMutableRawBufferPointer(rebasing: bytes[..<(samples.count * targetBytes)]))
      }
      for sample in samples.indices {
        body(
          numbers[sample * size..<(sample + 1) * size], truth[sample * width..<(sample + 1) * width]
        )
      }
    }
  }
}

extension CSVColumns {
  /// The deviation of the column of each real target of a window.
  package var targetDeviations: [Double] {
    (0..<(window?.horizon ?? 1)).flatMap { _ in targetScales.map(\.deviation) }
  }

  /// Predictions of a network, target after target, in the units of the data.
  package func inUnits(_ predictions: [Float]) -> [Float] {
    guard window != nil else { return predictions }
    let scales = targetScales
    return predictions.enumerated().map { place, number in
      let scale = scales[place % scales.count]
      return Float(Double(number) * scale.deviation + scale.mean)
    }
  }
}
