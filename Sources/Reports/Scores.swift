/// The loss and the metrics over a set of samples.
package struct Scores: Equatable, Sendable {
  package let loss: Double
  package let metrics: [Metric]

  package init(loss: Double, metrics: [Metric] = []) {
    self.loss = loss
    self.metrics = metrics
  }
}

/// A figure beside the loss, such as the accuracy.
package struct Metric: Equatable, Sendable {
  package enum Form: Sendable {
    /// A part of the whole, shown in percent.
    case fraction
    case number
  }

  package let name: String
  package let value: Double
  package let form: Form

  package init(_ name: String, _ value: Double, _ form: Form = .fraction) {
    self.name = name
    self.value = value
    self.form = form
  }

  var text: String {
    switch form {
    case .fraction: "\(name) \(value.asPercent)"
    case .number: "\(name) \(value.asFigure)"
    }
  }
}
