import Foundation
import Kernels
import TestSupport
import Testing

@Suite struct SoftmaxTests {
  private func softmax(_ x: [Float]) -> [Double] {
    let largest = x.map(Double.init).max() ?? 0
    let powers = x.map { exp(Double($0) - largest) }
    return powers.map { $0 / powers.reduce(0, +) }
  }

  private static let rows: [[Float]] = [
    [1, 2, 3], [1000, 1001, 1002], [1e4, -1e4, 0], [-1e4, -1e4, -1e4], [0, 0, 0], [5, -3, 88],
  ]

  @Test func probabilities() {
    let x = SoftmaxTests.rows.flatMap { $0 }
    let y = Buffer<Float>(count: x.count)
    unsafe Softmax.softmax(y.start, Buffer(x).start, rows: SoftmaxTests.rows.count, columns: 3)
    let expected = SoftmaxTests.rows.flatMap(softmax)
    #expect(zip(y.elements, expected).allSatisfy { isNear($0, $1, ulps: 8) })
    #expect(abs(y.elements[0] - 0.0900305732) < 1e-7 && y.elements[0] == y.elements[3])
  }

  @Test func lossesOfFarLogitsAreFinite() {
    let x = SoftmaxTests.rows.flatMap { $0 }
    let count = SoftmaxTests.rows.count
    for label in 0..<3 {
      let labels = Buffer([Int32](repeating: Int32(label), count: count))
      let losses = Buffer<Float>(count: count)
      unsafe Softmax.crossEntropy(
        losses.start, probabilities: nil, Buffer(x).start, labels.start, rows: count, columns: 3)
      for (row, loss) in zip(SoftmaxTests.rows, losses.elements) {
        let largest = row.map(Double.init).max() ?? 0
        let sum = row.reduce(0.0) { $0 + exp(Double($1) - largest) }
        #expect(isClose(Double(loss), log(sum) + largest - Double(row[label]), relative: 1e-6))
      }
    }
  }

  @Test func gradients() {
    let x = SoftmaxTests.rows.flatMap { $0 }
    let count = SoftmaxTests.rows.count
    let labels = Buffer([Int32](repeating: 2, count: count))
    // In place: logits become probabilities, and those the gradient.
    let y = Buffer(x)
    let losses = Buffer<Float>(count: count)
    unsafe Softmax.crossEntropy(
      losses.start, probabilities: y.start, y.start, labels.start, rows: count, columns: 3)
    let probabilities = SoftmaxTests.rows.flatMap(softmax)
    #expect(zip(y.elements, probabilities).allSatisfy { isNear($0, $1, ulps: 8) })
    for (row, loss) in zip(SoftmaxTests.rows, losses.elements) {
      let largest = row.map(Double.init).max() ?? 0
      let sum = row.reduce(0.0) { $0 + exp(Double($1) - largest) }
      #expect(isClose(Double(loss), log(sum) + largest - Double(row[2]), relative: 1e-6))
    }
    unsafe Softmax.crossEntropyGradient(
      y.start, probabilities: y.start, labels.start,
      Buffer([Float](repeating: 0.25, count: count)).start, rows: count, columns: 3)
    for (row, part) in zip(SoftmaxTests.rows, stride(from: 0, to: x.count, by: 3)) {
      let expected = softmax(row).enumerated().map { ($1 - ($0 == 2 ? 1 : 0)) * 0.25 }
      for i in 0..<3 { #expect(abs(Double(y.elements[part + i]) - expected[i]) < 1e-7) }
    }
  }

  @Test(arguments: [1, 2, 15, 16, 17, 1000])
  func rowsOfAnyLength(columns: Int) {
    var generator = XorShift(seed: 41)
    let x = generator.floats(3 * columns, in: -5...5)
    let y = Buffer<Float>(count: x.count)
    unsafe Softmax.softmax(y.start, Buffer(x).start, rows: 3, columns: columns)
    for row in 0..<3 {
      let part = row * columns..<(row + 1) * columns
      let expected = softmax(Array(x[part]))
      #expect(zip(y.elements[part], expected).allSatisfy { isNear($0, $1, ulps: 16) })
    }
    #expect(y.isGuarded)
  }

  @Test func nanStays() {
    let losses = Buffer<Float>(count: 1)
    unsafe Softmax.crossEntropy(
      losses.start, probabilities: nil, Buffer<Float>([0, .nan, 1]).start,
      Buffer([Int32(0)]).start, rows: 1, columns: 3)
    #expect(losses.elements[0].isNaN)
  }
}
