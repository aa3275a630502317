internal import Checkpoints
internal import CommandLineOptions
internal import Datasets
internal import Diagnostics
internal import ModelFiles
internal import Reports
internal import Training

extension PredictCommand {
  /// Forecasts series beyond their ends; the data of the run give intervals.
  func forecast(_ horizon: Int, workers: Int) throws(Failure) -> [[String]] {
    guard !StoredModel.isFile(arguments.operand) else {
      throw Failure(.usage, "--horizon is for runs and checkpoints, not for model files")
    }
    try arguments.requireNoModelOptions()
    let (forecast, found, step, note) = try ResolvedCheckpoint.reading(
      arguments.operand, arguments.choice
    ) { found throws(Failure) in
      let checkpoint = try Checkpoint(opening: found.path)
      let predictor = try Predictor(checkpoint, of: arguments.layer, workers: workers)
      guard let columns = predictor.coding.columns else { throw ForecastOrigins.noSeries }
      let known = KnownCoding(predictor.coding)
      let data = try CheckpointEvaluation(checkpoint, dataFrom: found.dataFolder)
        .configuration.data
      let file =
        if let input { input } else { try data.seriesFile(as: known) }
      let origins = try ForecastOrigins(endsOf: file, columns)
      // A network can forecast without the data of its run.
      var validation: ForecastOrigins?
      var note = "no interval: the run has fewer than 20 validation windows with \(horizon) steps"
      do throws(Failure) {
        validation = try data.validationOrigins(horizon: horizon, as: known)
      } catch {
        guard error.code == .noInput else { throw error }
        note = "no interval: \(error.message)"
      }
      return (
        try SeriesForecast(predictor, from: origins, horizon: horizon, validation: validation),
        found, checkpoint.step, note
      )
    }
    for line in [found.note.map { "\(found.path): \($0)" }, forecast.hasIntervals ? nil : note]
    where !arguments.printsJSON {
      if let line { Console.standardError.print(line) }
    }
    guard arguments.printsJSON else { return forecast.fields }
    let head: [(String, JSONValue)] = [
      ("checkpoint", .string(found.path)), ("step", .integer(step)),
    ]
    return [[JSONValue.object(head + forecast.json).description]]
  }
}
