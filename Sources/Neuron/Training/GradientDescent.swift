/// The batch size of a step.
///
/// Samples are used in their order.
public enum GradientDescent: Equatable, Sendable {
  /// One.
  case sgd
  /// This number; the last step of an epoch has the rest.
  case mbgd(size: Int)
  /// All.
  case bgd

  /// The batch size for a number of samples.
  func batch(of count: Int) -> Int {
    switch self {
    case .sgd: 1
    case .mbgd(let size): min(max(1, size), count)
    case .bgd: count
    }
  }
}
