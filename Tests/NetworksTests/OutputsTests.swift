import Graphs
import Testing

import Networks

/// Several outputs, each with a loss of its own.
@Suite struct OutputsTests {
  private let model = Model(
    LayerList {
      Dense(units: 5).node(named: "body")
      Dense(units: 3).node(named: "kind", reading: "body")
      Dense(units: 4).node(named: "copy", reading: "body")
    },
    outputs: [
      ModelOutput(CrossEntropy(), of: "kind", weight: 2),
      ModelOutput(MeanSquaredError(), of: "copy", target: "samples", weight: 0.25),
    ])

  private func evaluate(_ labels: [Double], ignoresSome: Bool) throws -> (
    results: [String: Tensor], scale: Double, share: Double
  ) {
    let network = try Network(
      model, sample: [2, 4], targets: .classes(3, shape: [2], ignoresSome: ignoresSome))
    let program = try network.trainingProgram(samples: 3)
    try program.check()
    let counting = labels.count { $0 >= 0 }
    let (scale, share) = (2 / Double(counting), 1.0 / 3)
    var inputs = [
      "samples": noise([3, 2, 4], unit: 0), "labels": Tensor([3, 2], labels),
      "scale": Tensor([1], [scale]), "share": Tensor([1], [share]),
    ]
    inputs = inputs.filter { name, _ in program.inputs.contains { $0.name == name } }
    let parameters = Dictionary(
      uniqueKeysWithValues: network.parameters.enumerated().map {
        ($1.name, noise($1.shape, unit: 10 + $0))
      })
    let results = try ReferenceEvaluator(program).evaluate(
      inputs: inputs, parameters: parameters)
    return (results, scale, share)
  }

  @Test func theLossIsTheWeightedSumOfTheMeansOfOutputs() throws {
    for (labels, ignoresSome) in [
      ([0.0, 1, 2, 0, 1, 2], false), ([0, -1, -1, -1, 1, 2], true),
    ] {
      let (results, scale, share) = try evaluate(labels, ignoresSome: ignoresSome)
      func sum(_ name: String) throws -> Double {
        try #require(results[name]).elements.reduce(0, +)
      }
      let expected = try 2 * scale * sum("losses/kind") + 0.25 * share * sum("losses/copy")
      #expect(try abs(scale * sum("losses") - expected) < 1e-12)
    }
  }

  /// The gradient of one output's own part is that of a model of this output alone.
  @Test func gradientsAddUp() throws {
    let labels = [0.0, -1, -1, -1, 1, 2]
    let (both, scale, _) = try evaluate(labels, ignoresSome: true)
    let alone = Model(
      LayerList {
        Dense(units: 5).node(named: "body")
        Dense(units: 3).node(named: "kind", reading: "body")
      }, loss: CrossEntropy())
    let network = try Network(
      alone, sample: [2, 4], targets: .classes(3, shape: [2], ignoresSome: true))
    let parameters = Dictionary(
      uniqueKeysWithValues: network.parameters.enumerated().map {
        ($1.name, noise($1.shape, unit: 10 + $0))
      })
    let results = try ReferenceEvaluator(network.trainingProgram(samples: 3)).evaluate(
      inputs: [
        "samples": noise([3, 2, 4], unit: 0), "labels": Tensor([3, 2], labels),
        "scale": Tensor([1], [scale]),
      ], parameters: parameters)
    for name in ["gradient/kind/weight", "gradient/kind/bias"] {
      let (a, b) = (try #require(both[name]).elements, try #require(results[name]).elements)
      for (a, b) in zip(a, b) { #expect(abs(a - 2 * b) < 1e-12) }
    }
  }

  @Test func integersOfAFieldAreClasses() throws {
    let network = try Network(
      Model(
        LayerList { Dense(units: 7) }, loss: CrossEntropy(), target: "grade"),
      sample: [4], targets: nil, fields: [TargetType.NamedField("grade", .uint8, [])])
    #expect(network.targets == .classes(7))
    let program = try network.evaluationProgram(samples: 2)
    let grade = try #require(program.inputs.first { $0.name == "grade" })
    #expect(grade.type == TensorType(.uint8, [2, 1]))
  }
}
