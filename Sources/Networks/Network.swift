package import Configuration
package import Diagnostics
package import Graphs

/// A model that fits its data: its parameters and its programs.
package struct Network: Sendable {
  /// Trained parameters in the order of the layers, then frozen ones, then running averages.
  package let parameters: [Parameter]
  /// From the samples to the outputs.
  package let layers: [LayerSummary]
  /// What losses compare with targets: one, or several with names.
  package let outputs: [NetworkOutput]
  private let model: FittedModel

  package var trainedParameters: [Parameter] { parameters.trained }

  /// The failure of a layer that normalises whole samples without its settings saying so: a file of
  /// a user must choose, a saved configuration need not.
  package let openNorm: Failure?

  /// The fields whose numbers an embedding reads, `samples` among them: they must be integers below
  /// this.
  package let indexLimits: [String: Int]

  /// The fields that layers read as lengths of sequences: their numbers must be from 1 to this.
  package let lengthLimits: [String: Int]

  /// The states that programs of training and evaluation take from batch to batch.
  package let states: [CarriedState]

  /// A model for data of this kind.
  package init(
    _ model: Model, sample: Shape, targets: TargetType?,
    fields: [TargetType.NamedField] = [], isWeighted: Bool = false
  ) throws(Failure) {
    self.model = try FittedModel(
      model, sample: sample, targets: targets, fields: fields, isWeighted: isWeighted)
    // One sample through all layers shows whether everything fits.
    let written = try self.model.forward(samples: 1, .float32, isTraining: false)
    let pass = written.pass
    try model.lora?.check(pass, of: model.layers)
    guard !pass.parameters.isEmpty else {
      throw model.failure(
        pass.frozen.isEmpty
          ? "no layer has anything to train: add a dense layer"
          : "all parameters are frozen: leave one to be trained")
    }
    outputs = written.comparisons
    parameters = pass.allParameters()
    layers = pass.summaries
    indexLimits = pass.indexLimits
    lengthLimits = pass.lengthLimits
    openNorm = pass.openNorm
    states = pass.states
  }

  /// The network of settings with the keys of a model.
  package init(
    _ settings: Settings, sample: Shape, targets: TargetType?,
    fields: [TargetType.NamedField] = [], isWeighted: Bool = false
  ) throws(Failure) {
    try self.init(
      Model(settings), sample: sample, targets: targets, fields: fields, isWeighted: isWeighted)
  }

  /// The shape of one sample: `[h, w, c]`, `[steps, f]` or `[f]`.
  package var sample: Shape { model.sample }
  /// Whether some targets of the data do not count.
  package var ignoresTargets: Bool { outputs.contains { $0.targets.ignoresSome } }
  /// Those of the first output.
  package var targets: TargetType { outputs[0].targets }
  /// The field that the first output is compared with, where it is not the labels or targets of the
  /// data.
  package var targetField: String? { outputs[0].output.target }
  /// The number of elements of all parameters.
  package var parameterCount: Int { parameters.elementCount }
  /// The number of trained elements: the first of all.
  package var trainedCount: Int { trainedParameters.elementCount }
  /// The floating-point operations of the forward pass of one sample.
  package var flops: Int { layers.reduce(0) { $0 + $1.flops } }

  /// The program of one training step on `count` samples.
  ///
  /// - Inputs: `samples`; `labels` (int32) or `targets` (float32), those of each sample in their
  ///   shape, unless the loss names another field, which may be the samples; `weights` (float32
  ///   `[n]`) if samples have weights; `scale` (float32 `[1]`), one over the number of samples in
  ///   the global batch, or over the targets that count in it, in units of a sample's; and `share`
  ///   (float32 `[1]`), one over the number of samples, if there are running averages. For layers
  ///   that carry their state: `begins` (uint8 `[n]`), and each of `states` (float32 `[n, size]`).
  /// - Outputs: `losses` (`[n]`), the mean over the targets of each sample, of which those that do
  ///   not count are 0; `predictions` (of classes the last layer's values, or the probabilities of
  ///   two that share one output; beside real targets what the loss takes the outputs for, such as
  ///   probabilities); `targets` where the loss names a field; and for every parameter
  ///   `gradient/<name>`: the gradient of scale · Σ losses; zeros for one that is frozen; or for an
  ///   average what the program's samples add to its next value, share · n · (the value of these n
  ///   samples). Where outputs have names, those of the first three end with `/<layer>`, and
  ///   `losses` holds the weighted sum of all losses of a sample. Each of `states` after the last
  ///   step is an output of its name.
  package func trainingProgram(
    samples count: Int, input stored: SampleInput = .float32, loops: LoopForm = LoopForm()
  ) throws(Failure) -> Program {
    var written = try model.forward(samples: count, stored, isTraining: true, loops)
    let losses = model.total(of: &written)
    let total = outputs[0].name.isEmpty ? [] : [Output("losses", losses)]
    let gradients = written.pass.gradients(of: losses)
    return written.pass.builder.program(outputs: total + written.outputs + gradients)
  }

  /// The program that evaluates `count` samples: that of training without `scale`, gradients and
  /// dropout.
  package func evaluationProgram(
    samples count: Int, input stored: SampleInput = .float32
  ) throws(Failure) -> Program {
    let written = try model.forward(samples: count, stored, isTraining: false)
    return written.pass.builder.program(outputs: written.outputs)
  }

  /// The program that predicts for `count` samples: its output `answers` holds the probabilities or
  /// scores of classes, or the real numbers; there is one `answers/<layer>` for each of several.
  package func answeringProgram(
    samples count: Int, input stored: SampleInput = .float32
  ) throws(Failure) -> Program {
    let (pass, answers) = try model.answer(samples: count, stored)
    return pass.builder.program(outputs: answers)
  }

  /// The program of the forward pass of `samples`: its output `outputs` holds the last layer's
  /// values, and `layer/<name>` those of each layer if all are asked for.
  package func forwardProgram(
    samples: Int, ofAllLayers: Bool = false, input stored: SampleInput = .float32
  ) throws(Failure) -> Program {
    let (pass, last) = try model.layers(samples: samples, stored)
    var outputs = [Output("outputs", last)]
    if ofAllLayers {
      outputs += layers.compactMap { layer in
        pass.written[layer.name].map { Output("layer/\(layer.name)", $0.output) }
      }
    }
    return pass.builder.program(outputs: outputs)
  }

  /// The program of the forward pass of `samples` that shows what layers of some kinds make: an
  /// output `<kind>/<name>` for each, also for those inside of others; nil where there are none.
  package func probingProgram(
    samples: Int, input stored: SampleInput = .float32, of kinds: Set<String>
  ) throws(Failure) -> Program? {
    var (pass, _) = try model.layers(samples: samples, stored)
    return pass.probingProgram(of: kinds)
  }

  /// The programs that take `count` sequences one step further.
  ///
  /// All recurrent layers take their state from step to step, whether they carry it between batches
  /// or not, and all steps count. The gates and states of their cells can be outputs, too, and so
  /// can the weights of attention.
  package func stepPrograms(
    samples count: Int, input stored: SampleInput = .float32, showsCells: Bool = false
  ) throws(Failure) -> StepPrograms {
    let written = try model.step(samples: count, stored)
    let context = model.sample[0]
    var beginning: Program?
    if !written.pass.keptSteps.isEmpty, written.pass.states.isEmpty, context > 1 {
      let pass = try model.beginning(samples: count, stored, steps: context / 2)
      beginning = pass.builder.program(outputs: pass.lastSteps)
    }
    return stepPrograms(
      written, context: context, readingFirst: [], beginning: beginning, showsCells: showsCells)
  }

  /// The programs that take `count` sequences of a decoder one step further: `field` is its input,
  /// and `first` reads the samples and all other fields.
  package func decodingPrograms(
    samples count: Int, input stored: SampleInput = .float32, of field: String
  ) throws(Failure) -> StepPrograms {
    let others = model.fields.map(\.name).filter { $0 != field }
    let steps = model.fields.first { $0.name == field }?.shape[0]
    return try stepPrograms(
      model.step(samples: count, stored, of: field), context: steps,
      readingFirst: Set(["samples"] + others))
  }

  private func stepPrograms(
    _ written: (pass: ForwardPass, scores: Value), context: Int?,
    readingFirst inputs: Set<String>, beginning: Program? = nil, showsCells: Bool = false
  ) -> StepPrograms {
    var (pass, scores) = written
    let attention = showsCells ? pass.attentionWeights() : []
    var program = pass.builder.program(
      outputs: [Output("scores", scores)] + pass.lastStates + pass.lastSteps + attention)
    let cells = showsCells ? program.cellValues : []
    program = Program(
      program.instructions, outputs: program.outputs + cells, provenance: program.provenance)
    let (first, rest) = program.precomputed(from: inputs)
    return StepPrograms(
      first: first, step: rest, states: pass.states, kept: pass.keptSteps, beginning: beginning,
      context: pass.readsPosition ? context : nil, cells: cells.map(\.name),
      attention: attention.map(\.name))
  }

  /// The shape of the last layer's output for one sample.
  package static func output(of layers: LayerList, sample: Shape) throws(Failure) -> Shape {
    let model = try FittedModel(
      Model(layers, outputs: []), sample: sample, targets: nil, fields: [], isWeighted: false)
    let (pass, last) = try model.layers(samples: 1, .float32)
    return Shape(Array(pass.shape(of: last).extents.dropFirst()))
  }

  /// The range of real targets of the first output; nil where any number can be one.
  package var targetRange: ClosedRange<Float>? { outputs[0].targetRange }

  /// Whether the first output's answers for classes are probabilities.
  package var givesProbabilities: Bool { outputs[0].givesProbabilities }
}
