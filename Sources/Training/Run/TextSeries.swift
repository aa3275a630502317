internal import Datasets
internal import Diagnostics
internal import Execution

/// Continues the beginning of a text with the weights that a run has reached.
///
/// The random numbers stay the same, so that texts differ by the weights alone.
final class TextSeries {
  private let state: ModelState
  private let runner: StepRunner
  private let sampler: TextSampler
  private let prompts: [TextSampler.Prompt]

  private static let length = 200

  init(_ trainer: Trainer) throws(Failure) {
    let experiment = trainer.experiment
    let (configuration, schedule) = (experiment.configuration, experiment.configuration.schedule)
    let coding = experiment.data.training.coding
    let state = trainer.state
    self.state = state
    runner = try unsafe StepRunner(
      experiment.network, configuration, coding
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
    var texts = prompts.map(\.text)
    _ = try sampler.continueTexts(of: prompts) { place, piece, _ in
      texts[place] += piece
      return true
    }
    return texts.joined(separator: "\n---\n") + "\n"
  }
}
