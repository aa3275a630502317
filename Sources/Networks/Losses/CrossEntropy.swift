internal import Configuration
internal import Graphs

/// The negative logarithm of the probability that softmax gives to a sample's class.
///
/// It includes that softmax. Where the model ends in a softmax layer, the values before it are used
/// directly, so the softmax is not applied twice: both ways of writing the model train alike.
struct CrossEntropy: Loss {
  static let schema = Record(
    "cross_entropy",
    help: "Softmax and negative log likelihood of the class; for class labels.")

  init(_ settings: Settings) {}

  func losses(
    of results: Results, against truth: Truth, in builder: inout Builder
  ) throws(Misfit) -> Value {
    switch truth {
    case .labels(let labels, _):
      return builder.emit(.composite(.softmaxCrossEntropy), results.logits, labels)
    case .targets:
      throw Misfit("needs class labels, the data has real numbers: use mse")
    }
  }
}
