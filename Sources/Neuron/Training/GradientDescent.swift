/// How many samples make a step.
///
/// They are taken in the order in which they are given.
public enum GradientDescent: Equatable, Sendable {
  /// One.
  case sgd
  /// So many; the last step of an epoch has what is left.
  case mbgd(size: Int)
  /// All.
  case bgd

  /// The samples of a step, of so many that there are.
  func batch(of count: Int) -> Int {
    switch self {
    case .sgd: 1
    case .mbgd(let size): min(max(1, size), count)
    case .bgd: count
    }
  }
}
