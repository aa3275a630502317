import Elementary
import Foundation
import TestSupport
import Testing

@Suite struct SpecialValues {
  init() { useSubnormals() }

  @Test func everyFunctionPassesNaN() {
    let floats: [(Float) -> Float] = [
      Float.exp, Float.expMinusOne, Float.log, Float.logOnePlus, Float.tanh, Float.sigmoid,
      Float.sin, Float.cos, Float.erf,
    ]
    let doubles: [(Double) -> Double] = [
      Double.exp, Double.expMinusOne, Double.log, Double.logOnePlus, Double.tanh,
      Double.sigmoid, Double.sin, Double.cos, Double.erf,
    ]
    for f in floats {
      #expect(f(.nan).isNaN)
      #expect(f(-.nan).isNaN)
    }
    for f in doubles { #expect(f(.nan).isNaN) }
  }

  @Test func float() { limits(Float.self) }
  @Test func double() { limits(Double.self) }

  func limits<T: ElementaryFunctions>(_: T.Type) {
    #expect(T.exp(0) == 1)
    #expect(T.exp(-.infinity) == 0)
    #expect(T.exp(.infinity) == .infinity)
    #expect(T.exp(-.greatestFiniteMagnitude) == 0)
    #expect(T.exp(.greatestFiniteMagnitude) == .infinity)
    #expect(T.expMinusOne(0) == 0)
    #expect(T.expMinusOne(-.infinity) == -1)
    #expect(T.expMinusOne(.infinity) == .infinity)
    #expect(T.log(1) == 0)
    #expect(T.log(0) == -.infinity)
    #expect(T.log(-0.0) == -.infinity)
    #expect(T.log(.infinity) == .infinity)
    #expect(T.log(-1).isNaN)
    #expect(T.log(-.infinity).isNaN)
    #expect(T.log(.leastNonzeroMagnitude) == -.infinity)
    #expect(T.log(.leastNormalMagnitude).isFinite)
    #expect(T.logOnePlus(0) == 0)
    #expect(T.logOnePlus(-1) == -.infinity)
    #expect(T.logOnePlus(-2).isNaN)
    #expect(T.logOnePlus(.infinity) == .infinity)
    #expect(T.logOnePlus(.greatestFiniteMagnitude).isFinite)
    #expect(T.tanh(100) == 1)
    #expect(T.tanh(-100) == -1)
    #expect(T.tanh(.infinity) == 1)
    #expect(T.tanh(-.infinity) == -1)
    #expect(T.tanh(0) == 0)
    #expect(T.tanh(-0.0).sign == .minus)
    #expect(T.sigmoid(0) == 0.5)
    #expect(T.sigmoid(.infinity) == 1)
    #expect(T.sigmoid(-.infinity) == 0)
    for x in [T.infinity, .greatestFiniteMagnitude, 100] {
      #expect(T.erf(x) == 1)
      #expect(T.erf(-x) == -1)
    }
    #expect(T.erf(0) == 0)
    #expect(T.erf(-0.0).sign == .minus)
    #expect(T.sin(0) == 0)
    #expect(T.cos(0) == 1)
    for x in [T.infinity, -.infinity, .greatestFiniteMagnitude] {
      #expect(T.sin(x).isNaN)
      #expect(T.cos(x).isNaN)
    }
  }

  @Test func exponentialEndsWhereTheNumbersDo() {
    #expect(Float.exp(88.7228) < .infinity)
    #expect(Float.exp(88.7229) == .infinity)
    #expect(Float.exp(-86.9) > 0)
    #expect(Float.exp(-87.4) == 0)
    #expect(Double.exp(709.78) < .infinity)
    #expect(Double.exp(709.79) == .infinity)
    #expect(Double.exp(-708) > 0)
    #expect(Double.exp(-709) == 0)
  }

  @Test func noResultIsSubnormal() {
    for i in 0...40_000 {
      let x = -110 + Float(i) * 0.001
      #expect(!Float.exp(x).isSubnormal)
      #expect(!Float.sigmoid(x).isSubnormal)
    }
  }

  /// Sigmoid and tanh at the arguments of the published activation tables.
  @Test(
    arguments: [
      (-10, 4.53978687e-05, -0.999999996), (-3, 0.0474258732, -0.995054754),
      (-1, 0.268941421, -0.761594156), (-0.5, 0.377540669, -0.462117157), (0, 0.5, 0),
      (0.5, 0.622459331, 0.462117157), (1, 0.731058579, 0.761594156),
      (3, 0.952574127, 0.995054754), (10, 0.999954602, 0.999999996), (100, 1, 1),
    ] as [(Double, Double, Double)])
  func activationTable(_ x: Double, _ sigmoid: Double, _ tanh: Double) {
    #expect((Double.sigmoid(x) - sigmoid).magnitude <= 1e-8 * sigmoid)
    #expect((Double.tanh(x) - tanh).magnitude <= 1e-8)
    #expect((Double(Float.sigmoid(Float(x))) - sigmoid).magnitude <= 3e-7 * sigmoid)
    #expect((Double(Float.tanh(Float(x))) - tanh).magnitude <= 3e-7)
    #expect((Double.sigmoid(-100) - 3.72007598e-44).magnitude <= 1e-52)
    #expect(Float.sigmoid(-100) == 0)
  }
}
