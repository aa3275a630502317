import Optimizers
import Testing

@Suite struct RunningAverageTests {
  @Test func forgetsByItsMomentum() {
    var running: [Float] = [1, 2, 3, 4]
    unsafe running.withUnsafeMutableBufferPointer { running in
      guard let start = running.baseAddress else { return }
      unsafe [Float](repeating: 10, count: 4).withUnsafeBufferPointer { values in
        guard let values = values.baseAddress else { return }
        unsafe RunningAverage.update(1..<3, of: start, with: values, momentum: 0.25)
      }
    }
    #expect(running == [1, 0.75 * 2 + 2.5, 0.75 * 3 + 2.5, 4])
  }
}
