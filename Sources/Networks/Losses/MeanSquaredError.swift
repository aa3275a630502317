internal import Configuration
internal import Graphs

/// The mean over a sample's outputs of (prediction - target)²; the targets of classes are one-hot.
struct MeanSquaredError: Loss {
  static let schema = Record(
    "mse", help: "Mean squared error over the outputs; targets of class labels are one-hot.")

  init(_ settings: Settings) {}

  func losses(
    of results: Results, against truth: Truth, in builder: inout Builder
  ) throws(Misfit) -> Value {
    let shape = builder.shape(of: results.predictions)
    let targets =
      switch truth {
      case .labels(let labels, let classes): builder.emit(.oneHot(classes: classes), labels)
      case .targets(let targets): targets
      }
    let errors = builder.subtract(results.predictions, targets)
    let sums = builder.sum(builder.multiply(errors, errors), axes: [1])
    return builder.multiply(builder.reshape(sums, [shape[0]]), by: 1 / Double(shape[1]))
  }
}
