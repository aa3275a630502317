import Elementary
import Foundation
import Kernels
import TestSupport
import Testing

@Suite struct ElementwiseTests {
  private static let special: [Float] = [
    0, -0.0, 1, -1, 0.5, -0.5, 1e-3, -1e-3, 3, -3, 80, -80, 100, -100, 1e4, -1e4, 1e30, -1e30,
    .infinity, -.infinity, .nan, .leastNormalMagnitude, .greatestFiniteMagnitude,
  ]

  private static let counts = [0, 1, 7, 15, 16, 17, 31, 32, 33, 200]

  // MARK: One operand

  private static let maps: [(String, ulps: Double, Elementwise, @Sendable (Double) -> Double)] = [
    ("negate", 0, .negate, { -$0 }),
    ("reciprocal", 0.5, .reciprocal, { 1 / $0 }),
    ("exp", 1, .exp, { exp($0) }),
    ("expm1", 2, .expm1, { expm1($0) }),
    ("log", 1, .log, { log($0) }),
    ("log1p", 2, .log1p, { log1p($0) }),
    ("sqrt", 0.5, .sqrt, { $0.squareRoot() }),
    ("tanh", 2.5, .tanh, { tanh($0) }),
    ("sigmoid", 2.5, .sigmoid, { 1 / (1 + exp(-$0)) }),
    ("erf", 2, .erf, { erf($0) }),
  ]

  @Test(arguments: 0..<10, ElementwiseTests.counts)
  func oneOperand(map: Int, count: Int) {
    let (name, ulps, kernel, definition) = ElementwiseTests.maps[map]
    var generator = XorShift(seed: 3)
    let x = Array((ElementwiseTests.special + generator.floats(200, in: -20...20)).prefix(count))
    let (source, y, inPlace) = (Buffer(x), Buffer<Float>(count: count), Buffer(x))
    run(kernel, y, source)
    run(kernel, inPlace, inPlace)
    for (a, b) in zip(x, y.elements) {
      #expect(isNear(b, definition(Double(a)), ulps: ulps), "\(name)(\(a)) = \(b)")
    }
    #expect(same(y.elements, inPlace.elements))
    #expect(y.isGuarded && inPlace.isGuarded && same(source.elements, x))
  }

  @Test func limits() {
    let y = Buffer<Float>(count: 2)
    run(.tanh, y, Buffer<Float>([100, -100]))
    #expect(y.elements == [1, -1])
    run(.sigmoid, y, Buffer<Float>([1e4, -1e4]))
    #expect(y.elements[0] == 1 && y.elements[1] < 1e-37)
  }

  /// The kernels and the functions of Elementary are written twice.
  ///
  /// Every float was compared once; here are those that differ by a prime, and the neighbours of
  /// powers of two.
  @Test(arguments: 0..<7)
  func sameBitsAsElementary(function: Int) {
    let functions: [(String, Elementwise, (Float) -> Float)] = [
      ("exp", .exp, { .exp($0) }), ("expm1", .expm1, { .expMinusOne($0) }),
      ("log", .log, { .log($0) }), ("log1p", .log1p, { .logOnePlus($0) }),
      ("tanh", .tanh, { .tanh($0) }), ("sigmoid", .sigmoid, { .sigmoid($0) }),
      ("erf", .erf, { .erf($0) }),
    ]
    let (name, kernel, definition) = functions[function]
    let some = stride(from: UInt32.min, to: .max, by: 10007)
    let near = (0..<512).flatMap { power in
      (UInt32(0)..<200).map { UInt32(power) << 23 &+ $0 &- 100 }
    }
    let x = (Array(some) + near).map { Float(bitPattern: $0) }
    let y = Buffer<Float>(count: x.count)
    run(kernel, y, Buffer(x))
    let wrong = zip(x, y.elements).first { $1.bitPattern != definition($0).bitPattern }
    #expect(wrong == nil, "\(name)")
  }

  // MARK: Two operands

  private static let combinations: [(String, Elementwise, @Sendable (Float, Float) -> Float)] = [
    ("add", .add, { $0 + $1 }), ("subtract", .subtract, { $0 - $1 }),
    ("multiply", .multiply, { $0 * $1 }), ("divide", .divide, { $0 / $1 }),
    ("maximum", .maximum, { $0.isNaN || $1.isNaN ? .nan : Swift.max($0, $1) }),
  ]

  @Test(arguments: ElementwiseTests.counts)
  func twoOperands(count: Int) {
    for (name, kernel, definition) in ElementwiseTests.combinations {
      check(name, kernel, count, guardedBy: -12345, { ElementwiseTests.number(&$0) }, definition)
    }
    let comparisons: [(String, (Elementwise.Number) -> Elementwise, (Float, Float) -> Bool)] = [
      ("less", Elementwise.less, { $0 < $1 }), ("equal", Elementwise.equal, { $0 == $1 }),
      ("lessOrEqual", Elementwise.lessOrEqual, { $0 <= $1 }),
    ]
    var generator = XorShift(seed: 10)
    for (name, kernel, definition) in comparisons {
      func compare<Number: BitwiseCopyable & Equatable>(
        _ few: [Number], _ type: Elementwise.Number, _ value: (Number) -> Float
      ) {
        let (a, b) = (draw(few, count, &generator), draw(few, count, &generator))
        let (p, q) = (Buffer(a, guardedBy: few[0]), Buffer(b, guardedBy: few[0]))
        let mask = Buffer<UInt8>(count: count)
        run(kernel(type), mask, p, q)
        let expected = zip(a, b).map { definition(value($0), value($1)) ? UInt8(1) : 0 }
        #expect(mask.elements == expected && mask.isGuarded, "\(name) of \(type)")
      }
      compare([0, -0.0, 1, .nan, .infinity] as [Float], .float32) { $0 }
      compare([0, -1, 1, .min, .max] as [Int32], .int32) { Float($0) }
      compare([0, 1, 127, 128, 255] as [UInt8], .uint8) { Float($0) }
      compare(([0, -0.0, 1, .nan, .infinity] as [Float]).map { BFloat16($0) }, .bfloat16) {
        $0.float
      }
    }
  }

  @Test(arguments: ElementwiseTests.counts)
  func integers(count: Int) {
    let combinations: [(String, Elementwise, (Int32, Int32) -> Int32)] = [
      ("add", .addIntegers, { $0 &+ $1 }), ("subtract", .subtractIntegers, { $0 &- $1 }),
      ("multiply", .multiplyIntegers, { $0 &* $1 }),
      ("maximum", .maximumOfIntegers, { $0 < $1 ? $1 : $0 }),
    ]
    let some: [Int32] = [0, 1, -1, 2, 65536, .max, .min]
    for (name, kernel, definition) in combinations {
      check(
        name, kernel, count, guardedBy: -12345, { some.randomElement(using: &$0) ?? 0 }, definition)
    }
  }

  @Test(arguments: ElementwiseTests.counts)
  func choices(count: Int) {
    func choose<Number: BitwiseCopyable & Equatable>(
      _ type: Elementwise.Number, _ number: (UInt8) -> Number
    ) {
      var generator = XorShift(seed: 11)
      let mask = draw([0, 0, 1, 2, 255], count, &generator) as [UInt8]
      let a = (0..<count).map { number(UInt8($0 % 200)) }
      let b = (0..<count).map { number(UInt8(255 - $0 % 200)) }
      let expected = zip(mask, zip(a, b)).map { $0 != 0 ? $1.0 : $1.1 }
      for replaced in 0...2 {
        let (m, p) = (Buffer(mask), Buffer(a, guardedBy: number(1)))
        let q = Buffer(b, guardedBy: number(1))
        let y = [Buffer(b, guardedBy: number(2)), p, q][replaced]
        run(.select(type), y, m, p, q)
        #expect(y.elements == expected && y.isGuarded, "\(type) in \(replaced)")
      }
    }
    choose(.float32) { Float($0) }
    choose(.int32) { Int32($0) }
    choose(.uint8) { $0 }
    choose(.bfloat16) { BFloat16(Float($0)) }
  }

  // MARK: Conversions

  private func convert<A: BitwiseCopyable & Equatable, B: BitwiseCopyable & Equatable>(
    _ x: [A], _ from: Elementwise.Number, to: Elementwise.Number, _ zero: B
  ) -> [B] {
    let y = Buffer([B](repeating: zero, count: x.count), guardedBy: zero)
    run(.convert(from, to: to), y, Buffer(x, guardedBy: x[0]))
    #expect(y.isGuarded)
    return y.elements
  }

  @Test func conversions() {
    let bytes = (0...255).map { UInt8($0) }
    #expect(convert(bytes, .uint8, to: .float32, Float(0)) == bytes.map { Float($0) })
    #expect(convert(bytes, .uint8, to: .int32, Int32(0)) == bytes.map { Int32($0) })
    let some: [Int32] = [0, 1, -1, 255, 256, -256, .max, .min, 16_777_217]
    #expect(convert(some, .int32, to: .float32, Float(0)) == some.map { Float($0) })
    #expect(convert(some, .int32, to: .uint8, UInt8(0)) == [0, 1, 0, 255, 255, 0, 255, 0, 255])
  }

  @Test func truncationIsTowardsZeroAndKeepsInRange() {
    let x: [Float] = [
      0, -0.0, 0.99, -0.99, 1.5, -1.5, 255, 255.9, 256, 3e9, -3e9, 1e30, -1e30, .infinity,
      -.infinity, .nan, 2_147_483_520, -2_147_483_648,
    ]
    #expect(
      convert(x, .float32, to: .int32, Int32(0)) == [
        0, 0, 0, 0, 1, -1, 255, 255, 256, .max, .min, .max, .min, .max, .min, 0, 2_147_483_520,
        .min,
      ])
    #expect(
      convert(x, .float32, to: .uint8, UInt8(0)) == [
        0, 0, 0, 0, 1, 0, 255, 255, 255, 255, 0, 255, 0, 255, 0, 0, 255, 0,
      ])
    let halves = x.map { BFloat16($0) }
    let floats = convert(halves, .bfloat16, to: .float32, Float(0))
    #expect(same(floats, halves.map(\.float)))
    #expect(
      convert(halves, .bfloat16, to: .int32, Int32(0))
        == convert(floats, .float32, to: .int32, Int32(0)))
    #expect(
      convert(halves, .bfloat16, to: .uint8, UInt8(0))
        == convert(floats, .float32, to: .uint8, UInt8(0)))
  }

  @Test func roundingToBFloat16() {
    let floats = stride(from: UInt32.min, to: .max, by: 99991).map { Float(bitPattern: $0) }
    let rounded = convert(floats, .float32, to: .bfloat16, BFloat16(0))
    #expect(zip(floats, rounded).allSatisfy { BFloat16($0).bitPattern == $1.bitPattern })
    let bytes = (0...255).map { UInt8($0) }
    let all = convert(bytes, .uint8, to: .bfloat16, BFloat16(0))
    #expect(all.map(\.float) == bytes.map { Float($0) })
  }

  /// A float32 between would make a tie of what lies beside one.
  @Test func integersAreRoundedToBFloat16Once() {
    var x: [Int32] = [.min, 0]
    for exponent in 8..<31 {
      for digits in Int32(128)..<256 {
        let half = digits << Int32(exponent - 7) + Int32(1) << Int32(exponent - 8)
        x += [half, half - 1, half + 1, -half, digits << Int32(exponent - 7)]
      }
    }
    let y = convert(x, .int32, to: .bfloat16, BFloat16(0))
    #expect(y.map { Double($0.float) } == x.map { nearestBFloat16(Double($0)) })
  }

  // MARK: Running

  private static func number(_ generator: inout XorShift) -> Float {
    generator.integer(in: 0...1) == 0
      ? special.randomElement(using: &generator) ?? 0 : generator.floats(1)[0]
  }

  private func draw<Number>(
    _ some: [Number], _ count: Int, _ generator: inout XorShift
  ) -> [Number] {
    (0..<count).map { _ in some.randomElement(using: &generator) ?? some[0] }
  }

  /// Runs a kernel on two operands and in place of each and of both.
  private func check<Number: BitwiseCopyable & Equatable>(
    _ name: String, _ kernel: Elementwise, _ count: Int, guardedBy guardian: Number,
    _ draw: (inout XorShift) -> Number,
    _ definition: (Number, Number) -> Number
  ) {
    var generator = XorShift(seed: 9)
    let a = (0..<count).map { _ in draw(&generator) }
    let b = (0..<count).map { _ in draw(&generator) }
    func buffer(_ x: [Number]) -> Buffer<Number> { Buffer(x, guardedBy: guardian) }
    func isSame(_ x: [Number], _ y: [Number]) -> Bool {
      (x as? [Float]).map { same($0, y as? [Float] ?? []) } ?? (x == y)
    }
    for place in 0...2 {
      let (p, q) = (buffer(a), buffer(b))
      let y = [buffer(b), p, q][place]
      run(kernel, y, p, q)
      #expect(isSame(y.elements, zip(a, b).map(definition)), "\(name) of \(count) in \(place)")
      #expect(y.isGuarded)
    }
    let y = buffer(a)
    run(kernel, y, y, y)
    #expect(isSame(y.elements, zip(a, a).map(definition)), "\(name) of \(count) in place of both")
  }

  private func run<Y, A>(_ kernel: Elementwise, _ y: Buffer<Y>, _ a: Buffer<A>) {
    run(kernel, y, a, a)
  }

  private func run<Y, A>(_ kernel: Elementwise, _ y: Buffer<Y>, _ a: Buffer<A>, _ b: Buffer<A>) {
    run(kernel, y, a, b, b)
  }

  private func run<Y, A, B>(
    _ kernel: Elementwise, _ y: Buffer<Y>, _ a: Buffer<A>, _ b: Buffer<B>, _ c: Buffer<B>
  ) { unsafe kernel.run(y.start, a.start, b.start, c.start, y.count) }
}
