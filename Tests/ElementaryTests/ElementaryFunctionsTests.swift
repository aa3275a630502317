import Elementary
import Foundation
import TestSupport
import Testing

@Suite struct FloatAccuracy {
  init() { useSubnormals() }

  @Test(arguments: [-86.9...88.7, -1...1, -0.01...0.01] as [ClosedRange<Float>])
  func exponential(_ range: ClosedRange<Float>) {
    let xs = arguments(range)
    expect(worst(Float.exp, Foundation.exp, over: xs), 1)
    expect(worst(Float.expMinusOne, Foundation.expm1, over: xs), 2)
  }

  @Test(arguments: [1e-37...3e38, 1e-3...10, 0.9...1.1] as [ClosedRange<Float>])
  func logarithm(_ range: ClosedRange<Float>) {
    expect(worst(Float.log, Foundation.log, over: arguments(range)), 1)
  }

  @Test(arguments: [-0.999...1000, -0.5...0.5, -1e-4...1e-4] as [ClosedRange<Float>])
  func logarithmOfOnePlus(_ range: ClosedRange<Float>) {
    expect(worst(Float.logOnePlus, Foundation.log1p, over: arguments(range)), 2)
  }

  @Test(arguments: [-20...20, -1...1, -1e-3...1e-3] as [ClosedRange<Float>])
  func logistic(_ range: ClosedRange<Float>) {
    let xs = arguments(range)
    expect(worst(Float.tanh, Foundation.tanh, over: xs), 2.5)
    expect(worst(Float.sigmoid, { 1 / (1 + Foundation.exp(-$0)) }, over: xs), 2.5)
  }

  @Test(arguments: [-10...10, -1.5...1.5, -1e-3...1e-3] as [ClosedRange<Float>])
  func errorFunction(_ range: ClosedRange<Float>) {
    expect(worst(Float.erf, Foundation.erf, over: arguments(range)), 1.5)
  }

  @Test(arguments: [-7...7, -1.04e6...1.04e6] as [ClosedRange<Float>])
  func waves(_ range: ClosedRange<Float>) {
    let xs = arguments(range)
    expect(worst(Float.sin, Foundation.sin, over: xs), 2)
    expect(worst(Float.cos, Foundation.cos, over: xs), 2)
  }
}

@Suite struct DoubleAccuracy {
  init() { useSubnormals() }

  @Test(arguments: [-707...709, -1...1, -1e-6...1e-6] as [ClosedRange<Double>])
  func exponential(_ range: ClosedRange<Double>) {
    let xs = arguments(range)
    expect(worst(Double.exp, Foundation.exp, over: xs), 2)
    expect(worst(Double.expMinusOne, Foundation.expm1, over: xs), 3)
  }

  @Test(arguments: [1e-300...1e300, 1e-3...10, 0.9...1.1] as [ClosedRange<Double>])
  func logarithm(_ range: ClosedRange<Double>) {
    expect(worst(Double.log, Foundation.log, over: arguments(range)), 2)
  }

  @Test(arguments: [-0.999...1000, -0.5...0.5, -1e-9...1e-9] as [ClosedRange<Double>])
  func logarithmOfOnePlus(_ range: ClosedRange<Double>) {
    expect(worst(Double.logOnePlus, Foundation.log1p, over: arguments(range)), 3)
  }

  @Test(arguments: [-40...40, -1...1, -1e-3...1e-3] as [ClosedRange<Double>])
  func logistic(_ range: ClosedRange<Double>) {
    let xs = arguments(range)
    expect(worst(Double.tanh, Foundation.tanh, over: xs), 4)
    expect(worst(Double.sigmoid, { 1 / (1 + Foundation.exp(-$0)) }, over: xs), 4)
  }

  @Test(arguments: [-10...10, -1.5...1.5, -1e-3...1e-3] as [ClosedRange<Double>])
  func errorFunction(_ range: ClosedRange<Double>) {
    expect(worst(Double.erf, Foundation.erf, over: arguments(range)), 2)
  }

  @Test(arguments: [-7...7, -1e9...1e9] as [ClosedRange<Double>])
  func waves(_ range: ClosedRange<Double>) {
    let xs = arguments(range)
    expect(worst(Double.sin, Foundation.sin, over: xs), 2)
    expect(worst(Double.cos, Foundation.cos, over: xs), 2)
  }
}

func expect<T>(
  _ worst: (ulps: Double, at: T), _ limit: Double, location: SourceLocation = #_sourceLocation
) {
  #expect(worst.ulps <= limit, "at \(worst.at)", sourceLocation: location)
}
