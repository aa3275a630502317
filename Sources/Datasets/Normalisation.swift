/// What a network does with each number first: (x · scale - mean) / deviation.
package struct Normalisation: Equatable, Sendable {
  /// 1/255 for pixels.
  package let scale: Float
  /// Over all numbers of all samples, after scaling.
  package let mean: Float
  package let deviation: Float

  package init(scale: Float, mean: Float, deviation: Float) {
    self.scale = scale
    self.mean = mean
    self.deviation = deviation
  }

  /// Leaves numbers as they are.
  package static let identity = Normalisation(scale: 1, mean: 0, deviation: 1)

  /// The scale alone: pixels are from 0 to 1, other numbers as they are.
  package var scaleAlone: Normalisation { Normalisation(scale: scale, mean: 0, deviation: 1) }

  /// Pixels from -1 to 1.
  var symmetric: Normalisation { Normalisation(scale: scale, mean: 0.5, deviation: 0.5) }

  /// Measured on elements in memory.
  package init(of elements: Dataset.Elements) {
    var moments = Moments()
    switch elements {
    case .bytes(let values): unsafe values.withUnsafeBufferPointer { unsafe moments.add($0) }
    case .integers(let values): unsafe values.withUnsafeBufferPointer { unsafe moments.add($0) }
    case .floats(let values): unsafe values.withUnsafeBufferPointer { unsafe moments.add($0) }
    case .cached: preconditionFailure("a cache holds its normalisation")
    }
    self.init(moments)
  }

  /// The deviation of equal numbers is taken as 1.
  init(_ moments: Moments) {
    let deviation = Float(moments.variance.squareRoot())
    self.init(
      scale: moments.scale, mean: Float(moments.mean), deviation: deviation > 0 ? deviation : 1)
  }
}

/// The mean and the variance of numbers that come in pieces.
struct Moments {
  /// The factor of all numbers before they are added.
  private(set) var scale: Float = 1
  private(set) var mean = 0.0
  private(set) var count = 0.0
  /// The sum of squared distances from the mean.
  private var squares = 0.0

  var variance: Double { squares / max(1, count) }

  /// Adds bytes; 255 counts as 1.
  mutating func add(_ values: UnsafeBufferPointer<UInt8>) {
    scale = 1 / 255
    var (sum, squares) = (0, 0)
    for i in values.indices {
      let value = unsafe Int(values[i])
      sum += value
      squares += value * value
    }
    let mean = Double(sum) / Double(max(1, values.count))
    let rest = max(0, Double(squares) - mean * Double(sum))
    merge(count: Double(values.count), mean: mean / 255, squares: rest / (255 * 255))
  }

  mutating func add(_ values: UnsafeBufferPointer<Float>) {
    add(values.count) { unsafe Double(values[$0]) }
  }

  /// Adds integers, rounded to float32 as a network takes them.
  mutating func add(_ values: UnsafeBufferPointer<Int32>) {
    add(values.count) { unsafe Double(Float(values[$0])) }
  }

  @inline(__always)
  private mutating func add(_ count: Int, _ value: (Int) -> Double) {
    let mean = (0..<count).reduce(0) { $0 + value($1) } / Double(max(1, count))
    let squares = (0..<count).reduce(0) { sum, place in
      sum + (value(place) - mean) * (value(place) - mean)
    }
    merge(count: Double(count), mean: mean, squares: squares)
  }

  mutating func add(_ values: UnsafeRawBufferPointer, of number: Dataset.Number) {
    switch number {
    case .uint8: unsafe add(values.assumingMemoryBound(to: UInt8.self))
    case .int32: unsafe add(values.assumingMemoryBound(to: Int32.self))
    case .float32: unsafe add(values.assumingMemoryBound(to: Float.self))
    }
  }

  mutating func add(_ value: Double, times count: Int = 1) {
    merge(count: Double(count), mean: value, squares: 0)
  }

  /// Chan, Golub and LeVeque (1979).
  private mutating func merge(count other: Double, mean otherMean: Double, squares more: Double) {
    guard other > 0 else { return }
    let total = count + other
    let distance = otherMean - mean
    mean += distance * (other / total)
    squares += more + distance * distance * (count * other / total)
    count = total
  }
}
