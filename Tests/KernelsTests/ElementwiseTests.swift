import Foundation
import Kernels
import TestSupport
import Testing

@Suite struct ElementwiseTests {
  typealias Map = @Sendable (Elementwise.Destination, Elementwise.Source, Int) -> Void
  typealias Combination =
    @Sendable (
      Elementwise.Destination, StridedOperand, StridedOperand, Int, Int
    ) -> Void

  private static let special: [Float] = [
    0, -0.0, 1, -1, 0.5, -0.5, 1e-3, -1e-3, 3, -3, 80, -80, 100, -100, 1e4, -1e4, 1e30, -1e30,
    .infinity, -.infinity, .nan, .leastNormalMagnitude, .greatestFiniteMagnitude,
  ]

  private static let maps: [(String, ulps: Double, Map, @Sendable (Double) -> Double)] = unsafe [
    ("negate", 0, Elementwise.negate, { -$0 }),
    ("reciprocal", 0.5, Elementwise.reciprocal, { 1 / $0 }),
    ("exp", 1, Elementwise.exp, { exp($0) }),
    ("expm1", 2, Elementwise.expm1, { expm1($0) }),
    ("log", 1, Elementwise.log, { log($0) }),
    ("log1p", 2, Elementwise.log1p, { log1p($0) }),
    ("sqrt", 0.5, Elementwise.sqrt, { $0.squareRoot() }),
    ("tanh", 2.5, Elementwise.tanh, { tanh($0) }),
    ("sigmoid", 2.5, Elementwise.sigmoid, { 1 / (1 + exp(-$0)) }),
    ("erf", 2, Elementwise.erf, { erf($0) }),
  ]

  @Test(arguments: 0..<10, [0, 1, 7, 8, 31, 32, 33, 200])
  func oneOperand(map: Int, count: Int) {
    let (name, ulps, kernel, definition) = unsafe ElementwiseTests.maps[map]
    var generator = XorShift(seed: 3)
    let x = Array((ElementwiseTests.special + generator.floats(200, in: -20...20)).prefix(count))
    let (source, y, inPlace) = (Buffer(x), Buffer<Float>(count: count), Buffer(x))
    unsafe kernel(y.start, source.start, count)
    unsafe kernel(inPlace.start, inPlace.start, count)
    for (a, b) in zip(x, y.elements) {
      #expect(isNear(b, definition(Double(a)), ulps: ulps), "\(name)(\(a)) = \(b)")
    }
    // The vector code and that of the rest give the same bits, or sums would depend on a place.
    #expect(same(y.elements, inPlace.elements))
    #expect(y.isGuarded && inPlace.isGuarded && same(source.elements, x))
  }

  @Test func aValueDoesNotDependOnItsPlace() {
    for unsafe(name, _, kernel, _) in unsafe ElementwiseTests.maps {
      let all = Buffer<Float>(count: 100)
      unsafe kernel(all.start, Buffer([Float](repeating: 0.7, count: 100)).start, 100)
      #expect(Set(all.elements.map(\.bitPattern)).count == 1, "\(name)")
    }
  }

  @Test func limits() {
    let y = Buffer<Float>(count: 2)
    unsafe Elementwise.tanh(y.start, Buffer<Float>([100, -100]).start, 2)
    #expect(y.elements == [1, -1])
    unsafe Elementwise.sigmoid(y.start, Buffer<Float>([1e4, -1e4]).start, 2)
    #expect(y.elements[0] == 1 && y.elements[1] < 1e-37)
  }

  private static let combinations: [(String, Combination, @Sendable (Float, Float) -> Float)] =
    unsafe [
      ("add", { unsafe Elementwise.add($0, $1, $2, outer: $3, inner: $4) }, { $0 + $1 }),
      ("subtract", { unsafe Elementwise.subtract($0, $1, $2, outer: $3, inner: $4) }, { $0 - $1 }),
      ("multiply", { unsafe Elementwise.multiply($0, $1, $2, outer: $3, inner: $4) }, { $0 * $1 }),
      ("divide", { unsafe Elementwise.divide($0, $1, $2, outer: $3, inner: $4) }, { $0 / $1 }),
      (
        "maximum", { unsafe Elementwise.maximum($0, $1, $2, outer: $3, inner: $4) },
        { $0.isNaN || $1.isNaN ? .nan : Swift.max($0, $1) }
      ),
    ]

  /// How an operand is repeated.
  enum Form: CaseIterable {
    case dense, alongOuter, alongInner, single

    func strides(_ inner: Int) -> (outer: Int, inner: Int) {
      switch self {
      case .dense: (inner, 1)
      case .alongOuter: (1, 0)
      case .alongInner: (0, 1)
      case .single: (0, 0)
      }
    }

    func count(_ outer: Int, _ inner: Int) -> Int {
      switch self {
      case .dense: outer * inner
      case .alongOuter: outer
      case .alongInner: inner
      case .single: 1
      }
    }
  }

  private static let sizes = [(1, 1), (1, 100), (3, 1), (5, 7), (4, 32), (2, 33)]

  private func operand<Number>(
    _ buffer: Buffer<Number>, _ form: Form, _ inner: Int
  ) -> StridedOperand {
    let strides = form.strides(inner)
    return unsafe StridedOperand(
      buffer.start, outerStride: strides.outer, innerStride: strides.inner)
  }

  private func spread<Number>(
    _ x: [Number], _ form: Form, _ outer: Int, _ inner: Int
  ) -> [Number] {
    let strides = form.strides(inner)
    return (0..<outer * inner).map { x[$0 / inner * strides.outer + $0 % inner * strides.inner] }
  }

  private func values(_ count: Int, _ generator: inout XorShift) -> [Float] {
    let drawn = ElementwiseTests.special + generator.floats(count)
    return Array(drawn.shuffled(using: &generator).prefix(count))
  }

  @Test(arguments: Form.allCases, Form.allCases)
  func twoOperands(first: Form, second: Form) {
    var generator = XorShift(seed: 9)
    for unsafe(name, kernel, definition) in unsafe ElementwiseTests.combinations {
      for (outer, inner) in ElementwiseTests.sizes {
        let a = values(first.count(outer, inner), &generator)
        let b = values(second.count(outer, inner), &generator)
        let expected = zip(spread(a, first, outer, inner), spread(b, second, outer, inner))
          .map(definition)
        let (p, q, y) = (Buffer(a), Buffer(b), Buffer<Float>(count: outer * inner))
        unsafe kernel(y.start, operand(p, first, inner), operand(q, second, inner), outer, inner)
        #expect(same(y.elements, expected), "\(name) \(outer)x\(inner)")
        #expect(y.isGuarded && same(p.elements, a) && same(q.elements, b))
        if first == .dense {
          unsafe kernel(p.start, operand(p, first, inner), operand(q, second, inner), outer, inner)
          #expect(same(p.elements, expected), "\(name) in place of the first")
        }
        if second == .dense {
          let p = Buffer(a)
          unsafe kernel(q.start, operand(p, first, inner), operand(q, second, inner), outer, inner)
          #expect(same(q.elements, expected), "\(name) in place of the second")
        }
      }
    }
  }

  @Test func bothOperandsMayBeReplaced() {
    let y = Buffer<Float>([1, 2, 3, 4, 5, 6, 7, 8, 9])
    let all = unsafe StridedOperand(y.start, outerStride: 9, innerStride: 1)
    unsafe Elementwise.add(y.start, all, all, outer: 1, inner: 9)
    #expect(y.elements == [2, 4, 6, 8, 10, 12, 14, 16, 18])
    let mask = Buffer([UInt8](repeating: 1, count: 9))
    unsafe Elementwise.select(y.start, mask.start, all, all, outer: 1, inner: 9)
    #expect(y.elements == [2, 4, 6, 8, 10, 12, 14, 16, 18])
  }

  @Test(arguments: Form.allCases, Form.allCases)
  func comparisons(first: Form, second: Form) {
    var generator = XorShift(seed: 10)
    for (outer, inner) in ElementwiseTests.sizes {
      let few: [Float] = [0, -0.0, 1, .nan, .infinity]
      let a = (0..<first.count(outer, inner)).map { _ in few.randomElement(using: &generator) ?? 0 }
      let b = (0..<second.count(outer, inner)).map { _ in few.randomElement(using: &generator) ?? 0
      }
      let (x, y) = (spread(a, first, outer, inner), spread(b, second, outer, inner))
      let (p, q) = (Buffer(a), Buffer(b))
      let (left, right) = (operand(p, first, inner), operand(q, second, inner))
      let mask = Buffer<UInt8>(count: outer * inner)
      unsafe Elementwise.less(
        mask.start, left, right, of: Float.self, outer: outer, inner: inner)
      #expect(mask.elements == zip(x, y).map { $0 < $1 ? 1 : 0 } && mask.isGuarded)
      unsafe Elementwise.lessOrEqual(
        mask.start, left, right, of: Float.self, outer: outer, inner: inner)
      #expect(mask.elements == zip(x, y).map { $0 <= $1 ? 1 : 0 } && mask.isGuarded)
      unsafe Elementwise.equal(
        mask.start, left, right, of: Float.self, outer: outer, inner: inner)
      #expect(mask.elements == zip(x, y).map { $0 == $1 ? 1 : 0 } && mask.isGuarded)
    }
  }

  @Test(arguments: Form.allCases, Form.allCases)
  func choices(first: Form, second: Form) {
    var generator = XorShift(seed: 11)
    for (outer, inner) in ElementwiseTests.sizes {
      let a = values(first.count(outer, inner), &generator)
      let b = values(second.count(outer, inner), &generator)
      let mask = (0..<outer * inner).map { _ in
        [0, 0, 1, 2, 255].randomElement(using: &generator) ?? UInt8(0)
      }
      let expected = zip(
        mask, zip(spread(a, first, outer, inner), spread(b, second, outer, inner))
      ).map { $0 != 0 ? $1.0 : $1.1 }
      for replaced in 0...2 {
        let (p, q, m) = (Buffer(a), Buffer(b), Buffer(mask))
        let y: Buffer<Float>
        switch replaced {
        case 1 where first == .dense: y = p
        case 2 where second == .dense: y = q
        default: y = Buffer<Float>(count: outer * inner)
        }
        unsafe Elementwise.select(
          y.start, m.start, operand(p, first, inner), operand(q, second, inner), outer: outer,
          inner: inner)
        #expect(same(y.elements, expected) && y.isGuarded, "\(outer)x\(inner) in \(replaced)")
      }
    }
  }

  @Test(arguments: Form.allCases, Form.allCases)
  func integers(first: Form, second: Form) {
    typealias Combination =
      @Sendable (Elementwise.Integers, StridedOperand, StridedOperand, Int, Int) -> Void
    let combinations: [(Combination, (Int32, Int32) -> Int32)] = unsafe [
      ({ unsafe Elementwise.add($0, $1, $2, outer: $3, inner: $4) }, { $0 &+ $1 }),
      ({ unsafe Elementwise.subtract($0, $1, $2, outer: $3, inner: $4) }, { $0 &- $1 }),
      ({ unsafe Elementwise.multiply($0, $1, $2, outer: $3, inner: $4) }, { $0 &* $1 }),
      ({ unsafe Elementwise.maximum($0, $1, $2, outer: $3, inner: $4) }, { $0 < $1 ? $1 : $0 }),
    ]
    var generator = XorShift(seed: 12)
    let some: [Int32] = [0, 1, -1, 2, 65536, .max, .min]
    func draw(_ count: Int) -> [Int32] {
      (0..<count).map { _ in some.randomElement(using: &generator) ?? 0 }
    }
    for (outer, inner) in ElementwiseTests.sizes {
      let (a, b) = (draw(first.count(outer, inner)), draw(second.count(outer, inner)))
      let (x, y) = (spread(a, first, outer, inner), spread(b, second, outer, inner))
      for unsafe(kernel, definition) in unsafe combinations {
        let (p, q) = (Buffer(a), Buffer(b))
        let result = first == .dense ? p : Buffer<Int32>(count: outer * inner)
        unsafe kernel(
          result.start, operand(p, first, inner), operand(q, second, inner), outer, inner)
        #expect(result.elements == zip(x, y).map(definition) && result.isGuarded)
      }
      let (p, q, mask) = (Buffer(a), Buffer(b), Buffer<UInt8>(count: outer * inner))
      let (left, right) = (operand(p, first, inner), operand(q, second, inner))
      unsafe Elementwise.less(
        mask.start, left, right, of: Int32.self, outer: outer, inner: inner)
      #expect(mask.elements == zip(x, y).map { $0 < $1 ? 1 : 0 } && mask.isGuarded)
      unsafe Elementwise.lessOrEqual(
        mask.start, left, right, of: Int32.self, outer: outer, inner: inner)
      #expect(mask.elements == zip(x, y).map { $0 <= $1 ? 1 : 0 } && mask.isGuarded)
      unsafe Elementwise.equal(
        mask.start, left, right, of: Int32.self, outer: outer, inner: inner)
      #expect(mask.elements == zip(x, y).map { $0 == $1 ? 1 : 0 } && mask.isGuarded)
      let chosen = Buffer<Int32>(count: outer * inner)
      unsafe Elementwise.select(
        chosen.start, mask.start, left, right, outer: outer, inner: inner)
      #expect(chosen.elements == zip(x, y).map { $0 == $1 ? $0 : $1 } && chosen.isGuarded)
    }
  }

  @Test func conversions() {
    let bytes = (0...255).map { UInt8($0) }
    let floats = Buffer<Float>(count: 256)
    let integers = Buffer<Int32>(count: 256)
    unsafe Elementwise.convert(floats.start, Buffer(bytes).start, 256)
    #expect(floats.elements == bytes.map { Float($0) })
    unsafe Elementwise.convert(integers.start, Buffer(bytes).start, 256)
    #expect(integers.elements == bytes.map { Int32($0) })
    let some: [Int32] = [0, 1, -1, 255, 256, -256, .max, .min, 16_777_217]
    unsafe Elementwise.convert(floats.start, Buffer(some).start, some.count)
    #expect(Array(floats.elements.prefix(some.count)) == some.map { Float($0) })
    let small = Buffer<UInt8>(count: some.count)
    unsafe Elementwise.convert(small.start, Buffer(some).start, some.count)
    #expect(small.elements == [0, 1, 0, 255, 255, 0, 255, 0, 255] && small.isGuarded)
  }

  @Test func truncationIsTowardsZeroAndKeepsInRange() {
    let x: [Float] = [
      0, -0.0, 0.99, -0.99, 1.5, -1.5, 255, 255.9, 256, 3e9, -3e9, 1e30, -1e30, .infinity,
      -.infinity, .nan, 2_147_483_520, -2_147_483_648,
    ]
    let integers = Buffer<Int32>(count: x.count)
    unsafe Elementwise.truncate(integers.start, Buffer(x).start, x.count)
    #expect(
      integers.elements == [
        0, 0, 0, 0, 1, -1, 255, 255, 256, .max, .min, .max, .min, .max, .min, 0, 2_147_483_520,
        .min,
      ])
    let bytes = Buffer<UInt8>(count: x.count)
    unsafe Elementwise.truncate(bytes.start, Buffer(x).start, x.count)
    #expect(
      bytes.elements == [0, 0, 0, 0, 1, 0, 255, 255, 255, 255, 0, 255, 0, 255, 0, 0, 255, 0])
  }
}
