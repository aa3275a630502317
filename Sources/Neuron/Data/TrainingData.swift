/// A sample and its target.
public struct TrainingData: Equatable, Sendable {
  /// A number for each input of the network.
  public var data: [Float]
  /// A number for each output.
  public var correct: [Float]

  /// A sample and its target.
  public init(data dat: [Float], correct cor: [Float]) {
    data = dat
    correct = cor
  }
}
