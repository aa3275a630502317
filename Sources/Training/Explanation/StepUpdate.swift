internal import Explanations
internal import Graphs
internal import Networks
internal import Optimizers

/// The first update of all parameters, in Double.
struct StepUpdate {
  private let experiment: Experiment
  private let rule: UpdateRule
  private let learningRate: Double
  /// The norm of the gradient of all trained parameters, before clipping.
  private let norm: Double
  private let rows: [Row]

  /// A parameter before and after the step.
  private struct Row {
    let parameter: Parameter
    let before: [Double]
    /// The gradient of the loss; for a running average, the batch's value.
    let given: [Double]
    /// The parameter after the step; its gradient includes the penalty and is clipped.
    var piece: UpdateRule.Piece<Double>
  }

  init(_ experiment: Experiment, _ weights: [String: Tensor], gradient: (String) -> Tensor?) {
    self.experiment = experiment
    let group = experiment.parameterGroups[0]
    let rule = UpdateRule(group, of: experiment.configuration)
    self.rule = rule
    learningRate = rule.learningRate(afterSteps: 0)
    var (rows, squares) = ([] as [Row], 0.0)
    for parameter in group.parameters {
      let before = weights[parameter.name]?.elements ?? []
      let given = gradient(parameter.name)?.elements ?? []
      var piece = UpdateRule.Piece(parameter.updateKind, weights: before, gradient: given)
      piece.penalise(by: rule)
      if parameter.role == .trained { squares += piece.gradient.reduce(0) { $0 + $1 * $1 } }
      rows.append(Row(parameter: parameter, before: before, given: given, piece: piece))
    }
    norm = squares.squareRoot()
    for i in rows.indices {
      rows[i].piece.takeFirstStep(by: rule, norm: norm)
      if let constraint = rows[i].parameter.constraint {
        rows[i].piece.constrain(by: constraint, rows: rows[i].parameter.shape[0])
      }
    }
    self.rows = rows
  }

  /// The parameters after the step.
  var weights: [String: Tensor] {
    var weights: [String: Tensor] = [:]
    for row in rows { weights[row.parameter.name] = Tensor(row.parameter.shape, row.piece.weights) }
    return weights
  }

  // MARK: The explanation

  /// The update of every parameter; of those selected in full.
  func section(_ selection: Selection) -> Explanation.Section {
    var notes = rule.update.formulas(learningRate: learningRate)
    if rule.changesGradients {
      notes.append(
        "g is the derivative of the loss with the penalty, clipped from norm \(norm)")
    }
    return Explanation.Section("update", notes: notes, rows.flatMap { entries($0, selection) })
  }

  private func entries(_ row: Row, _ selection: Selection) -> [Explanation.Entry] {
    let (name, shape) = (row.parameter.name, row.parameter.shape)
    func entry(
      _ symbol: Formula, _ numbers: [Double], _ formula: (Int) -> Formula
    ) -> Explanation.Entry {
      Explanation.Entry(
        name, symbol,
        .shown(
          numbers, shape: shape, inFull: selection.singles(out: name),
          only: selection.elements(of: name, shape), formula))
    }
    let symbol = Formula.name(name + "'")
    switch row.parameter.role {
    case .frozen:
      return [Explanation.Entry(name, symbol, reason: "frozen", formula: .name(name), .none)]
    case .average(let momentum):
      return [
        entry(symbol, row.piece.weights) {
          .number(1 - momentum) * .number(row.before[$0])
            + .number(momentum) * .number(row.piece.gradient[$0])
        }
      ]
    case .trained:
      var entries: [Explanation.Entry] = []
      if row.piece.gradient != row.given {
        entries.append(
          entry(.name(name + ".g"), row.piece.gradient) { .number(row.piece.gradient[$0]) })
      }
      for (moment, values) in zip(group.optimizer.moments, row.piece.moments) {
        entries.append(entry(.name("\(name).\(moment)"), values) { .number(values[$0]) })
      }
      entries.append(
        entry(symbol, row.piece.weights) { element in
          let (old, new) = (row.before[element], row.piece.weights[element])
          let slope = row.piece.gradient[element]
          return old - learningRate * slope == new
            ? .number(old) - .number(learningRate) * .number(slope)
            : .number(old) - .number(old - new)
        })
      return entries
    }
  }

  private var group: ParameterGroup { experiment.parameterGroups[0] }
}
