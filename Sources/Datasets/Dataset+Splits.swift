extension Dataset {
  /// Both splits of a dataset that is made: the test set is normalised as the training set.
  static func splits(
    training: Int, test: Int,
    made: (_ split: UInt16, _ count: Int, _ normalisation: Normalisation?) -> Dataset
  ) -> (training: Dataset, test: Dataset) {
    let first = made(0, training, nil)
    return (first, made(1, test, first.normalisation))
  }
}
