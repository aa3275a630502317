/// A sample and what the network should answer.
public struct TrainingData: Equatable, Sendable {
  /// As many numbers as the network has inputs.
  public var data: [Float]
  /// As many numbers as it has outputs.
  public var correct: [Float]

  /// A sample and its answer.
  public init(data dat: [Float], correct cor: [Float]) {
    data = dat
    correct = cor
  }
}
