internal import Configuration
internal import Graphs

/// The mean over outputs of (prediction - target)²; the targets of classes are one-hot.
struct MeanSquaredError: Loss {
  static let schema = Record(
    "mse", help: "Mean squared error over the outputs; targets of class labels are one-hot.")

  init(_ settings: Settings) {}

  func terms(of results: Results, against truth: Truth, in builder: inout Builder) -> Value {
    let errors = builder.subtract(results.predictions, builder.numbers(of: truth))
    return builder.terms(builder.multiply(errors, errors), against: truth)
  }
}
