import Diagnostics
import Optimizers
import TestSupport
import Testing

@Suite struct OptimizerTests {
  /// The weight after each of the gradients 1, 1, -1, 0.5, 0.01, beginning at 1; made
  /// independently.
  @Test(arguments: [
    ("{adam: 0.1}", [0.900000001, 0.800000002, 0.773800740, 0.737050930, 0.705686430]),
    (
      "{adam: {learning_rate: 0.1, amsgrad: true}}",
      [0.900000001, 0.800000002, 0.773800740, 0.737050930, 0.705701633]
    ),
    ("{adamw: 0.1}", [0.899000001, 0.798101002, 0.771103639, 0.733582725, 0.701484643]),
    (
      "{adamw: {learning_rate: 0.1, amsgrad: true}}",
      [0.899000001, 0.798101002, 0.771103639, 0.733582725, 0.701499845]
    ),
    ("{rmsprop: 0.1}", [9.999999e-08, -0.708881055, -0.128632004, -0.408560737, -0.414187428]),
    (
      "{rmsprop: {learning_rate: 0.1, alpha: 0.9, weight_decay: 0.01}}",
      [0.683772244, 0.454697602, 0.645232539, 0.548001263, 0.544868726]
    ),
    ("{adagrad: 0.1}", [0.9, 0.829289322, 0.887024349, 0.859289339, 0.858734647]),
    (
      "{adagrad: {learning_rate: 0.1, weight_decay: 0.01}}",
      [0.9, 0.829324353, 0.886374956, 0.858280249, 0.857254334]
    ),
    (
      "{adam: {learning_rate: 0.1, weight_decay: 0.01}}",
      [0.900000001, 0.800002596, 0.773010073, 0.735480988, 0.703238375]
    ),
    (
      "{adam: {learning_rate: 0.1, beta1: 0, beta2: 0.9}}",
      [0.900000001, 0.800000002, 0.900000001, 0.843455460, 0.842154671]
    ),
    ("{sgd: {learning_rate: 0.1, momentum: 0.9}}", [0.9, 0.71, 0.639, 0.5251, 0.42159]),
    ("{sgd: 0.1}", [0.9, 0.8, 0.9, 0.85, 0.849]),
    (
      "{sgd: {learning_rate: 0.1, momentum: 0.5, weight_decay: 0.01}}",
      [0.899, 0.747601, 0.771153899, 0.732159195, 0.710929683]
    ),
    (
      "{sgd: {learning_rate: 0.1, momentum: 0.9, nesterov: true}}",
      [0.81, 0.539, 0.5751, 0.42259, 0.328431]
    ),
    (
      "{sgd: {learning_rate: 0.1, momentum: 0.9, nesterov: true, weight_decay: 0.01}}",
      [0.8081, 0.53475461, 0.568455015, 0.413186595, 0.316271571]
    ),
  ])
  func followsTheTables(_ rule: String, _ expected: [Double]) throws {
    var run = Run<Double>(try optimizer(rule), [1])
    for (t, gradient) in [1, 1, -1, 0.5, 0.01].enumerated() {
      run.step(t + 1, [gradient], 0..<1)
      #expect(isClose(run.weights[0], expected[t], relative: 0, absolute: 6e-10))
    }
  }

  @Test(arguments: [(2.0, -0.000999999995), (1e-8, -0.0005)])
  func firstAdamStepIsTheRate(_ gradient: Double, _ expected: Double) throws {
    var run = Run<Double>(try optimizer("adam"), [0])
    run.step(1, [gradient], 0..<1)
    #expect(isClose(run.weights[0], expected, relative: 1e-8))
  }

  @Test(arguments: rules) func singlePrecisionFollowsDouble(_ rule: String) throws {
    let start = noise(1000, seed: 1)
    var single = Run<Float>(try optimizer(rule), start)
    var double = Run<Double>(try optimizer(rule), start.map { Double($0) })
    for t in 1...10 {
      let gradient = noise(1000, seed: UInt64(t + 1))
      single.step(t, gradient, 0..<1000)
      double.step(t, gradient.map { Double($0) }, 0..<1000)
    }
    for (a, b) in zip(single.weights, double.weights) {
      #expect(isClose(Double(a), b, relative: 1e-5, absolute: 2e-5))
    }
  }

  @Test(arguments: rules) func slicesGiveTheBitsOfTheWhole(_ rule: String) throws {
    var whole = Run<Float>(try optimizer(rule), noise(1003, seed: 1))
    var sliced = whole
    for t in 1...5 {
      let gradient = noise(1003, seed: UInt64(t + 1))
      whole.step(t, gradient, 0..<1003)
      for slice in [0..<1, 1..<14, 14..<14, 14..<77, 77..<640, 640..<1003] {
        sliced.step(t, gradient, slice)
      }
    }
    #expect(whole.weights.map(\.bitPattern) == sliced.weights.map(\.bitPattern))
    #expect(
      whole.moments.map { $0.map(\.bitPattern) } == sliced.moments.map { $0.map(\.bitPattern) })
  }

  @Test(arguments: [
    (
      "{sgd: {learning_rate: 0.1, momentum: 0.5, weight_decay: 0.01}}",
      "{sgd: {learning_rate: 0.1, momentum: 0.5}}"
    ),
    ("{adam: {learning_rate: 0.1, weight_decay: 0.01}}", "{adam: 0.1}"),
    ("{adamw: {learning_rate: 0.1, weight_decay: 0.5}}", "{adam: 0.1}"),
  ])
  func decaySparesWhatItShould(_ decaying: String, _ plain: String) throws {
    var spared = Run<Float>(try optimizer(decaying), noise(100, seed: 1))
    var expected = Run<Float>(try optimizer(plain), noise(100, seed: 1))
    var decayed = spared
    for t in 1...5 {
      let gradient = noise(100, seed: UInt64(t + 1))
      spared.step(t, gradient, 0..<100, decays: false)
      decayed.step(t, gradient, 0..<100)
      expected.step(t, gradient, 0..<100)
    }
    #expect(spared.weights == expected.weights)
    #expect(decayed.weights != expected.weights)
  }

  @Test func amsgradRemembersTheGreatestSquare() throws {
    var run = Run<Float>(try optimizer("{adam: {amsgrad: true}}"), [0])
    for (t, gradient) in [1, 10, 1, 0.1].enumerated() {
      run.step(t + 1, [Float(gradient)], 0..<1)
      #expect(run.moments[2][0] >= run.moments[1][0])
    }
    #expect(run.moments[2][0] > run.moments[1][0])
  }

  @Test(arguments: rules) func lateStepsStayFinite(_ rule: String) throws {
    var run = Run<Float>(try optimizer(rule), noise(64, seed: 1))
    for t in [1, 2, 1000, 1_000_000, Int(Int32.max), Int.max] {
      run.step(t, noise(64, seed: 2), 0..<64)
      run.step(t, [Float](repeating: 0, count: 64), 0..<64)
    }
    #expect(run.weights.allSatisfy { $0.isFinite })
  }

  @Test func namesMomentsLikePyTorch() throws {
    let rules = [
      "sgd", "{sgd: {momentum: 0.9}}", "adam", "{adamw: {amsgrad: true}}", "rmsprop", "adagrad",
    ]
    #expect(
      try rules.map { try optimizer($0).moments } == [
        [], ["momentum_buffer"], ["exp_avg", "exp_avg_sq"],
        ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"], ["square_avg"], ["sum"],
      ])
  }

  @Test(arguments: rules) func notANumberIsNotHidden(_ rule: String) throws {
    var run = Run<Float>(try optimizer(rule), noise(40, seed: 1))
    run.step(1, [Float](repeating: .nan, count: 40), 0..<40)
    #expect(run.weights.allSatisfy { $0.isNaN })
  }

  @Test func usesTheRateOfTheStep() throws {
    var run = Run<Double>(try optimizer("{sgd: 0.1}"), [1])
    run.step(1, [1], 0..<1, rate: 0.25)
    #expect(run.weights == [0.75])
  }

  @Test(arguments: [
    ("{adam: 0}", "rule.adam.learning_rate: expected a number above 0 and at most 1000"),
    ("{adam: 1e30}", "found '1e30'"), ("{sgd: {momentum: 1}}", "of at least 0 and below 1"),
    ("{sgd: {nesterov: true}}", "rule.sgd.nesterov: there is no momentum to look ahead along"),
    ("{rmsprop: {alpha: 1}}", "of at least 0 and below 1"),
    ("{adam: {beta1: .nan}}", "found '.nan'"),
    ("{adam: {leraning_rate: 1}}", "in rule.adam (did you mean 'learning_rate'?)"),
    ("adma", "unknown optimizer 'adma' in rule (did you mean 'adam'?)"),
  ])
  func refuses(_ rule: String, _ message: String) {
    let failure = #expect(throws: Failure.self) { try optimizer(rule) }
    #expect(failure?.message.contains(message) == true)
  }
}
