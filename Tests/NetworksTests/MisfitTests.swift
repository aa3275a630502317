import Diagnostics
import Graphs
import Testing

import Networks

/// What users do wrong, and the very line they are told.
@Suite struct MisfitTests {
  struct Mistake: CustomTestStringConvertible, Sendable {
    let layers: [String]
    var sample: Shape = [28, 28, 1]
    var loss = "cross_entropy"
    var targets = TargetType.classes(10)
    let message: String

    var testDescription: String { message }
  }

  static let mistakes = [
    Mistake(
      layers: ["conv: 8", "dense: 10"],
      message: "net.yaml:3:5: dense1: the model ends with a map of 28x28x10 (h x w x c), "
        + "the data has 10 classes: end it with flatten and 'dense: 10'"),
    Mistake(
      layers: ["relu", "conv: 8", "dense: 10"], sample: [784],
      message:
        "net.yaml:3:5: conv1: needs a map (h x w x c) or a sequence (steps x features), found a vector of 784"
    ),
    Mistake(
      layers: ["flatten", "maxpool: 2", "dense: 10"],
      message:
        "net.yaml:3:5: maxpool1: needs a map (h x w x c) or a sequence (steps x features), found a vector of 784"
    ),
    Mistake(
      layers: [
        "maxpool: 9", "conv: {filters: 4, kernel: 5, padding: valid}", "flatten", "dense: 10",
      ],
      message: "net.yaml:3:32: conv1: kernel 5x5 does not fit a map of 3x3: "
        + "make it smaller, or the map larger"),
    Mistake(
      layers: ["maxpool: 9", "conv: {filters: 4, kernel: [3, 6], padding: 1}"],
      message: "net.yaml:3:32: conv1: kernel 3x6 does not fit a map of 3x3 padded to 5x5: "
        + "make it smaller, or the map larger"),
    Mistake(
      layers: ["conv: {filters: 4, dilation: 14, padding: valid}"],
      message: "net.yaml:2:5: conv1: kernel 3x3, dilated to 29x29, does not fit a map of "
        + "28x28: make it smaller, or the map larger"),
    Mistake(
      layers: ["maxpool: 29"],
      message: "net.yaml:2:14: maxpool1: size 29x29 does not fit a map of 28x28: "
        + "make it smaller, or the map larger"),
    Mistake(
      layers: ["maxpool: {size: [4, 3], padding: 2}"],
      message: "net.yaml:2:38: maxpool1: padding 2 is more than half of the size 4x3"),
    Mistake(
      layers: ["maxpool: {size: 4, padding: [0, [3, 0]]}"],
      message: "net.yaml:2:33: maxpool1: padding 3 is more than half of the size 4x4"),
    Mistake(
      layers: ["conv: 6", "groupnorm: 4"],
      message: "net.yaml:3:16: groupnorm1: 4 groups do not divide the channels (6)"),
    Mistake(
      layers: ["flatten", "dense: 6", "groupnorm: 6"],
      message: "net.yaml:4:16: groupnorm1: a group of 1 number has no variance: use fewer "
        + "groups"),
    Mistake(
      layers: ["reshape: [-1, -1]"],
      message: "net.yaml:2:14: reshape1: only one extent may be -1, found [-1, -1]"),
    Mistake(
      layers: ["reshape: [-1, 5]"],
      message: "net.yaml:2:14: reshape1: a map of 28x28x1 (h x w x c) has 784 numbers, "
        + "which 5 does not divide: no extent fits the -1"),
    Mistake(
      layers: ["conv: {filters: 4, groups: 2}"],
      message: "net.yaml:2:32: conv1: 2 groups do not divide the input channels (1)"),
    Mistake(
      layers: ["conv: 4", "conv: {filters: 6, groups: 4}"],
      message: "net.yaml:3:32: conv2: 4 groups do not divide the filters (6)"),
    Mistake(
      layers: ["{dense: {units: 2, weight: [[1, 2], [3, 4]]}}"], sample: [3], targets: .classes(2),
      message: "net.yaml:2:32: dense1: expected weight of shape [2, 3], found [2, 2]"),
    Mistake(
      layers: ["{dense: {units: 2, weight: [[1, 2, 3], [4, 5]]}}"], sample: [3],
      targets: .classes(2),
      message: "net.yaml:2:32: dense1: expected weight of shape [2, 3], found lists of "
        + "different lengths"),
    Mistake(
      layers: ["{dense: {units: 2, bias: [1, 2, 3]}}"], sample: [3], targets: .classes(2),
      message: "net.yaml:2:30: dense1: expected bias of shape [2], found [3]"),
    Mistake(
      layers: ["{dense: {units: 2, freeze: all}}"], sample: [3], targets: .classes(2),
      message: "net.yaml:2:3: model: all parameters are frozen: leave one to be trained"),
    Mistake(
      layers: ["conv_transpose: 8", "conv_transpose: {filters: 3, groups: 2}"],
      message: "net.yaml:3:42: conv_transpose2: 2 groups do not divide the filters (3)"),
    Mistake(
      layers: ["conv_transpose: {filters: 8, padding: 29, stride: 2, output_padding: 1}"],
      message: "net.yaml:2:43: conv_transpose1: padding cuts off all 58 rows or columns of the "
        + "result: use less"),
    Mistake(
      layers: ["conv_transpose: {filters: 8, padding: 1, stride: 2, output_padding: [1, 2]}"],
      message: "net.yaml:2:73: conv_transpose1: output_padding 2 is not less than the stride 2"),
    Mistake(
      layers: ["conv_transpose: {filters: 8, stride: 2, output_padding: 1}"],
      message: "net.yaml:2:61: conv_transpose1: padding 'same' leaves no choice of "
        + "output_padding: give the padding as a number"),
    Mistake(
      layers: ["conv_transpose: {filters: 99, kernel: 1, stride: 4096}"],
      message: "net.yaml:2:5: conv_transpose1: its output for a batch of 1, each a map of "
        + "114688x114688x99 (h x w x c), has more than 2,147,483,648 elements"),
    Mistake(
      layers: ["upsample: 4096"],
      message: "net.yaml:2:5: upsample1: its output for a batch of 1, each a map of "
        + "114688x114688x1 (h x w x c), has more than 2,147,483,648 elements"),
    Mistake(
      layers: ["flatten", "upsample: 2"],
      message:
        "net.yaml:3:5: upsample1: needs a map (h x w x c) or a sequence (steps x features), found a vector of 784"
    ),
    Mistake(
      layers: ["reshape: [28, 29]"],
      message:
        "net.yaml:2:14: reshape1: a map of 28x28x1 (h x w x c) cannot become a sequence of 28x29 "
        + "(steps x features)"),
    Mistake(
      layers: ["reshape: [7, 7, 15]"],
      message: "net.yaml:2:14: reshape1: a map of 28x28x1 (h x w x c) cannot become a map of "
        + "7x7x15 (h x w x c)"),
    Mistake(
      layers: ["concat: [[maxpool: 2], []]"],
      message:
        "net.yaml:2:13: concat1: branch 1 is a map of 14x14x1 (h x w x c), branch 2 is a map "
        + "of 28x28x1 (h x w x c): only channels may differ"),
    Mistake(
      layers: ["concat: [[flatten, {dense: 3}], []]"],
      message: "net.yaml:2:13: concat1: branch 1 is a vector of 3, branch 2 is a map of "
        + "28x28x1 (h x w x c): only channels may differ"),
    Mistake(
      layers: ["concat: [[], [{conv: {filters: 4, groups: 2}}]]"],
      message: "net.yaml:2:47: concat1/branch2/conv1: 2 groups do not divide the input "
        + "channels (1)"),
    Mistake(
      layers: ["embedding: {size: 2}"], sample: [3],
      message: "net.yaml:2:5: embedding1: needs 'entries', the rows of its table: the samples are "
        + "no text"),
    Mistake(
      layers: ["dense: 4", "embedding: {entries: 4, size: 2}"], sample: [3],
      message: "net.yaml:3:5: embedding1: takes the numbers of the samples or of a field "
        + "themselves: put it before all other layers"),
    Mistake(
      layers: ["embedding: {entries: 4, size: 2}"],
      message: "net.yaml:2:5: embedding1: needs samples that are lists of numbers, found a "
        + "map of 28x28x1 (h x w x c)"),
    Mistake(
      layers: ["maxpool: 28", "instancenorm"],
      message: "net.yaml:3:5: instancenorm1: a channel of 1 place has no variance: put it "
        + "where maps are larger"),
    Mistake(
      layers: ["flatten", "pad: 1"],
      message:
        "net.yaml:3:5: pad1: needs a map (h x w x c) or a sequence (steps x features), found a vector of 784"
    ),
    Mistake(
      layers: ["lstm: 8"],
      message: "net.yaml:2:5: lstm1: needs a sequence (steps x features), found a map of 28x28x1 "
        + "(h x w x c): 'reshape: [28, 28]' before it makes steps of the rows"),
    Mistake(
      layers: ["rnn: {units: 8, output: last}", "gru: 8"], sample: [5, 3],
      message: "net.yaml:3:5: gru1: needs a sequence (steps x features), found a vector of 8"),
    Mistake(
      layers: ["mgu: {units: 8, lengths: ends}"], sample: [5, 3],
      message: "net.yaml:2:30: mgu1: the data have no field 'ends'"),
    Mistake(
      layers: ["lstm: {units: 1, weights: {weight_ih: [[1], [2]]}}"], sample: [5, 3],
      message: "net.yaml:2:31: lstm1: expected weight_ih_l0 of shape [4, 3], found [2, 1]"),
    Mistake(
      layers: ["lstm: {units: 2, peepholes: true, weights: {weight_peephole: [[1], [2], [3]]}}"],
      sample: [5, 3],
      message: "net.yaml:2:48: lstm1: expected weight_peephole_l0 of shape [3, 2], found [3, 1]"),
    Mistake(
      layers: ["lstm: {units: 1, weights: {weight_peephole: [[1], [2], [3]]}}"], sample: [5, 3],
      message: "net.yaml:2:31: lstm1: with these settings it has no weight_peephole: leave that "
        + "out"),
    Mistake(
      layers: ["gru: {units: 8, dropout: 0.5}"], sample: [5, 3],
      message: "net.yaml:2:30: model.0.gru.dropout: drops between layers and there is one: put a "
        + "dropout layer behind it"),
    Mistake(
      layers: ["rnn: {units: 1, layers: 2, weights: {bias_ih: [1]}}"], sample: [5, 3],
      message: "net.yaml:2:41: model.0.rnn.weights: are those of one layer in one direction: "
        + "leave them out of others"),
    Mistake(
      layers: ["lstm: {units: 8, forget_bias: 1, variant: nfg}"], sample: [5, 3],
      message: "net.yaml:2:35: model.0.lstm.forget_bias: there is no forget gate: leave it out"),
    Mistake(
      layers: ["mgu: {units: 8, variant: 3, bias: false}"], sample: [5, 3],
      message: "net.yaml:2:39: model.0.mgu.bias: is all that the gate of variant 3 has: "
        + "leave it out"),
    Mistake(
      layers: ["layernorm"], sample: [1],
      message: "net.yaml:2:5: layernorm1: a sample of 1 number has no variance: put it where "
        + "there are more"),
    Mistake(
      layers: ["dense: 10"], sample: [4], loss: "{cross_entropy: {class_weights: [1, 2]}}",
      message: "net.yaml:3:39: cross_entropy: expected a weight for each of the 10 classes, "
        + "found 2"),
    Mistake(
      layers: ["dense: 1"], sample: [4], loss: "binary_cross_entropy",
      message: "net.yaml:2:5: dense1: the model ends with a vector of 1, the data has 10 "
        + "classes: end it with 'dense: 10'"),
    Mistake(
      layers: ["flatten", "dense: 12"],
      message: "net.yaml:3:5: dense1: the model ends with a vector of 12, the data has "
        + "10 classes: end it with 'dense: 10'"),
    Mistake(
      layers: ["conv: 10", "relu"],
      message: "net.yaml:3:5: relu1: the model ends with a map of 28x28x10 (h x w x c), the "
        + "data has 10 classes: end it with flatten and 'dense: 10'"),
    Mistake(
      layers: ["dense: 3"], sample: [4], loss: "mse", targets: .values(2),
      message: "net.yaml:2:5: dense1: the model ends with a vector of 3, the data has "
        + "2 targets a sample: end it with 'dense: 2'"),
    Mistake(
      layers: [],
      message: "net.yaml:1:8: model: expected at least one layer, such as 'dense: 10'"),
    Mistake(
      layers: ["relu", "softmax"], sample: [10],
      message: "net.yaml:2:3: model: no layer has anything to train: add a dense layer"),
    Mistake(
      layers: ["dense: {units: 8, name: a}", "dense: {units: 10, name: a}"], sample: [4],
      message: "net.yaml:3:30: two layers are called 'a', the other at net.yaml:2:29: "
        + "give one of them another name"),
    Mistake(
      layers: ["relu", "dense: {units: 10, name: relu1}"], sample: [4],
      message: "net.yaml:3:30: two layers are called 'relu1', the other at net.yaml:2:5: "
        + "give one of them another name"),
    Mistake(
      layers: ["dense: {units: 10, name: a/b}"], sample: [4],
      message: "net.yaml:2:30: expected a layer name of letters, digits, '_' and '-', "
        + "found \"a/b\""),
    Mistake(
      layers: ["dense: 1000000000", "dense: 10"], sample: [1000],
      message: "net.yaml:2:5: dense1: weight of shape [1000000000, 1000] brings the model "
        + "beyond 2,147,483,648 parameters"),
    Mistake(
      layers: ["dense: 1000000000", "dense: 2", "dense: 1000000000"], sample: [1],
      message: "net.yaml:3:5: dense2: weight of shape [2, 1000000000] brings the model beyond "
        + "2,147,483,648 parameters"),
    Mistake(
      layers: ["conv: {filters: 1000000, kernel: 1}"], sample: [4096, 4096, 1],
      message: "net.yaml:2:5: conv1: its output for a batch of 1, each a map of "
        + "4096x4096x1000000 (h x w x c), has more than 2,147,483,648 elements"),
    Mistake(
      layers: ["dense: 10"], sample: [2, 3, 28, 28],
      message: "expected samples of shape [h, w, c], [steps, f] or [f], found [2, 3, 28, 28]"),
    Mistake(
      layers: ["conv: 8", "dense: 10"], sample: [28, 4],
      message: "net.yaml:3:5: dense1: the model ends with a sequence of 28x10 (steps x "
        + "features), the data has 10 classes: end it with flatten and 'dense: 10'"),
    Mistake(
      layers: ["conv: {filters: 8, kernel: [3, 1]}", "dense: 10"], sample: [28, 4],
      message: "net.yaml:2:32: conv1: [height, width] is for maps, this is a sequence: give "
        + "one number"),
    Mistake(
      layers: ["conv: 8", "maxpool: 2"], targets: .classes(3, shape: [28, 28]),
      message: "net.yaml:3:5: maxpool1: the model ends with a map of 14x14x8 (h x w x c), "
        + "the data has 3 classes at each of 28x28 places: it is to make a map of 28x28x3: "
        + "end it with 'conv: {filters: 3, kernel: 1}' on a map of that size"),
    Mistake(
      layers: ["dense: 8"], sample: [6, 2], targets: .classes(3, shape: [6]),
      message:
        "net.yaml:2:5: dense1: the model ends with a sequence of 6x8 (steps x features), the "
        + "data has 3 classes at each of 6 places: it is to make 6x3 of a sample: end it with "
        + "'dense: 3', which works step by step"),
    Mistake(
      layers: ["dense: 4"], sample: [4], loss: "{mse: {target: masks}}",
      message: "net.yaml:3:22: loss.mse.target: the data have no field 'masks' to compare "
        + "with (known: samples): 'samples' makes an autoencoder; left out, it is the "
        + "labels or targets of the dataset"),
    Mistake(
      layers: ["dense: 10"], sample: [.max, .max, .max],
      message: "a batch of 1 samples, each a map of \(Int.max)x\(Int.max)x\(Int.max) (h x w "
        + "x c), has more than 2,147,483,648 elements: use a smaller batch or more shards"),
  ]

  @Test(arguments: mistakes)
  func isToldWithItsPlace(mistake: Mistake) {
    let error = #expect(throws: Failure.self) {
      try network(
        mistake.layers, loss: mistake.loss, sample: mistake.sample, targets: mistake.targets)
    }
    #expect(error?.message == mistake.message)
    #expect(error?.code == (mistake.sample.rank == 4 ? .badData : .badConfiguration))
  }

  @Test func mistakesOfTheCommandLineHaveItsExitCode() {
    let error = #expect(throws: Failure.self) {
      try network(
        ["maxpool: {size: 2}", "flatten", "dense: 10"], set: ["model.0.maxpool.size=30"])
    }
    #expect(
      error
        == Failure(
          .usage,
          "--set model.0.maxpool.size: maxpool1: size 30x30 does not fit a map of 28x28: "
            + "make it smaller, or the map larger"))
  }

  @Test func programsOfTooManySamplesAreRefused() throws {
    let network = try network(["conv: 64", "flatten", "dense: 10"])
    let layer = #expect(throws: Failure.self) { try network.trainingProgram(samples: 100_000) }
    #expect(
      layer?.message == "net.yaml:2:5: conv1: its output for a batch of 100,000, each a map of "
        + "28x28x64 (h x w x c), has more than 2,147,483,648 elements")
    #expect(throws: Failure.self) { try network.evaluationProgram(samples: .max) }
  }

  @Test func unknownLayersAndLossesAreToldWithTheNearest() {
    let layer = #expect(throws: Failure.self) { try network(["cnov: 3"]) }
    #expect(
      layer?.message == "net.yaml:2:5: unknown layer 'cnov' in model.0 (did you mean 'conv'?)")
    let loss = #expect(throws: Failure.self) { try network(["dense: 10"], loss: "crossentropy") }
    #expect(
      loss?.message
        == "net.yaml:3:7: unknown loss 'crossentropy' in loss (did you mean 'cross_entropy'?)")
  }
}
