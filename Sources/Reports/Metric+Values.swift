/// Metrics of real targets.
extension Metric {
  static let ofValues: [Metric] = [
    meanAbsoluteError, rootMeanSquare, determination, medianError, meanPercentageError, match,
  ]

  package static let meanAbsoluteError = Metric(
    "mae", "the mean absolute error over samples and outputs", .number, isBetterWhenGreater: false,
    from: .values(needsVariances: false) { predictions, record, place in
      for sample in 0..<predictions.samples {
        // A mean over all targets if none is ignored; else over those that count.
        let size = predictions.ignoresSome ? 1 : Double(predictions.size)
        let weight = predictions.weight(ofSample: sample)
        var (sum, counted) = (0.0, 0.0)
        for target in predictions.targets(of: sample) where predictions.isCounted(target) {
          sum += abs(predictions.error(target)) / size
          counted += 1
        }
        record.add(
          sum * weight, over: (predictions.ignoresSome ? counted : 1) * weight, to: place.own)
      }
    })

  /// For each target along the last axis one part, its mean squared error.
  package static let rootMeanSquare = Metric(
    "rmse", "the root of the mean squared error over samples and outputs", .number,
    isBetterWhenGreater: false,
    from: .values(needsVariances: false) { predictions, record, place in
      for sample in 0..<predictions.samples {
        let weight = predictions.weight(ofSample: sample)
        for target in predictions.targets(of: sample) where predictions.isCounted(target) {
          let error = predictions.error(target)
          record.add(error * error, weight: weight, to: place.own)
          if place.addsParts {
            record.add(
              error * error, weight: weight, to: place.part(target % predictions.width))
          }
        }
      }
    }, parts: .squaredErrors, value: { own, _ in own.mean?.squareRoot() })

  package static let determination = Metric(
    "r2",
    "one less the squared error over the variance of the targets, a mean over outputs that vary",
    .number, isBetterWhenGreater: true,
    from: .values(needsVariances: true) { predictions, record, place in
      for sample in 0..<predictions.samples {
        var sum = 0.0
        for target in predictions.targets(of: sample) where predictions.isCounted(target) {
          let error = predictions.error(target)
          sum += error * error * predictions.factors[target % predictions.size]
        }
        record.add(sum, weight: predictions.weight(ofSample: sample), to: place.own)
      }
    }, value: { own, _ in own.mean.map { 1 - $0 } })

  package static let medianError = Metric(
    "median_error", "the median absolute error, a mean over outputs", .number,
    isBetterWhenGreater: false, from: .wholeSet(of: .values, .medianError))

  /// As scikit-learn, a target of 0 divides as if it were a very small number.
  package static let meanPercentageError = Metric(
    "mape", "the mean absolute error over the size of its target: 0.1 is ten percent", .number,
    isBetterWhenGreater: false,
    from: .values(needsVariances: false) { predictions, record, place in
      for sample in 0..<predictions.samples {
        let weight = predictions.weight(ofSample: sample)
        for target in predictions.targets(of: sample) where predictions.isCounted(target) {
          let size = max(abs(predictions.truth(target)), Double.ulpOfOne)
          record.add(abs(predictions.error(target)) / size, weight: weight, to: place.own)
        }
      }
    })

  package static let match = Metric(
    "match",
    "the share of targets whose greatest output stands where the greatest number does; of single"
      + " outputs, those that are less than a half from their target",
    .fraction, isBetterWhenGreater: true,
    from: .values(needsVariances: false) { predictions, record, place in
      for row in 0..<predictions.rows where predictions.isWholeRow(row) {
        record.add(
          predictions.isRight(row) ? 1 : 0, weight: predictions.weight(ofRow: row), to: place.own)
      }
    })
}
