internal import Datasets
internal import Diagnostics
internal import Execution
internal import RunFiles

/// Continues the beginning of a text with the weights that a run has reached.
///
/// The random numbers stay the same, so that texts differ by the weights alone.
final class TextSeries {
  private let state: ModelState
  private let runner: StepRunner
  private let sampler: TextSampler
  private let prompts: [TextSampler.Prompt]

  private let watchesCells: Bool
  /// What layers did while the last texts were written: those of the first one.
  private(set) var maps: [ActivationMap] = []

  private static let length = 200

  init(_ trainer: Trainer) throws(Failure) {
    let experiment = trainer.experiment
    let (configuration, schedule) = (experiment.configuration, experiment.configuration.schedule)
    let coding = experiment.data.training.coding
    let state = trainer.state
    self.state = state
    watchesCells = schedule.writesReport
    runner = try unsafe StepRunner(
      experiment.network, configuration, coding, watchesCells: schedule.writesReport
    ) { values in unsafe state.copyWeights(to: values) }
    var settings = TextSampler.Settings(seed: configuration.seed)
    settings.length = schedule.sampleLength ?? Self.length
    sampler = try TextSampler(runner, settings, of: configuration.name)
    prompts = try sampler.prompts(
      [(schedule.samplePrompt ?? "", "train.samples.prompt")], each: schedule.sampleCount ?? 1)
  }

  /// The texts with their beginning, and a line `---` between two of them.
  func texts() throws(Failure) -> String {
    unsafe runner.replaceWeights { values in unsafe state.copyWeights(to: values) }
    // A network without such layers has nothing to record, and long texts have too much.
    let recording =
      watchesCells ? try? ActivationRecording(of: sampler, after: prompts[0]) : nil
    var texts = prompts.map(\.text)
    _ = try sampler.continueTexts(
      of: Array(prompts.prefix(1)), recording: recording
    ) { _, piece, _ in
      texts[0] += piece
      return true
    }
    maps = recording?.maps(sampler.tokeniser) ?? []
    _ = try sampler.continueTexts(of: Array(prompts.dropFirst())) { place, piece, _ in
      texts[place + 1] += piece
      return true
    }
    return texts.joined(separator: "\n---\n") + "\n"
  }
}
