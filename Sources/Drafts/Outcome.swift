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

  var loss: String { if case .classes = self { "cross_entropy" } else { "mse" } }
}
