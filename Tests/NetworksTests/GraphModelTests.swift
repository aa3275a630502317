import Configuration
import Diagnostics
import Graphs
import Testing

import Networks

/// Models whose layers read other layers than the one before.
@Suite struct GraphModelTests {
  static let second = TargetType.NamedField("second", NumberType.float32, [4])

  struct Mistake: CustomTestStringConvertible, Sendable {
    let layers: [String]
    var loss = "cross_entropy"
    let message: String

    var testDescription: String { message }
  }

  static let mistakes = [
    Mistake(
      layers: ["dense: {units: 4, name: body}", "dense: {units: 10, input: bodi}"],
      message: "net.yaml:3:31: dense2: no layer or field before it is called 'bodi' (did "
        + "you mean 'body'?)"),
    Mistake(
      layers: ["add: [samples, xyz]", "dense: 10"],
      message: "net.yaml:2:10: add1: no layer or field before it is called 'xyz' (known: "
        + "samples, second)"),
    Mistake(
      layers: ["dense: {units: 4, name: a}", "relu: {name: a}", "dense: 10"],
      message: "net.yaml:3:18: two layers are called 'a', the other at net.yaml:2:29: give "
        + "one of them another name"),
    Mistake(
      layers: ["relu", "dense: {units: 10, name: relu1}"],
      message: "net.yaml:3:30: two layers are called 'relu1', the other at net.yaml:2:5: "
        + "give one of them another name"),
    Mistake(
      layers: [
        "repeat: {name: a, times: 2, layers: [{dense: 4}]}", "dense: {units: 10, name: a2}",
      ],
      message: "net.yaml:3:30: two layers are called 'a2', the other at net.yaml:2:20: give "
        + "one of them another name"),
    Mistake(
      layers: ["dense: {units: 10, name: a, input: a}"],
      message: "net.yaml:2:40: a: reads itself, a cycle: name an earlier layer"),
    Mistake(
      layers: ["dense: {units: 4, name: a, input: b}", "relu", "dense: {units: 10, name: b}"],
      message: "net.yaml:2:39: a: 'b' itself depends on 'a', a cycle: name an earlier layer"),
    Mistake(
      layers: [
        "add: [samples, b]", "dense: 10", "dense: {units: 4, name: b, input: samples}", "dense: 10",
      ],
      message: "net.yaml:2:10: add1: 'b' comes later at net.yaml:4:29: a layer reads those "
        + "before it"),
    Mistake(
      layers: ["dense: 3", "add: [dense1, samples]", "dense: 10"],
      message: "net.yaml:3:10: add1: input 1 is a vector of 3, input 2 is a vector of 4: "
        + "expected equal shapes"),
    Mistake(
      layers: [
        "reshape: [2, 2, 1]", "conv: 5", "multiply: [samples, conv1]", "flatten", "dense: 10",
      ],
      message: "net.yaml:4:15: multiply1: input 2 is a map of 2x2x5 (h x w x c), input 1 is "
        + "a vector of 4: expected equal shapes, or a vector of 5"),
    Mistake(
      layers: ["reshape: [2, 2]", "concat: {input: [reshape1, samples]}", "flatten", "dense: 10"],
      message: "net.yaml:3:21: concat1: input 1 is a sequence of 2x2 (steps x features), "
        + "input 2 is a vector of 4: only channels may differ"),
    Mistake(
      layers: ["add: samples", "dense: 10"],
      message: "net.yaml:2:10: add1: expected two inputs or more, as in add: [a, b], found one"),
    Mistake(
      layers: ["dense: {units: 10, input: [samples, second]}"],
      message: "net.yaml:2:31: dense1: takes one input, found 2"),
    Mistake(
      layers: ["dense: {units: 4, name: lost}", "dense: {units: 10, input: samples}"],
      message: "net.yaml:2:5: lost: no layer reads its output: name it as the input of a "
        + "layer or in outputs, or leave it out"),
    Mistake(
      layers: [
        "dense: {units: 4, name: lost}", "dense: {units: 4, input: samples, weights_of: lost}",
        "dense: 10",
      ],
      message: "net.yaml:2:5: lost: no layer reads its output: name it as the input of a "
        + "layer or in outputs, or leave it out"),
    Mistake(
      layers: ["residual: [{dense: 4}, {dense: {units: 4, input: samples}}]", "dense: 10"],
      message: "net.yaml:2:16: residual1/dense1: no layer reads its output: name it as the "
        + "input of a layer or in outputs, or leave it out"),
    Mistake(
      layers: ["dense: 10", "dense: {units: 3, input: samples}"],
      loss: "[{layer: dense1}, {layer: dense2, loss: mse}]",
      message: "net.yaml:4:11: missing key 'loss' in outputs.0: expected a loss"),
    Mistake(
      layers: ["dense: 10", "dense: 3"], loss: "[{layer: dense1, loss: cross_entropy}]",
      message: "net.yaml:3:5: dense2: the last layer has no loss: name it in outputs, or "
        + "leave it out"),
    Mistake(
      layers: ["dense: {units: 10, name: kind}"], loss: "[{layer: kinds, loss: cross_entropy}]",
      message: "net.yaml:3:19: outputs.0.layer: there is no layer 'kinds' (did you mean "
        + "'kind'?)"),
    Mistake(
      layers: ["dense: {units: 10, name: kind}"],
      loss: "[{layer: kind, loss: cross_entropy}, {layer: kind, loss: mse}]",
      message: "net.yaml:3:55: outputs.1.layer: 'kind' is an output already, with the loss "
        + "cross_entropy"),
    Mistake(
      layers: ["dense: 4", "dense: 3", "dense: {units: 10, weights_of: dense1}"],
      message: "net.yaml:4:36: dense3: needs weight of shape [10, 3], 'dense1' has [4, 4]: "
        + "give both the same settings and inputs of as many channels"),
    Mistake(
      layers: ["relu", "dense: {units: 10, weights_of: relu1}"],
      message: "net.yaml:3:36: dense1: 'relu1' has no weight to share: name a layer that has"),
    Mistake(
      layers: ["dense: 4", "tanh: {weights_of: dense1}", "dense: 10"],
      message: "net.yaml:3:24: tanh1: has no weights to share: leave weights_of out"),
    Mistake(
      layers: ["dense: {units: 10, weights_of: second}"],
      message: "net.yaml:2:36: dense1: 'second' is a field of the data and has no weights: "
        + "name a layer"),
    Mistake(
      layers: ["dense: 4", "dense: {units: 10, weights_of: dense3}"],
      message: "net.yaml:3:36: dense2: no layer before it is called 'dense3' (did you mean "
        + "'dense1'?)"),
    Mistake(
      layers: ["dense: 4", "dense: {units: 4, weights_of: dense1, freeze: all}", "dense: 10"],
      message: "net.yaml:3:51: dense2: 'dense1' owns the weights: freeze them there"),
    Mistake(
      layers: ["dense: 4", "repeat: {weights_of: dense1}", "dense: 10"],
      message: "net.yaml:3:26: block: has no layers of its own and 'dense1' is a dense: "
        + "expected a repeat"),
    Mistake(
      layers: ["dense: {units: 4, name: second}", "dense: 10"],
      message: "net.yaml:2:29: 'second' is a field of the data: give the layer another name"),
    Mistake(
      layers: ["dense: {units: 10, name: samples}"],
      message: "net.yaml:2:30: 'samples' is a field of the data: give the layer another name"),
  ]

  @Test(arguments: mistakes)
  func isReportedWithItsPlace(mistake: Mistake) {
    let error = #expect(throws: Failure.self) {
      try network(mistake.layers, loss: mistake.loss, sample: [4], fields: [Self.second])
    }
    #expect(error?.message == mistake.message)
    #expect(error?.code == .badConfiguration)
  }

  @Test(arguments: ["second", "samples"])
  func aFieldGivenTwiceIsRefused(_ name: String) {
    let error = #expect(throws: Failure.self) {
      try network(
        ["dense: 10"], sample: [4],
        fields: [Self.second, TargetType.NamedField(name, NumberType.float32, [2])])
    }
    #expect(error?.code == .badData)
    #expect(error?.message == "the data have two fields '\(name)': give one of them another name")
  }

  @Test func summariesNameInputsAndOwners() throws {
    let network = try network(
      [
        "repeat: {name: a, times: 2, layers: [{dense: 4}]}",
        "repeat: {name: b, times: 2, input: second, weights_of: a}", "add: [a, b]", "dense: 10",
      ], sample: [4], fields: [Self.second])
    #expect(network.layers.map(\.inputs) == [["samples"], ["second"], ["a", "b"], ["add1"]])
    #expect(network.layers.map(\.weightsOf) == [nil, "a", nil, nil])
    #expect(!network.layers.isPlainList)
    #expect(
      network.parameters.map(\.name) == [
        "a1/dense1/weight", "a1/dense1/bias", "a2/dense1/weight", "a2/dense1/bias", "dense1/weight",
        "dense1/bias",
      ])
  }

  @Test func aListOfLayersIsPlain() throws {
    #expect(try network(conv).layers.isPlainList)
    #expect(try !network(["add: [samples, samples]", "dense: 10"], sample: [4]).layers.isPlainList)
  }
}
