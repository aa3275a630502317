/// A type that can be trained: `Brain`, `ConvBrain`, `GAN`.
public protocol Trainable {
  /// The type of a sample with its target.
  associatedtype TrainableDatasetType
  /// Training and validation samples.
  typealias InputData = (
    training: [TrainableDatasetType], validation: [TrainableDatasetType]
  )

  /// Trains.
  func train(
    dataset: InputData,
    epochCompleted: ((_ epoch: Int, _ metrics: [Metric: Float]) -> Void)?,
    complete: ((_ metrics: [Metric: Float]) -> Void)?)

  /// Takes one step and returns the mean loss before it.
  func trainOn(_ batch: [TrainableDatasetType]) -> Float

  /// The mean loss, without training.
  func validateOn(_ batch: [TrainableDatasetType]) -> Float
}
