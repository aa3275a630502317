/// The set that a sample of the training files belongs to.
enum SamplePart: UInt8, Sendable {
  case training, validation, test
  /// Of no set, as a record that is dropped.
  case none
}
