import TestSupport
import Testing

import Planning

@Suite struct LBFGSTests {
  private func distance(_ a: LBFGS.Vector, _ b: LBFGS.Vector) -> Double {
    ((a - b) * (a - b)).sum().squareRoot()
  }

  @Test func quadraticsOfAnyCondition() {
    var numbers = XorShift(seed: 5)
    for _ in 0..<20 {
      var (scale, minimum) = (LBFGS.Vector(), LBFGS.Vector())
      for i in 0..<8 {
        scale[i] = [1e-3, 0.1, 1, 10, 1e3].randomElement(using: &numbers) ?? 1
        minimum[i] = .random(in: -5...5, using: &numbers)
      }
      let found = LBFGS.minimise(from: .zero, iterations: 1000, tolerance: 1e-12) { x in
        let difference = x - minimum
        return ((scale * difference * difference).sum() / 2, scale * difference)
      }
      #expect(distance(found.point, minimum) < 1e-8)
    }
  }

  @Test func theValleyOfRosenbrock() {
    let found = LBFGS.minimise(
      from: [-1.2, 1, 0, 0, 0, 0, 0, 0], iterations: 1000, tolerance: 1e-11
    ) { x in
      let (a, b) = (1 - x[0], x[1] - x[0] * x[0])
      var gradient = LBFGS.Vector()
      gradient[0] = -2 * a - 400 * x[0] * b
      gradient[1] = 200 * b
      return (a * a + 100 * b * b, gradient)
    }
    #expect(distance(found.point, [1, 1, 0, 0, 0, 0, 0, 0]) < 1e-9)
  }

  @Test func functionsThatAreNotFinite() {
    let found = LBFGS.minimise(from: .zero, iterations: 10, tolerance: 1e-9) { _ in
      (.nan, LBFGS.Vector(repeating: .nan))
    }
    #expect(found.value.isNaN && found.point == .zero)
  }
}
