internal import Configuration
internal import Graphs

/// The mean over outputs of |prediction - target|; the targets of classes are one-hot.
///
/// Where a prediction is right, its gradient is 0.
struct MeanAbsoluteError: Loss {
  static let schema = Record(
    "mae", help: "Mean absolute error over the outputs; targets of class labels are one-hot.")

  init(_ settings: Settings) {}

  func terms(of results: Results, against truth: Truth, in builder: inout Builder) -> Value {
    let errors = builder.subtract(results.predictions, builder.numbers(of: truth))
    return builder.terms(builder.magnitude(of: errors), against: truth)
  }
}
