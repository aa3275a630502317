internal import Datasets
internal import Diagnostics

extension Splits {
  /// Refuses samples that are not the whole numbers below a limit that an embedding takes.
  func checkIndices(below limit: Int) throws(Failure) {
    for set in [training, validation, test].compactMap({ $0 }) {
      guard case .floats(let numbers) = set.elements,
        set.normalisation == Normalisation(scale: 1, mean: 0, deviation: 1)
      else {
        throw Failure(
          .badData,
          "an embedding takes whole numbers as they are, the samples of this dataset are "
            + "normalised: use a dataset of numbers, such as a table")
      }
      let isIndex = { (number: Float) in
        number >= 0 && number < Float(limit) && number == number.rounded(.down)
      }
      if let place = numbers.firstIndex(where: { !isIndex($0) }) {
        throw Failure(
          .badData,
          "sample \(place / set.sampleSize) holds \(numbers[place]) at \(place % set.sampleSize): "
            + "an embedding of \(limit.grouped) entries takes whole numbers from 0 to "
            + "\((limit - 1).grouped)")
      }
    }
  }
}
