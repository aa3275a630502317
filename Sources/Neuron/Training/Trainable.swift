/// What can be trained: `Brain`, `ConvBrain`, `GAN`.
public protocol Trainable {
  /// A sample with what is to be learnt about it.
  associatedtype TrainableDatasetType
  /// What is trained on, and what watches it.
  typealias InputData = (
    training: [TrainableDatasetType], validation: [TrainableDatasetType]
  )

  /// Trains, and returns when it is done.
  func train(
    dataset: InputData,
    epochCompleted: ((_ epoch: Int, _ metrics: [Metric: Float]) -> Void)?,
    complete: ((_ metrics: [Metric: Float]) -> Void)?)

  /// Takes one step and returns the mean loss before it.
  func trainOn(_ batch: [TrainableDatasetType]) -> Float

  /// The mean loss, without learning anything.
  func validateOn(_ batch: [TrainableDatasetType]) -> Float
}
