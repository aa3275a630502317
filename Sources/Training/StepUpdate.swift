internal import Explanations
internal import Graphs
internal import Networks
internal import Optimizers

/// What the first step of a run makes of the parameters, in Double.
struct StepUpdate {
  private let experiment: Experiment
  private let learningRate: Double
  /// Of the gradient of all trained parameters, before it is clipped.
  private let norm: Double
  private var rows: [Row]

  /// A parameter and its step.
  fileprivate struct Row {
    let parameter: Parameter
    let before: [Double]
    /// Of the loss; of an average what it follows.
    let given: [Double]
    /// With the penalty, and clipped.
    var gradient: [Double]
    var after: [Double]
    var moments: [[Double]] = []
  }

  init(_ experiment: Experiment, _ weights: [String: Tensor], gradient: (String) -> Tensor?) {
    self.experiment = experiment
    let (configuration, learner) = (experiment.configuration, experiment.learners[0])
    var rows: [Row] = learner.parameters.map { parameter in
      let before = weights[parameter.name]?.elements ?? []
      let gradient = gradient(parameter.name)?.elements ?? []
      return Row(
        parameter: parameter, before: before, given: gradient, gradient: gradient, after: before)
    }
    var squares = 0.0
    for i in rows.indices {
      let elements = 0..<rows[i].before.count
      if let penalty = configuration.penalty,
        rows[i].parameter.treatment == .trained(decays: true)
      {
        _ = unsafe penalty.add(to: &rows[i].gradient, for: elements, of: rows[i].before)
      }
      guard rows[i].parameter.role == .trained else { continue }
      squares += rows[i].gradient.reduce(0) { $0 + $1 * $1 }
    }
    norm = squares.squareRoot()
    learningRate = learner.learningRates.learningRate(afterSteps: 0)
    let step = learner.optimizer.step(1, learningRate: learningRate)
    for i in rows.indices {
      let elements = 0..<rows[i].before.count
      switch rows[i].parameter.treatment {
      case .trained(let decays):
        unsafe configuration.clipping?.apply(to: elements, of: &rows[i].gradient, norm: norm)
        rows[i].apply(step, moments: learner.optimizer.moments.count, decays: decays)
        rows[i].parameter.constraint?.apply(
          to: &rows[i].after, rows: rows[i].parameter.shape[0])
      case .frozen: break
      case .average(let momentum):
        unsafe RunningAverage.update(
          elements, of: &rows[i].after, with: rows[i].gradient, momentum: momentum)
      }
    }
    self.rows = rows
  }

  /// After the step.
  var weights: [String: Tensor] {
    var weights: [String: Tensor] = [:]
    for row in rows { weights[row.parameter.name] = Tensor(row.parameter.shape, row.after) }
    return weights
  }

  // MARK: The explanation

  /// The update of every parameter, in full of the one that is selected.
  func section(_ selected: String?) -> Explanation.Section {
    let configuration = experiment.configuration
    var notes = learner.optimizer.formulas(learningRate: learningRate)
    if configuration.penalty != nil || configuration.clipping != nil {
      notes.append(
        "g is the derivative of the loss with the penalty, clipped from norm \(norm)")
    }
    return Explanation.Section("update", notes: notes, rows.flatMap { entries($0, selected) })
  }

  private func entries(_ row: Row, _ selected: String?) -> [Explanation.Entry] {
    let (name, shape) = (row.parameter.name, row.parameter.shape)
    let isSelected = name == selected
    func entry(
      _ symbol: Formula, _ numbers: [Double], _ formula: (Int) -> Formula
    ) -> Explanation.Entry {
      Explanation.Entry(
        name, symbol, .told(numbers, shape: shape, inFull: isSelected, formula))
    }
    let symbol = Formula.name(name + "'")
    switch row.parameter.role {
    case .frozen:
      return [Explanation.Entry(name, symbol, reason: "frozen", formula: .name(name), .none)]
    case .average(let momentum):
      return [
        entry(symbol, row.after) {
          .number(1 - momentum) * .number(row.before[$0])
            + .number(momentum) * .number(row.gradient[$0])
        }
      ]
    case .trained:
      var entries: [Explanation.Entry] = []
      if row.gradient != row.given {
        entries.append(entry(.name(name + ".g"), row.gradient) { .number(row.gradient[$0]) })
      }
      for (moment, values) in zip(learner.optimizer.moments, row.moments) {
        entries.append(entry(.name("\(name).\(moment)"), values) { .number(values[$0]) })
      }
      entries.append(
        entry(symbol, row.after) { element in
          let (old, new) = (row.before[element], row.after[element])
          let slope = row.gradient[element]
          return old - learningRate * slope == new
            ? .number(old) - .number(learningRate) * .number(slope)
            : .number(old) - .number(old - new)
        })
      return entries
    }
  }

  private var configuration: RunConfiguration { experiment.configuration }
  private var learner: Learner { experiment.learners[0] }
}

extension StepUpdate.Row {
  /// Takes the step from moments of zero.
  fileprivate mutating func apply(_ step: Optimizer.Step, moments count: Int, decays: Bool) {
    let size = before.count
    var all = before + gradient + [Double](repeating: 0, count: count * size)
    unsafe all.withUnsafeMutableBufferPointer { all in
      guard let start = all.baseAddress else { return }
      unsafe step.apply(
        to: 0..<size, of: start, gradient: start + size,
        moments: (0..<count).map { unsafe start + (2 + $0) * size }, decays: decays)
    }
    after = Array(all[..<size])
    moments = (0..<count).map { Array(all[(2 + $0) * size..<(3 + $0) * size]) }
  }
}
