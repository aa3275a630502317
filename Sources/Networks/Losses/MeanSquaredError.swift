package import Configuration
package import Graphs

/// The mean over outputs of (prediction - target)²; the targets of classes are one-hot.
package struct MeanSquaredError: Loss {
  package init() {}

  package static let schema = Schema(
    "mse", MeanSquaredError(),
    help: "Mean squared error over the outputs; targets of class labels are one-hot.")

  package func terms(of results: Results, against truth: Truth, in builder: inout Builder) -> Value
  {
    let errors = builder.subtract(results.predictions, builder.numbers(of: truth))
    return builder.terms(builder.multiply(errors, errors), against: truth)
  }
}
