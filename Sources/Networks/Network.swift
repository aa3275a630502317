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
      "loss", .variant("loss", LossKind.allCases.map(\.schema)),
      default: .requiredWithout("adversarial"),
      help: "What training makes small."),
  ]

  /// What to say of a layer that normalises whole samples without having been told to: a file of a
  /// user must choose, what was saved need not.
  package let openNorm: Failure?

  /// What the samples' numbers must be whole and below, if an embedding reads them.
  package let indexLimit: Int?

  /// The network of settings with the keys `model` and `loss`, for data of this kind.
  package init(
    _ settings: Settings, sample: Shape, targets: TargetType?,
    fields: [TargetType.NamedField] = [], isWeighted: Bool = false
  ) throws(Failure) {
    model = try Model(
      settings, sample: sample, targets: targets, fields: fields, isWeighted: isWeighted)
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
    openNorm = pass.openNorm
  }

  /// The shape of one sample: `[h, w, c]`, `[steps, f]` or `[f]`.
  package var sample: Shape { model.sample }
  package var targets: TargetType { model.targets }
  /// The field that the outputs are compared with, where it is not the labels or targets of the
  /// data.
  package var targetField: String? { model.targetField }
  /// How many numbers all parameters hold.
  package var parameterCount: Int { parameters.elementCount }
  /// How many of them are trained: the first of all.
  package var trainedCount: Int { trainedParameters.elementCount }
  /// The floating-point operations of the forward pass of one sample.
  package var flops: Int { layers.reduce(0) { $0 + $1.flops } }

  /// The program of one training step on so many samples.
  ///
  /// - Inputs: `samples`; `labels` (int32) or `targets` (float32), those of each sample in their shape,
  ///   unless the loss names another field, which may be the samples; `weights` (float32 `[n]`) if samples have weights;
  ///   `scale` (float32 `[1]`), one over the number of samples in the global batch, or over the targets
  ///   that count in it, in units of a sample's; and `share` (float32 `[1]`), one over the number of
  ///   samples, if there are running averages.
  /// - Outputs: `losses` (`[n]`), the mean over the targets of each sample, of which those that do not
  ///   count are 0; `predictions` (of classes the last layer's values, or the
  ///   probabilities of two that share one output; beside real targets what the loss takes the outputs
  ///   for, such as probabilities); `targets` where the loss names a field; and for every
  ///   parameter `gradient/<name>`: the gradient of scale · Σ losses; zeros for one that is frozen;
  ///   or for an average what the program's samples add to its next value,
  ///   share · n · (the value of these n samples).
  package func trainingProgram(
    samples count: Int, input stored: SampleInput = .float32
  ) throws(Failure) -> Program {
    var (pass, outputs) = try model.forward(samples: count, stored, isTraining: true)
    let gradients = pass.gradients(of: outputs[0].value)
    return pass.builder.program(outputs: outputs + gradients)
  }

  /// The program that evaluates so many samples: that of training without `scale`, gradients and
  /// dropout.
  package func evaluationProgram(
    samples count: Int, input stored: SampleInput = .float32
  ) throws(Failure) -> Program {
    let (pass, outputs) = try model.forward(samples: count, stored, isTraining: false)
    return pass.builder.program(outputs: outputs)
  }

  /// The program that answers for so many samples: its output `answers` holds the
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
    let model = try Model(
      settings, sample: sample, targets: .values(1), fields: [], isWeighted: false)
    let (builder, values) = try model.values(samples: 1, .float32)
    let shape = values.last.map { builder.shape(of: $0.value) } ?? sample
    return Shape(Array(shape.extents.dropFirst()))
  }

  /// What real targets must be within; nil where any number can be one.
  package var targetRange: ClosedRange<Float>? { model.targetRange }

  /// Whether answers for classes are probabilities, and not any scores.
  package var givesProbabilities: Bool { model.givesProbabilities }
}
