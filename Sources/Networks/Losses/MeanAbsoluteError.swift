package import Configuration
package import Graphs

/// The mean over outputs of |prediction - target|; the targets of classes are one-hot.
///
/// Where a prediction is right, its gradient is 0.
package struct MeanAbsoluteError: Loss {
  package init() {}

  package static let schema = Schema(
    "mae", MeanAbsoluteError(),
    help: "Mean absolute error over the outputs; targets of class labels are one-hot.")

  package func terms(of results: Results, against truth: Truth, in builder: inout Builder) -> Value
  {
    let errors = builder.subtract(results.predictions, builder.numbers(of: truth))
    return builder.terms(builder.magnitude(of: errors), against: truth)
  }
}
