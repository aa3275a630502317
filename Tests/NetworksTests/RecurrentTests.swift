import Graphs
import TestSupport
import Testing

import Networks

/// Recurrent layers: their numbers, parameters, and what holds of any of them.
@Suite struct RecurrentTests {
  // MARK: Numbers worked out elsewhere

  /// Two units on two features: the scales of W and U and the bias of each gate, and h after each
  /// of three steps.
  struct Known: CustomTestStringConvertible, Sendable {
    let layer: String
    let gates: [(input: Double, recurrent: Double, bias: Double)]
    let h: [Double]

    var testDescription: String { layer }
  }

  private static let lstm = [(1, 0.5, 0.1), (-0.8, 0.6, 1), (1.5, -0.4, 0), (0.7, 0.9, -0.1)]
  private static let gru = [(1, 0.5, 0.1), (-0.8, 0.6, -0.2), (1.5, -0.4, 0.05)]
  private static let mgu = [(1, 0.5, 0.1), (1.5, -0.4, 0.05)]

  /// The last steps alone are known of some.
  static let known = [
    Known(
      layer: "rnn: 2", gates: [(1, 0.5, 0.1)],
      h: [0.1537705223, 0.1046158191, 0.1196384789, 0.2525489599, 0.0541904590, 0.0478164771]),
    Known(
      layer: "lstm: 2", gates: lstm,
      h: [0.0214743866, 0.0018781620, 0.0229828442, 0.0610046532, 0.0014319223, 0.0177154547]),
    Known(
      layer: "lstm: {units: 2, peepholes: true}", gates: lstm,
      h: [0.0215234620, 0.0018789390, 0.0230747461, 0.0617703807, 0.0014450320, 0.0177672801]),
    Known(
      layer: "gru: 2", gates: gru,
      h: [0.1603070869, 0.1168289665, 0.2014031171, 0.2827528714, 0.1683878227, 0.1825385877]),
    Known(
      layer: "gru: {units: 2, reset: before}", gates: gru,
      h: [0.2284335861, 0.1889381316, 0.3029316155, 0.3709569849, 0.2903778792, 0.2975774084]),
    Known(layer: "mgu: 2", gates: mgu, h: [0.0300984716, 0.0496219435]),
    Known(layer: "mgu: {units: 2, variant: 1}", gates: mgu, h: [0.0287117577, 0.0421568671]),
    Known(layer: "mgu: {units: 2, variant: 2}", gates: mgu, h: [0.0299092016, 0.0443086959]),
    Known(layer: "mgu: {units: 2, variant: 3}", gates: mgu, h: [0.0286651651, 0.0424972826]),
  ]

  @Test(arguments: known)
  func threeStepsOfTwoUnits(_ known: Known) throws {
    let network = try NetworksTests.network(
      [known.layer], loss: "mse", sample: [3, 2], targets: .values([3, 2]))
    var parameters: [String: Tensor] = [:]
    for parameter in network.parameters {
      let name = parameter.name.split(separator: "/")[1]
      // Those that a variant lacks are the first.
      let gates = known.gates.suffix(parameter.shape[0] / 2)
      let numbers: [Double] =
        switch name {
        case "weight_ih_l0": gates.flatMap { matrix($0.input) }
        case "weight_hh_l0": gates.flatMap { matrix($0.recurrent) }
        case "bias_ih_l0": gates.flatMap { [$0.bias, $0.bias] }
        case "weight_peephole_l0": [0.1, 0.2, 0.1, 0.2, 0.1, 0.2]
        case _ where known.layer.hasPrefix("gru"): [0, 0, 0, 0, 0.3, 0.3]
        default: [Double](repeating: 0, count: parameter.count)
        }
      parameters[parameter.name] = Tensor(parameter.shape, numbers)
    }
    let results = try ReferenceEvaluator(network.evaluationProgram(samples: 1)).evaluate(
      inputs: [
        "samples": Tensor([1, 3, 2], [0.5, -1, 1, 0.25, -0.75, 0.5]),
        "targets": Tensor([1, 3, 2], repeating: 0),
      ], parameters: parameters)
    let h = try #require(results["predictions"]).elements
    for (found, expected) in zip(h.suffix(known.h.count), known.h) {
      #expect(isClose(found, expected, absolute: 6e-11), "\(h), not \(known.h)")
    }
  }

  private func matrix(_ scale: Double) -> [Double] {
    let unscaled: [Double] = [0.03, -0.04, 0.13, 0.06]
    return unscaled.map { scale * $0 }
  }

  // MARK: What holds of all cells

  static let cells = [
    "rnn: {units: 3", "rnn: {units: 3, activation: relu", "lstm: {units: 3",
    "lstm: {units: 3, peepholes: true", "lstm: {units: 3, peepholes: true, variant: nig",
    "lstm: {units: 3, peepholes: true, variant: nfg", "lstm: {units: 3, variant: nog",
    "lstm: {units: 3, variant: niaf", "lstm: {units: 3, peepholes: true, variant: noaf",
    "lstm: {units: 3, peepholes: true, variant: cifg",
    "lstm: {units: 3, peepholes: true, variant: fgr", "gru: {units: 3",
    "gru: {units: 3, reset: before", "mgu: {units: 3", "mgu: {units: 3, variant: 1",
    "mgu: {units: 3, variant: 2", "mgu: {units: 3, variant: 3",
  ]

  static let lengths = TargetType.NamedField("lengths", NumberType.int32, [])

  private func network(_ layer: String, steps: Int = 4, last: Bool = false) throws -> Network {
    try NetworksTests.network(
      [layer, "dense: 2"], loss: "mse", sample: [steps, 2],
      targets: .values(last ? [2] : [steps, 2]), fields: [Self.lengths])
  }

  private func parameters(_ network: Network) -> [String: Tensor] {
    Dictionary(
      uniqueKeysWithValues: network.parameters.map {
        ($0.name, noise($0.shape, unit: $0.number))
      })
  }

  /// The results of a training program for samples of these lengths.
  private func results(
    of program: Program, _ parameters: [String: Tensor], samples: Tensor? = nil,
    lengths: [Double] = [1, 4, 3]
  ) throws -> [String: Tensor] {
    var inputs: [String: Tensor] = ["scale": Tensor([1], [0.125])]
    for (name, type) in program.inputs where name != "scale" {
      inputs[name] =
        switch name {
        case "lengths": Tensor(type.shape, lengths)
        case "samples": samples ?? noise(type.shape, unit: 900)
        default: noise(type.shape, unit: 901)
        }
    }
    return try ReferenceEvaluator(program).evaluate(
      inputs: inputs, parameters: parameters, random: dropoutDraws(step: 1))
  }

  private func expectEqual(
    _ a: [String: Tensor], _ b: [String: Tensor], relative: Double = 1e-12, _ comment: Comment
  ) {
    #expect(Set(a.keys) == Set(b.keys))
    for (name, tensor) in a {
      guard let other = b[name] else { continue }
      let difference = tensor.difference(from: other, relative: relative, absolute: 1e-14)
      #expect(difference == nil, "\(comment): \(name)")
    }
  }

  private static let options = [
    "}", ", direction: backward, lengths: lengths, initial_state: learned}",
    ", layers: 2, direction: both, dropout: 0.3, lengths: lengths}",
    ", bias: false, direction: both, output: last, lengths: lengths}",
  ]

  @Test(arguments: cells)
  func aLoopIsItsStepsWrittenOut(_ cell: String) throws {
    for options in Self.options where !(cell.contains("variant: 3") && options.contains("bias")) {
      let network = try network(cell + options, last: options.contains("last"))
      let program = try network.trainingProgram(samples: 3)
      let values = parameters(network)
      expectEqual(
        try results(of: program, values), try results(of: program.unrolled(), values),
        "\(cell)\(options)")
    }
  }

  @Test(arguments: cells, [1, 2, 3])
  func whatIsRememberedChangesNothing(_ cell: String, _ count: Int) throws {
    let options = ", direction: both, lengths: lengths"
    let all = try network("\(cell)\(options)}")
    let some = try network("\(cell)\(options), remember: \(count)}")
    let values = parameters(all)
    expectEqual(
      try results(of: all.trainingProgram(samples: 3), values),
      try results(of: some.trainingProgram(samples: 3), values), "\(cell)")
  }

  /// Reversed samples and exchanged cells make the reversed halves, exchanged.
  @Test(arguments: cells)
  func reversingTheStepsExchangesTheDirections(_ cell: String) throws {
    let network = try NetworksTests.network(
      ["\(cell), direction: both}"], loss: "mse", sample: [4, 2], targets: .values([4, 6]))
    let program = try network.evaluationProgram(samples: 3)
    let values = parameters(network)
    var exchanged: [String: Tensor] = [:]
    for (name, tensor) in values {
      exchanged[
        name.hasSuffix("_reverse") ? String(name.dropLast("_reverse".count)) : "\(name)_reverse"] =
        tensor
    }
    let samples = noise([3, 4, 2], unit: 900)
    func reversed(_ tensor: Tensor, width: Int) -> Tensor {
      Tensor(
        tensor.shape,
        tensor.elements.indices.map { index in
          let (row, column) = index.quotientAndRemainder(dividingBy: width)
          let (sample, step) = row.quotientAndRemainder(dividingBy: 4)
          return tensor.elements[(sample * 4 + 3 - step) * width + column]
        })
    }
    let ahead = try #require(results(of: program, values, samples: samples)["predictions"])
    let back = try #require(
      results(of: program, exchanged, samples: reversed(samples, width: 2))["predictions"])
    let turned = reversed(back, width: 6)
    let halves = turned.elements.indices.map { index in
      turned.elements[index / 6 * 6 + (index + 3) % 6]
    }
    #expect(ahead.elements == halves)
  }

  /// A sample of three of five steps is that of three steps, whatever stands behind; outputs there
  /// are 0.
  @Test(arguments: cells, ["sequence", "last"])
  func stepsBehindTheEndCountNowhere(_ cell: String, _ output: String) throws {
    let options = ", direction: both, layers: 2, initial_state: learned, output: \(output)"
    func network(_ steps: Int, _ more: String) throws -> Network {
      try NetworksTests.network(
        ["\(cell)\(options)\(more)}"], loss: "mse", sample: [steps, 2],
        targets: .values(output == "last" ? [6] : [steps, 6]), fields: [Self.lengths])
    }
    let (padded, exact) = (try network(5, ", lengths: lengths"), try network(3, ""))
    let values = parameters(exact)
    let x = noise([1, 3, 2], unit: 900).elements
    let short = try results(
      of: exact.evaluationProgram(samples: 1), values, samples: Tensor([1, 3, 2], x))["predictions"]
    for junk in [0.0, 1e6] {
      let found = try results(
        of: padded.evaluationProgram(samples: 1), values,
        samples: Tensor([1, 5, 2], x + [Double](repeating: junk, count: 4)), lengths: [3])
      let numbers = try #require(found["predictions"]).elements
      #expect(Array(numbers.prefix(short?.elements.count ?? 0)) == short?.elements)
      #expect(numbers.dropFirst(short?.elements.count ?? 0).allSatisfy { $0 == 0 })
    }
  }

  /// What lies between layers is dropped, in training alone.
  @Test(arguments: ["sequence", "last"])
  func dropoutIsBetweenLayers(_ output: String) throws {
    let network = try network(
      "gru: {units: 3, layers: 3, direction: both, dropout: 0.3, output: \(output)}",
      last: output == "last")
    func draws(_ program: Program) -> [Shape] {
      program.instructions.compactMap { instruction in
        if case .random = instruction.operation { instruction.type.shape } else { nil }
      }
    }
    #expect(try draws(network.trainingProgram(samples: 5)) == [[5, 4, 6], [5, 4, 6]])
    #expect(try draws(network.evaluationProgram(samples: 5)).isEmpty)
  }

  // MARK: Parameters

  /// The numbers of PyTorch for 5 units on 3 features; cells that it lacks have two biases as well.
  @Test(arguments: [
    ("rnn: 5", 50), ("lstm: 5", 200), ("lstm: {units: 5, peepholes: true}", 215),
    ("gru: 5", 150), ("gru: {units: 5, bias: false}", 120), ("mgu: 5", 100),
    ("mgu: {units: 5, variant: 1}", 85), ("mgu: {units: 5, variant: 2}", 75),
    ("mgu: {units: 5, variant: 3}", 60), ("lstm: {units: 5, layers: 2, direction: both}", 1080),
    ("lstm: {units: 5, initial_state: learned}", 210),
    ("lstm: {units: 5, variant: fgr}", 425), ("lstm: {units: 5, variant: nig}", 150),
  ])
  func parametersAreCounted(_ layer: String, _ count: Int) throws {
    let network = try NetworksTests.network(
      [layer], loss: "mse", sample: [4, 3], targets: .values([4, layer.contains("both") ? 10 : 5]))
    #expect(network.parameterCount == count)
    #expect(network.layers[0].parameters == count)
  }

  @Test func parametersAreThoseOfPyTorch() throws {
    let network = try NetworksTests.network(
      ["lstm: {units: 5, layers: 2, direction: both, peepholes: true, initial_state: learned}"],
      loss: "mse", sample: [4, 3], targets: .values([4, 10]))
    let cell = [
      "weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_peephole", "h0", "c0",
    ]
    #expect(
      network.parameters.map(\.name)
        == ["_l0", "_l0_reverse", "_l1", "_l1_reverse"].flatMap { suffix in
          cell.map { "lstm1/\($0)\(suffix)" }
        })
    #expect(
      network.parameters.suffix(7).map(\.shape) == [
        [20, 10], [20, 5], [20], [20], [3, 5], [5], [5],
      ])
  }

  @Test func firstWeightsAreThoseOfPyTorchUnlessSettingsDiffer() throws {
    func distributions(_ settings: String) throws -> [Distribution] {
      try NetworksTests.network(
        ["lstm: {units: 4\(settings)}"], loss: "mse", sample: [2, 3], targets: .values([2, 4])
      ).parameters.map(\.distribution)
    }
    #expect(
      try distributions("") == [.uniform(bound: 0.5), .uniform(bound: 0.5), .zeros, .zeros])
    #expect(
      try distributions(", init: xavier_uniform, recurrent_init: orthogonal").prefix(2) == [
        .uniform(bound: (6.0 / 7).squareRoot()), .orthogonal(gain: 1, parts: 4),
      ])
    let bias: [Float] = [0, 0, 0, 0, 1.5, 1.5, 1.5, 1.5, 0, 0, 0, 0, 0, 0, 0, 0]
    #expect(try distributions(", forget_bias: 1.5")[2...] == [.given(bias), .zeros])
  }

  @Test func orthogonalWeightsAreSoForEachGate() throws {
    let network = try NetworksTests.network(
      ["gru: {units: 6, recurrent_init: {orthogonal: 0.5}}"], loss: "mse", sample: [2, 3],
      targets: .values([2, 6]))
    let whole = firstWeights(network.parameters[1], seed: 3).map { Double($0) }
    for gate in 0..<3 {
      let block = whole[gate * 36..<(gate + 1) * 36].map(\.self)
      for (i, j) in (0..<36).map({ ($0 / 6, $0 % 6) }) {
        let product = (0..<6).reduce(0) { $0 + block[i * 6 + $1] * block[j * 6 + $1] }
        #expect(isClose(product, i == j ? 0.25 : 0, absolute: 1e-7))
      }
    }
    #expect(whole[..<36] != whole[36..<72])
    #expect(
      firstWeights(network.parameters[1], seed: 3, from: 40, count: 7).map { Double($0) }
        == Array(whole[40..<47]))
  }

  @Test func firstValuesAreGivenByPyTorchsNames() throws {
    let network = try NetworksTests.network(
      [
        "rnn: {units: 2, weights: {weight_ih: [[1], [2]], weight_hh: [[3, 4], [5, 6]], "
          + "bias_ih: [7, 8], h0: [9, 10]}, initial_state: learned, freeze: weight}", "dense: 1",
      ], loss: "mse", sample: [3, 1], targets: .values([3, 1]))
    let first = Dictionary(
      uniqueKeysWithValues: network.parameters.map { ($0.name, $0.distribution) })
    #expect(first["rnn1/weight_ih_l0"] == .given([1, 2]))
    #expect(first["rnn1/weight_hh_l0"] == .given([3, 4, 5, 6]))
    #expect(first["rnn1/bias_ih_l0"] == .given([7, 8]))
    #expect(first["rnn1/bias_hh_l0"] == .zeros && first["rnn1/h0_l0"] == .given([9, 10]))
    #expect(
      network.parameters.filter { $0.role == .frozen }.map(\.name)
        == ["rnn1/weight_ih_l0", "rnn1/weight_hh_l0"])
  }

  @Test func constraintsHoldForBothWeights() throws {
    let network = try NetworksTests.network(
      ["gru: {units: 2, constraint: {max_norm: 3}}"], loss: "mse", sample: [3, 1],
      targets: .values([3, 2]))
    #expect(
      network.parameters.map(\.constraint) == [.maxNorm(3), .maxNorm(3), nil, nil])
  }

  /// Neither instructions nor the size of a program depend on the number of steps.
  @Test(arguments: cells)
  func programsDoNotGrowWithTheSteps(_ cell: String) throws {
    let counts = try [64, 1024].map { steps in
      let layer = "\(cell), direction: both, layers: 2, lengths: lengths}"
      let program = try network(layer, steps: steps).trainingProgram(samples: 2)
      return program.instructions.count
    }
    #expect(counts[0] == counts[1])
  }
}
