import Foundation
import Kernels
import Synchronization
import TestSupport
import Testing

@Suite struct NumericThreadTests {
  /// Bits of a number that is read and written each time, so that no product is moved or shared.
  private static let number = Atomic<UInt32>(0)

  private static func multiply(by factor: Float) -> UInt32 {
    let x = Float(bitPattern: number.load(ordering: .sequentiallyConsistent))
    number.store((x * factor).bitPattern, ordering: .sequentiallyConsistent)
    return number.load(ordering: .sequentiallyConsistent)
  }

  @Test func subnormalsAreZero() async {
    let results = await withCheckedContinuation { continuation in
      Thread {
        func start(_ x: Float) {
          NumericThreadTests.number.store(x.bitPattern, ordering: .sequentiallyConsistent)
        }
        useSubnormals()
        let settings = NumericThread.settings
        NumericThread.prepare()
        start(.leastNormalMagnitude)
        let result = NumericThreadTests.multiply(by: 0.5)
        start(.leastNonzeroMagnitude)
        let operand = NumericThreadTests.multiply(by: 0x1p100)
        settings.restore()
        start(.leastNormalMagnitude)
        let restored = NumericThreadTests.multiply(by: 0.5)
        continuation.resume(returning: [result, operand, restored])
      }.start()
    }
    #expect(results == [0, 0, Float.leastNormalMagnitude.bitPattern >> 1])
  }
}
