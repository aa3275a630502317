/// What a network is to predict.
enum Outcome: Equatable {
  /// The number of classes, and of samples in the smallest.
  case classes(Int, fewest: Int)
  case numbers(Int)

  /// The numbers that it answers with.
  var outputs: Int {
    switch self {
    case .classes(let count, _), .numbers(let count): count
    }
  }

  /// Whether each class can be in a training, a validation and a test set.
  var isStratified: Bool {
    if case .classes(_, let fewest) = self { fewest >= 3 } else { false }
  }

  var loss: String { if case .classes = self { "cross_entropy" } else { "mse" } }
}
