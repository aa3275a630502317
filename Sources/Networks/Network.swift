package import Configuration
package import Diagnostics
package import Graphs

/// A model and its loss that fit each other and the data.
package struct Network: Sendable {
  /// What is trained, in the order of the layers; then what is frozen, then the averages that follow
  /// training.
  package let parameters: [Parameter]
  /// From the samples to the outputs.
  package let layers: [LayerSummary]
  private let model: Model

  package var trainedParameters: [Parameter] { parameters.trained }

  /// The keys that a configuration has for a network.
  package static let keys = [
    Key(
      "model", .layers(count: 0...10_000), default: .requiredWithout("adversarial"),
      help: "The layers, from the samples to the outputs."),
    Key(
      "loss", .variant("loss", LossKind.allCases.map { $0.type.schema }),
      default: .requiredWithout("adversarial"),
      help: "What training makes small."),
  ]

  /// What the samples' numbers must be whole and below, if an embedding reads them.
  package let indexLimit: Int?

  /// The network of settings with the keys `model` and `loss`, for data of this kind.
  package init(
    _ settings: Settings, sample: Shape, labels: LabelKind, isWeighted: Bool = false
  ) throws(Failure) {
    model = try Model(settings, sample: sample, labels: labels, isWeighted: isWeighted)
    // One sample through all layers shows whether everything fits.
    let pass = try model.forward(samples: 1, .float32, isTraining: false).pass
    guard !pass.parameters.isEmpty else {
      throw settings.failure(
        at: "model",
        pass.frozen.isEmpty
          ? "no layer has anything to train: add a dense layer"
          : "all parameters are frozen: leave one to be trained")
    }
    parameters = pass.allParameters()
    layers = pass.summaries
    indexLimit = pass.indexLimit
  }

  /// The shape of one sample: `[h, w, c]` or `[f]`.
  package var sample: Shape { model.sample }
  package var labels: LabelKind { model.labels }
  /// How many numbers all parameters hold.
  package var parameterCount: Int { parameters.elementCount }
  /// How many of them are trained: the first of all.
  package var trainedCount: Int { trainedParameters.elementCount }
  /// The floating-point operations of the forward pass of one sample.
  package var flops: Int { layers.reduce(0) { $0 + $1.flops } }

  /// The program of one training step on so many samples.
  ///
  /// - Inputs: `samples`; `labels` (int32 `[n]`) or `targets` (float32 `[n, k]`); `weights`
  ///   (float32 `[n]`) if samples have weights; and `scale` (float32 `[1]`), one over the number of
  ///   samples in the global batch.
  /// - Outputs: `losses` (`[n]`), `predictions` (`[n, k]`: of classes the last layer's values, or the
  ///   probabilities of two that share one output; beside real targets what the loss takes the outputs
  ///   for, such as probabilities), and for every
  ///   parameter `gradient/<name>`: the gradient of scale · Σ losses; zeros for one that is frozen;
  ///   or for an average what the program's samples add to its next value,
  ///   scale · n · (the value of these n samples).
  package func trainingProgram(
    samples count: Int, input stored: SampleInput = .float32
  ) throws(Failure) -> Program {
    var (pass, predictions, losses) = try model.forward(samples: count, stored, isTraining: true)
    let gradients = pass.gradients(of: losses)
    return pass.builder.program(
      outputs: [Output("losses", losses), Output("predictions", predictions)] + gradients)
  }

  /// The program that evaluates so many samples: that of training without `scale`, gradients and
  /// dropout.
  package func evaluationProgram(
    samples count: Int, input stored: SampleInput = .float32
  ) throws(Failure) -> Program {
    let (pass, predictions, losses) = try model.forward(
      samples: count, stored, isTraining: false)
    return pass.builder.program(
      outputs: [Output("losses", losses), Output("predictions", predictions)])
  }

  /// The program that answers for so many samples: its output `answers` (`[n, k]`) holds the
  /// probabilities or scores of classes, or the real numbers.
  package func answeringProgram(
    samples count: Int, input stored: SampleInput = .float32
  ) throws(Failure) -> Program {
    let (pass, answers) = try model.answer(samples: count, stored)
    return pass.builder.program(outputs: [Output("answers", answers)])
  }

  /// The program of the forward pass of so many samples: its output `outputs` holds the last layer's values,
  /// and `layer/<name>` those of each layer if all are asked for.
  package func forwardProgram(
    samples: Int, ofAllLayers: Bool = false, input stored: SampleInput = .float32
  ) throws(Failure) -> Program {
    let (builder, values) = try model.values(samples: samples, stored)
    var outputs = values.suffix(1).map { Output("outputs", $0.value) }
    if ofAllLayers { outputs += values.map { Output("layer/\($0.layer)", $0.value) } }
    return builder.program(outputs: outputs)
  }

  /// What the layers of settings with the keys `model` and `loss` make of a sample.
  package static func output(
    of settings: Settings, sample: Shape
  ) throws(Failure) -> Shape {
    let model = try Model(settings, sample: sample, labels: .values(1), isWeighted: false)
    let (builder, values) = try model.values(samples: 1, .float32)
    let shape = values.last.map { builder.shape(of: $0.value) } ?? sample
    return Shape(Array(shape.extents.dropFirst()))
  }

  /// What real targets must be within; nil where any number can be one.
  package var targetRange: ClosedRange<Float>? { model.targetRange }

  /// Whether answers for classes are probabilities, and not any scores.
  package var givesProbabilities: Bool { model.givesProbabilities }
}
