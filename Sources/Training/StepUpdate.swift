internal import Explanations
internal import Graphs
internal import Networks
internal import Optimizers

/// The update of the first step, in Double.
struct StepUpdate {
  private let experiment: Experiment
  private let before: [String: Tensor]
  private let gradients: [String: Tensor]
  private let learningRate: Double
  /// After the step.
  private(set) var weights: [String: Tensor]

  init(_ experiment: Experiment, _ weights: [String: Tensor], gradient: (String) -> Tensor?) {
    self.experiment = experiment
    before = weights
    self.weights = weights
    let optimizer = experiment.configuration.optimizer
    learningRate = optimizer.learningRate
    var gradients: [String: Tensor] = [:]
    for parameter in experiment.network.parameters where !parameter.isFrozen {
      guard let gradient = gradient(parameter.name) else { continue }
      gradients[parameter.name] = gradient
      var all = weights[parameter.name]?.elements ?? []
      let count = all.count
      all += gradient.elements
      for _ in optimizer.moments { all += [Double](repeating: 0, count: count) }
      let (rate, moments) = (learningRate, optimizer.moments.count)
      unsafe all.withUnsafeMutableBufferPointer { all in
        let parts = unsafe (0..<2 + moments).map { k in
          unsafe UnsafeMutableBufferPointer(rebasing: all[k * count..<(k + 1) * count])
        }
        unsafe optimizer.update(
          parts[0], gradient: UnsafeBufferPointer(parts[1]), moments: Array(parts[2...]),
          step: 1, learningRate: rate)
      }
      self.weights[parameter.name] = Tensor(parameter.shape, Array(all[..<count]))
    }
    self.gradients = gradients
  }

  /// The update of every parameter, in full of the one that is selected.
  func section(_ selected: String?) -> Explanation.Section {
    Explanation.Section(
      "update", experiment.network.parameters.compactMap { parameter in
        guard let old = before[parameter.name]?.elements,
          let new = weights[parameter.name]?.elements
        else { return nil }
        guard let gradient = gradients[parameter.name]?.elements else {
          return Explanation.Entry(
            parameter.name, .name(parameter.name + "'"), reason: "frozen",
            formula: .name(parameter.name), .none)
        }
        return Explanation.Entry(
          parameter.name, .name(parameter.name + "'"),
          .told(new, shape: parameter.shape, inFull: parameter.name == selected) { element in
            let step = old[element] - new[element]
            return old[element] - learningRate * gradient[element] == new[element]
              ? .number(old[element]) - .number(learningRate) * .number(gradient[element])
              : .number(old[element]) - .number(step)
          })
      })
  }
}
